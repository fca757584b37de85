"""Mistakes: the phrases this project's grounder gets most wrong, as pictures that open in the editor."""

from __future__ import annotations

import json
from types import SimpleNamespace

import gradio as gr

from grounding.ui import values
from grounding.ui.context import Desk
from grounding.ui.events import on
from grounding.ui.widgets import widget

ABOUT = (
    "Every accepted phrase about one box is asked of the grounder of this project. The surest of the wrong "
    "answers come first: orange is the answer, blue and dashed "
    "is what people said. A click opens the photo."
)
ABOUT_FOLDER = "Empty: the photos of this project. Or a folder of this machine in the form of Flickr30k Entities."


def build(desk: Desk, top: SimpleNamespace) -> gr.HTML:
    """The section; the part it returns emits `open` with an item's id."""
    with gr.Column(elem_classes="pg-sheet"):
        gr.HTML(values.lead("Worst mistakes", ABOUT))
        folder = gr.Textbox(
            label="Where to look",
            info=ABOUT_FOLDER,
            max_length=1000,
            visible=desk.guests.may_create,
            elem_id="pg-mistakes-folder",
        )
        start = gr.Button("Find the worst mistakes", elem_classes="pg-fit", elem_id="pg-mistakes-go")
        job = widget("job", emits=("ended",), elem_id="pg-mistakes-job")
        wall = widget("mistakes", emits=("open",), elem_id="pg-mistakes")
    latest = gr.State("")

    def begin(project_id, where, request: gr.Request):
        desk.guests.check(request.username, project_id)
        where = (where or "").strip()
        if where and not desk.guests.may_create:
            desk.guests.check_creation()
        found = desk.works.mistakes(project_id, where)
        return values.job(found, "Looked through. The worst come first."), found

    def show(project_id, job_id, request: gr.Request):
        desk.guests.check(request.username, project_id)
        return shown(desk.works.jobs.status(job_id)) if job_id else shown(None)

    on([start.click, folder.submit], begin, [top.project, folder], [job, latest])
    on(job.ended, show, [top.project, latest], wall)
    on(top.project.change, lambda: (values.job(None), "", shown(None)), None, [job, latest, wall])
    return wall


def shown(job) -> str:
    """The value of the wall: what a finished job found, nothing of any other."""
    if job is None or job.state != "done":
        return json.dumps({"rows": []})
    told = job.result
    summary = f"{told['right']:,} of {told['phrases']:,} phrases on {told['photos']:,} photos are right ({told['grounder']})."
    return json.dumps({"rows": told["rows"], "summary": summary})
