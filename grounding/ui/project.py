"""Project: make one, name it, give it labels, fill it, and look after what is in it."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.ui import values
from grounding.ui.context import Desk
from grounding.ui.events import on
from grounding.ui.widgets import widget

USUAL, OWN = "80 everyday things the detector knows", "My own list"


def build(desk: Desk, top: SimpleNamespace, tabs: gr.Tabs) -> SimpleNamespace:
    """`shown`: the components a refresh fills, `values(projects, now)`: what it fills them with, in the same order;
    `items`: the wall, `touched`: the events after which the editor should look again, `acts`: what ends in a
    refresh of all, as (events, handler(who, *inputs) -> id of the project to show or None, inputs)."""
    with gr.Tab("Project", id="project") as tab, gr.Column(elem_classes="pg-pane"):
        make = _make_form()
        with gr.Row(equal_height=False):
            with gr.Column(scale=3, min_width=420):
                inside = _contents(desk)
            with gr.Column(scale=2, min_width=300):
                labels, care = _care(desk)
    acts = [*_wire_making(desk, top, tabs, make), *_acts_of_care(desk, top, care)]
    _wire_contents(desk, top, tab, inside)
    shown = [inside.uploader, inside.items, labels, care.name, care.trashed, make.form]
    touched = [inside.uploader.loaded, inside.items.changed, inside.job.ended, labels.saved]
    return SimpleNamespace(
        shown=shown,
        values=lambda found, now: _shown_values(desk, found, now),
        items=inside.items,
        touched=touched,
        acts=acts,
    )


def _shown_values(desk: Desk, found: list, now: str | None) -> list:
    name = next((project.name for project in found if project.id == now), "")
    thrown = desk.store.projects(trashed=True) if desk.guests.may_create else []
    trashed = gr.Dropdown(choices=values.choices(thrown), value=None, visible=bool(thrown))
    return [values.fresh(now), values.fresh(now), values.fresh(now), name, trashed, gr.Column(visible=now is None)]


def _make_form() -> SimpleNamespace:
    with gr.Column(visible=False, elem_classes="pg-sheet", elem_id="pg-make") as form:
        gr.HTML(values.lead("New project", "A project is a set of photos and videos with one list of labels. You can change both later."))
        with gr.Row(equal_height=True):
            name = gr.Textbox(label="Name", placeholder="Street scenes", max_length=120, elem_id="pg-make-name")
            kind = gr.Radio([USUAL, OWN], value=USUAL, label="Labels")
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
    on(kind.change, lambda choice: gr.Textbox(visible=choice == OWN), kind, own)
    return SimpleNamespace(form=form, name=name, kind=kind, own=own, create=create, cancel=cancel)


def _contents(desk: Desk) -> SimpleNamespace:
    with gr.Column(elem_classes="pg-sheet"):
        about = f"They are copied into the project; boxes and phrases are proposed right away. {desk.guests.where}"
        gr.HTML(values.lead("Add photos and videos", about))
        uploader = widget("uploader", emits=("loaded",), elem_id="pg-uploader")
    with gr.Column(elem_classes="pg-sheet"):
        items = widget("items", emits=("open", "changed"), elem_id="pg-items")
        again = gr.Button("Propose again for all that is not done", elem_classes="pg-fit", elem_id="pg-propose")
        job = widget("job", emits=("ended",), elem_id="pg-propose-job")
    return SimpleNamespace(uploader=uploader, items=items, again=again, job=job)


def _care(desk: Desk) -> tuple[gr.HTML, SimpleNamespace]:
    with gr.Column(elem_classes="pg-sheet"):
        gr.HTML(values.lead("Labels", "Press the digit on the canvas to give a label. Boxes keep their label through a rename."))
        labels = widget("labels", emits=("saved",), elem_id="pg-labels")
    with gr.Column(elem_classes="pg-sheet"):
        gr.HTML(values.lead("This project", desk.guests.how_long))
        name = gr.Textbox(label="Name", max_length=120, elem_id="pg-rename")
        with gr.Row():
            rename = gr.Button("Rename", elem_classes="pg-fit")
            visible = desk.guests.may_create  # a visitor could not bring it back
            trash = gr.Button("Move project to trash", visible=visible, elem_classes="pg-fit", elem_id="pg-trash")
        trashed = gr.Dropdown([], label="Restore from trash", visible=False, interactive=True, elem_id="pg-trashed")
    return labels, SimpleNamespace(labels=labels, name=name, rename=rename, trash=trash, trashed=trashed)


def _wire_contents(desk: Desk, top: SimpleNamespace, tab: gr.Tab, inside: SimpleNamespace) -> None:
    def propose(project_id, request: gr.Request):
        desk.guests.check(request.username, project_id)
        return values.job(desk.works.propose(project_id), "Proposed. Look the new boxes and phrases through on the Annotate tab.",
                          nothing="There is nothing to propose for: every photo and video is done, or none has been added yet.")

    on([tab.select, inside.uploader.loaded], values.fresh, top.project, inside.items)
    on(inside.again.click, propose, top.project, inside.job)
    on(top.project.change, lambda: values.job(None), None, inside.job)


def _wire_making(desk: Desk, top: SimpleNamespace, tabs: gr.Tabs, make: SimpleNamespace) -> list:
    def open_form():
        return gr.Tabs(selected="project"), gr.Column(visible=True), ""

    def create(who, name, kind, own):
        desk.guests.check_creation()
        return desk.store.create_project(name, values.label_names(own) if kind == OWN else desk.catalog.CLASSES).id

    on(top.create.click, open_form, None, [tabs, make.form, make.name])
    on(make.cancel.click, lambda: gr.Column(visible=False), None, make.form)
    return [([make.create.click, make.name.submit], create, [make.name, make.kind, make.own])]


def _acts_of_care(desk: Desk, top: SimpleNamespace, care: SimpleNamespace) -> list:
    def rename(who, project_id, name):
        desk.guests.check(who, project_id)
        return desk.store.rename_project(project_id, name).id

    def trash(who, project_id):
        desk.guests.check(who, project_id)
        desk.store.trash_project(project_id)

    def restore(who, project_id):
        desk.guests.check(who, project_id)
        return desk.store.restore_project(project_id).id

    renamed = [care.rename.click, care.name.submit], rename, [top.project, care.name]
    return [renamed, (care.trash.click, trash, [top.project]), (care.trashed.input, restore, [care.trashed])]
