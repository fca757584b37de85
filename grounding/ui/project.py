"""Project: make one, name it, give it labels, fill it, and look after what is in it."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.services.job_kinds import ProposeJob
from grounding.ui import values
from grounding.ui.context import UIContext
from grounding.ui.events import connect
from grounding.ui.widgets import widget

COCO_LABELS, OWN_LABELS = "80 everyday things the detector knows", "My own list"


def build(context: UIContext, top: SimpleNamespace, tabs: gr.Tabs) -> SimpleNamespace:
    """`shown`: the components a refresh fills, `values(projects, now)`: what it fills them with, in the same order;
    `items`: the wall, `touched`: the events after which the editor should look again, `acts`: what ends in a
    refresh of all, as (events, handler(who, *inputs) -> id of the project to show or None, inputs)."""
    with gr.Tab("Project", id="project") as tab, gr.Column(elem_classes="pg-pane"):
        make = _make_form()
        with gr.Row(equal_height=False):
            with gr.Column(scale=3, min_width=420):
                content = _content_panel(context)
            with gr.Column(scale=2, min_width=300):
                labels, settings = _settings_panel(context)
    actions = [*_wire_creation(context, top, tabs, make), *_settings_actions(context, top, settings)]
    _wire_contents(context, top, tab, content)
    shown = [content.uploader, content.items, labels, settings.name, settings.trashed, make.form]
    touched = [content.uploader.loaded, content.items.changed, content.job.ended, labels.saved]
    return SimpleNamespace(
        shown=shown,
        values=lambda found, now: _refresh_values(context, found, now),
        items=content.items,
        touched=touched,
        acts=actions,
    )


def _refresh_values(context: UIContext, found: list, now: str | None) -> list:
    name = next((project.name for project in found if project.id == now), "")
    trashed_projects = context.store.projects(trashed=True) if context.access_policy.may_create else []
    trashed = gr.Dropdown(choices=values.project_choices(trashed_projects), value=None, visible=bool(trashed_projects))
    return [
        values.component_value(now), values.component_value(now), values.component_value(now), name, trashed,
        gr.Column(visible=now is None),
    ]


def _make_form() -> SimpleNamespace:
    with gr.Column(visible=False, elem_classes="pg-sheet", elem_id="pg-make") as form:
        gr.HTML(
            values.heading_html(
                "New project", "A project is a set of photos and videos with one list of labels. You can change both later."
            )
        )
        with gr.Row(equal_height=True):
            name = gr.Textbox(label="Name", placeholder="Street scenes", max_length=120, elem_id="pg-make-name")
            kind = gr.Radio([COCO_LABELS, OWN_LABELS], value=COCO_LABELS, label="Labels")
        own = gr.Textbox(
            label="My labels",
            placeholder="dog, red bicycle, door handle",
            info="Separated by commas or one a line",
            visible=False,
            lines=2,
        )
        with gr.Row():
            create = gr.Button("Create project", variant="primary", elem_classes="pg-fit", elem_id="pg-make-go")
            cancel = gr.Button("Cancel", elem_classes="pg-fit")
    connect(kind.change, lambda choice: gr.Textbox(visible=choice == OWN_LABELS), kind, own)
    return SimpleNamespace(form=form, name=name, kind=kind, own=own, create=create, cancel=cancel)


def _content_panel(context: UIContext) -> SimpleNamespace:
    with gr.Column(elem_classes="pg-sheet"):
        about = f"They are copied into the project; boxes and phrases are proposed right away. {context.access_policy.storage_notice}"
        gr.HTML(values.heading_html("Add photos and videos", about))
        uploader = widget("uploader", emits=("loaded",), elem_id="pg-uploader")
    with gr.Column(elem_classes="pg-sheet"):
        items = widget("items", emits=("open", "changed"), elem_id="pg-items")
        again = gr.Button("Propose again for all that is not done", elem_classes="pg-fit", elem_id="pg-propose")
        job = widget("job", emits=("ended",), elem_id="pg-propose-job")
    return SimpleNamespace(uploader=uploader, items=items, again=again, job=job)


def _settings_panel(context: UIContext) -> tuple[gr.HTML, SimpleNamespace]:
    with gr.Column(elem_classes="pg-sheet"):
        gr.HTML(values.heading_html("Labels", "Press the digit on the canvas to give a label. Boxes keep their label through a rename."))
        labels = widget("labels", emits=("saved",), elem_id="pg-labels")
    with gr.Column(elem_classes="pg-sheet"):
        gr.HTML(values.heading_html("This project", context.access_policy.retention_notice))
        name = gr.Textbox(label="Name", max_length=120, elem_id="pg-rename")
        with gr.Row():
            rename = gr.Button("Rename", elem_classes="pg-fit")
            visible = context.access_policy.may_create  # a visitor could not bring it back
            trash = gr.Button("Move project to trash", visible=visible, elem_classes="pg-fit", elem_id="pg-trash")
        trashed = gr.Dropdown([], label="Restore from trash", visible=False, interactive=True, elem_id="pg-trashed")
    return labels, SimpleNamespace(labels=labels, name=name, rename=rename, trash=trash, trashed=trashed)


def _wire_contents(context: UIContext, top: SimpleNamespace, tab: gr.Tab, content: SimpleNamespace) -> None:
    def propose(project_id, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        return values.job_value(
            context.job_services.start(ProposeJob(project_id)),
            "Proposed. Look the new boxes and phrases through on the Annotate tab.",
            nothing="There is nothing to propose for: every photo and video is done, or none has been added yet.",
        )

    connect([tab.select, content.uploader.loaded], values.component_value, top.project, content.items)
    connect(content.again.click, propose, top.project, content.job)
    connect(top.project.change, lambda: values.job_value(None), None, content.job)


def _wire_creation(context: UIContext, top: SimpleNamespace, tabs: gr.Tabs, make: SimpleNamespace) -> list:
    def open_form():
        return gr.Tabs(selected="project"), gr.Column(visible=True), ""

    def create(who, name, kind, own):
        context.access_policy.check_creation()
        return context.store.create_project(name, values.label_names(own) if kind == OWN_LABELS else context.catalog.CLASSES).id

    connect(top.create.click, open_form, None, [tabs, make.form, make.name])
    connect(make.cancel.click, lambda: gr.Column(visible=False), None, make.form)
    return [([make.create.click, make.name.submit], create, [make.name, make.kind, make.own])]


def _settings_actions(context: UIContext, top: SimpleNamespace, settings: SimpleNamespace) -> list:
    def rename(who, project_id, name):
        context.access_policy.check_access(who, project_id)
        return context.store.rename_project(project_id, name).id

    def trash(who, project_id):
        context.access_policy.check_access(who, project_id)
        context.store.trash_project(project_id)

    def restore(who, project_id):
        context.access_policy.check_access(who, project_id)
        return context.store.restore_project(project_id).id

    renamed = [settings.rename.click, settings.name.submit], rename, [top.project, settings.name]
    return [renamed, (settings.trash.click, trash, [top.project]), (settings.trashed.input, restore, [settings.trashed])]
