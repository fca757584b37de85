"""The page: header and tabs, and what happens when a person enters or chooses another project."""

from __future__ import annotations

import gradio as gr

from grounding.ui import annotate, export, header, improve, models, project, values, widgets
from grounding.ui.context import UIContext
from grounding.ui.events import PageBlocks, connect
from grounding.ui.theme import theme
from grounding.ui.widgets import page_function

__all__ = ["build", "style_options"]

READY = "() => { Deixis.theme.apply(); document.body.dataset.ready = '1'; }"


def style_options() -> dict:
    """What `gr.mount_gradio_app` wants to know of style."""
    return {"theme": theme(), "head": widgets.head()}


def build(context: UIContext) -> gr.Blocks:
    """The whole page. It opens on the project this browser had last, or else on the first."""
    with PageBlocks(title="Deixis", fill_width=True, analytics_enabled=False) as page:
        top = header.build(context.access_policy.may_create)
        with gr.Tabs(elem_id="pg-tabs", selected="annotate") as tabs:
            tab_of = {
                "annotate": annotate.build(context),
                "project": project.build(context, top, tabs),
                "improve": improve.build(context, top),
                "export": export.build(context, top),
                "models": models.build(context, top),
            }
        _wire(page, context, top, tabs, tab_of)
    return page


def _wire(page: gr.Blocks, context: UIContext, top, tabs: gr.Tabs, tab_of: dict) -> None:
    """Entering, choosing a project, and what is done to one all end in the same refresh."""
    shown = [top.project, top.busy, tab_of["annotate"].editor, *tab_of["project"].shown]

    def show(project_id, user, item, request):
        found = context.projects(request.username)
        now = values.select_project(project_id, found)
        picker = gr.Dropdown(choices=values.project_choices(found), value=now)
        return [picker, values.component_value(now), values.editor_value(now, item, user), *tab_of["project"].values(found, now)]

    def enter(remembered, user, request: gr.Request):
        return [user, *show(remembered, user, None, request)]

    def open_item(project_id, user, event: gr.EventData):
        return gr.Tabs(selected="annotate"), values.editor_value(project_id, str(event.item), user)

    def choose(project_id, user, request: gr.Request):
        return show(project_id, user, None, request)

    def with_refresh(action):
        """The act, then the page as it is afterwards, in one answer: no second event that could carry the project of before."""
        def handled(request: gr.Request, user, *inputs):
            return show(action(request.username, *inputs), user, None, request)

        return handled

    connect(page.load, enter, [top.remembered, top.user], [top.user, *shown], js=page_function("remembered"))[0].then(None, js=READY)
    connect(top.project.input, choose, [top.project, top.user], shown)
    for events, act, inputs in tab_of["project"].acts:
        connect(events, with_refresh(act), [top.user, *inputs], shown)
    connect(top.project.change, None, top.project, js=page_function("rememberProject"))
    connect([top.user.submit, top.user.blur], None, top.user, js=page_function("sign"))
    connect([tab_of["annotate"].tab.select, *tab_of["project"].touched], None, js=page_function("refreshEditor"))
    connect(
        [tab_of["project"].items.open, tab_of["improve"].mistakes.open],
        open_item,
        [top.project, top.user],
        [tabs, tab_of["annotate"].editor],
    )
