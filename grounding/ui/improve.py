"""Improve: what people corrected, and what the grounder learns from it."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.ui import values
from grounding.ui.desk import Desk
from grounding.ui.events import on
from grounding.ui.parts import part



def build(desk: Desk, top: SimpleNamespace) -> SimpleNamespace:
    """The tab; nothing of it is needed elsewhere."""
    with gr.Tab("Improve", id="improve") as tab, gr.Column(elem_classes="pg-pane"):
        gr.HTML(values.lead("Improve", "Every box you move and every phrase you write, edit, accept or reject is an example. Some items are held out, so that before and after can be compared fairly."))
        with gr.Column(elem_classes="pg-sheet"):
            numbers = gr.HTML(elem_id="pg-corrections")
            start = gr.Button("Learn from the corrections", variant="primary", elem_classes="pg-fit", elem_id="pg-train-go")
            job = part("job", emits=("ended",), elem_id="pg-train-job")
        with gr.Column(elem_classes="pg-sheet"):
            gr.HTML(values.lead("Weights of this project", "New weights serve only if they beat the old ones on the held-out items. You can go back at any time."))
            versions = gr.HTML(elem_id="pg-versions")
            pick = gr.Dropdown([], label="Weights in use", interactive=True, elem_id="pg-weights")
    _wire(desk, top, tab, SimpleNamespace(numbers=numbers, start=start, job=job, versions=versions, pick=pick))
    return SimpleNamespace()


def _wire(desk: Desk, top: SimpleNamespace, tab: gr.Tab, form: SimpleNamespace) -> None:
    shown = [form.numbers, form.versions, form.pick]

    def show(project_id, request: gr.Request):
        desk.guests.check(request.username, project_id)
        return values.improvement(desk.works.corrections(project_id), desk.works.weights(project_id))

    def start(project_id, request: gr.Request):
        desk.guests.check(request.username, project_id)
        return values.job(desk.works.train(project_id), "Learned. Before and after are below.")

    def use(project_id, weights, request: gr.Request):
        desk.guests.check(request.username, project_id)
        return values.improvement(desk.works.corrections(project_id), desk.works.use_weights(project_id, weights))

    on([tab.select, form.job.ended], show, top.project, shown)
    on(form.start.click, start, top.project, form.job)
    on(form.pick.input, use, [top.project, form.pick], shown)
