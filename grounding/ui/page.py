"""The page: header and tabs, and what happens when a person enters or chooses another project."""

from __future__ import annotations

import gradio as gr

from grounding.ui import annotate, export, header, improve, models, project, values, widgets
from grounding.ui.context import Desk
from grounding.ui.events import Page, on
from grounding.ui.theme import theme
from grounding.ui.widgets import page_function

__all__ = ["build", "looks"]

READY = "() => { Deixis.theme.apply(); document.body.dataset.ready = '1'; }"


def looks() -> dict:
    """What `gr.mount_gradio_app` wants to know of style."""
    return {"theme": theme(), "head": widgets.head()}


def build(desk: Desk) -> gr.Blocks:
    """The whole page over these tools. It opens on the project this browser had last, or else on the first."""
    with Page(title="Deixis", fill_width=True, analytics_enabled=False) as page:
        top = header.build(desk.guests.may_create)
        with gr.Tabs(elem_id="pg-tabs", selected="annotate") as tabs:
            tab_of = {
                "annotate": annotate.build(desk),
                "project": project.build(desk, top, tabs),
                "improve": improve.build(desk, top),
                "export": export.build(desk, top),
                "models": models.build(desk, top),
            }
        _wire(page, desk, top, tabs, tab_of)
    return page


def _wire(page: gr.Blocks, desk: Desk, top, tabs: gr.Tabs, tab_of: dict) -> None:
    """Entering, choosing a project, and what is done to one all end in the same refresh."""
    shown = [top.project, top.busy, tab_of["annotate"].editor, *tab_of["project"].shown]

    def show(project_id, user, item, request):
        found = desk.projects(request.username)
        now = values.chosen(project_id, found)
        picker = gr.Dropdown(choices=values.choices(found), value=now)
        return [picker, values.fresh(now), values.editor(now, item, user), *tab_of["project"].values(found, now)]

    def enter(remembered, user, request: gr.Request):
        return [user, *show(remembered, user, None, request)]

    def open_item(project_id, user, event: gr.EventData):
        return gr.Tabs(selected="annotate"), values.editor(project_id, str(event.item), user)

    def choose(project_id, user, request: gr.Request):
        return show(project_id, user, None, request)

    def ending(act):
        """The act, then the page as it is afterwards, in one answer: no second event that could carry the project of before."""
        def ended(request: gr.Request, user, *inputs):
            return show(act(request.username, *inputs), user, None, request)

        return ended

    on(page.load, enter, [top.remembered, top.user], [top.user, *shown], js=page_function("remembered"))[0].then(None, js=READY)
    on(top.project.input, choose, [top.project, top.user], shown)
    for events, act, inputs in tab_of["project"].acts:
        on(events, ending(act), [top.user, *inputs], shown)
    on(top.project.change, None, top.project, js=page_function("rememberProject"))
    on([top.user.submit, top.user.blur], None, top.user, js=page_function("sign"))
    on([tab_of["annotate"].tab.select, *tab_of["project"].touched], None, js=page_function("refreshEditor"))
    on(
        [tab_of["project"].items.open, tab_of["improve"].mistakes.open],
        open_item,
        [top.project, top.user],
        [tabs, tab_of["annotate"].editor],
    )
