"""Mistakes: the phrases this project's grounder gets most wrong, as pictures that open in the editor."""

from __future__ import annotations

import json
from types import SimpleNamespace

import gradio as gr

from grounding.services.job_kinds import MistakesJob
from grounding.ui import values
from grounding.ui.context import UIContext
from grounding.ui.events import connect
from grounding.ui.widgets import widget

ABOUT = (
    "Every accepted phrase about one box is asked of the grounder of this project. The surest of the wrong "
    "answers come first: orange is the answer, blue and dashed "
    "is what people said. A click opens the photo."
)
ABOUT_FOLDER = "Empty: the photos of this project. Or a folder of this machine in the form of Flickr30k Entities."


def build(context: UIContext, top: SimpleNamespace) -> gr.HTML:
    """The section; the part it returns emits `open` with an item's id."""
    with gr.Column(elem_classes="pg-sheet"):
        gr.HTML(values.heading_html("Worst mistakes", ABOUT))
        folder = gr.Textbox(
            label="Where to look",
            info=ABOUT_FOLDER,
            max_length=1000,
            visible=context.access_policy.may_create,
            elem_id="pg-mistakes-folder",
        )
        start = gr.Button("Find the worst mistakes", elem_classes="pg-fit", elem_id="pg-mistakes-go")
        job = widget("job", emits=("ended",), elem_id="pg-mistakes-job")
        mistake_grid = widget("mistakes", emits=("open",), elem_id="pg-mistakes")
    latest = gr.State("")

    def begin(project_id, where, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        where = (where or "").strip()
        if where and not context.access_policy.may_create:
            context.access_policy.check_creation()
        found = context.job_services.start(MistakesJob(project_id, where))
        return values.job_value(found, "Looked through. The worst come first."), found

    def show(project_id, job_id, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        return grid_value(context.job_services.jobs.status(job_id)) if job_id else grid_value(None)

    connect([start.click, folder.submit], begin, [top.project, folder], [job, latest])
    connect(job.ended, show, [top.project, latest], mistake_grid)
    connect(top.project.change, lambda: (values.job_value(None), "", grid_value(None)), None, [job, latest, mistake_grid])
    return mistake_grid


def grid_value(job) -> str:
    """The value of the wall: what a finished job found, nothing of any other."""
    if job is None or job.state != "done":
        return json.dumps({"rows": []})
    result = job.result
    summary = f"{result['right']:,} of {result['phrases']:,} phrases on {result['photos']:,} photos are right ({result['grounder']})."
    return json.dumps({"rows": result["rows"], "summary": summary})
