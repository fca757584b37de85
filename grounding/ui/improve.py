"""Improve: what people corrected, and what the grounder learns from it."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.services import model_choice
from grounding.services.job_kinds import TrainJob
from grounding.tasks.improve import improve, weights
from grounding.ui import mistakes, templates, values
from grounding.ui.context import UIContext
from grounding.ui.events import connect
from grounding.ui.widgets import widget

ABOUT = (
    "Every box you move and every phrase you write, edit, accept or reject is an example. A fifth of the photos is held out, "
    "so that before and after can be compared fairly. It takes a few minutes; you can go on working meanwhile."
)
ABOUT_WEIGHTS = (
    "New weights serve by themselves only if they beat those in use on the held-out photos by more than chance does; "
    "fewer than five such photos are too few to tell. You can go back at any time; nothing is ever overwritten."
)


def build(context: UIContext, top: SimpleNamespace) -> SimpleNamespace:
    """The tab; `mistakes` is the part that emits `open` with an item's id."""
    with gr.Tab("Improve", id="improve") as tab, gr.Column(elem_classes="pg-pane"):
        with gr.Column(elem_classes="pg-sheet"):
            gr.HTML(values.heading_html("Learn from the corrections", ABOUT))
            numbers = gr.HTML(elem_id="pg-corrections")
            missing = gr.HTML(elem_id="pg-missing", visible=False)
            start = gr.Button("Learn from the corrections", variant="primary", elem_classes="pg-fit", elem_id="pg-train-go")
            job = widget("job", emits=("ended",), elem_id="pg-train-job")
        with gr.Column(elem_classes="pg-sheet"):
            gr.HTML(values.heading_html("Weights of this project", ABOUT_WEIGHTS))
            pick = gr.Dropdown([], label="Weights in use", interactive=True, elem_id="pg-weights")
            history = gr.HTML(elem_id="pg-versions")
        templates.build(top, tab)
        mistake_grid = mistakes.build(context, top)
    _wire(context, top, tab, SimpleNamespace(numbers=numbers, missing=missing, start=start, job=job, history=history, pick=pick))
    return SimpleNamespace(mistakes=mistake_grid)


def _wire(context: UIContext, top: SimpleNamespace, tab: gr.Tab, form: SimpleNamespace) -> None:
    def show(project_id, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        return _section_values(context, project_id)

    def start(project_id, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        return values.job_value(
            context.job_services.start(TrainJob(project_id)),
            "Learned. Before and after stand below; whether the new weights serve is said there.",
        )

    def use(project_id, name, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        weights.activate(context.store, project_id, name)
        model_choice.choose_model(context.store, project_id, "grounder", model_choice.SHIPPED)  # weights are of our own grounder
        return _section_values(context, project_id)

    shown = [form.numbers, form.missing, form.start, form.history, form.pick]
    connect([tab.select, top.project.change, form.job.ended], show, top.project, shown)
    connect(form.start.click, start, top.project, form.job)
    connect(form.pick.input, use, [top.project, form.pick], shown)
    connect(top.project.change, lambda: values.job_value(None), None, form.job)


def _section_values(context: UIContext, project_id: str) -> list:
    versions = weights.versions(context.store, project_id)
    used = next((version.name for version in versions if version.in_use), weights.SHIPPED)
    pick = gr.Dropdown(choices=values.weight_choices(versions), value=used)
    missing = improve.missing_for_training(context.store, project_id)
    numbers = values.corrections_html(improve.count_corrections(context.store, project_id))
    return [
        numbers,
        gr.HTML(values.sentence_html(missing), visible=bool(missing)),
        gr.Button(interactive=not missing),
        values.versions_html(versions),
        pick,
    ]
