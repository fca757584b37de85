"""Templates: which patterns of proposed phrases people keep, and a switch for those that annoy."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.ui import values
from grounding.ui.events import connect
from grounding.ui.widgets import widget

ABOUT = (
    "Phrases are proposed by templates, patterns such as place and thing, \u201cthe left dog\u201d. "
    "Here is what people in this project made of each. "
    "Switch off one that annoys: proposals made from then on leave it out, in this project only."
)


def build(top: SimpleNamespace, tab: gr.Tab) -> gr.HTML:
    """The section; it looks again whenever the tab is opened or another project is chosen."""
    with gr.Column(elem_classes="pg-sheet"):
        gr.HTML(values.heading_html("Templates of proposed phrases", ABOUT))
        chart = widget("templates", elem_id="pg-templates")
    connect([tab.select, top.project.change], values.component_value, top.project, chart)
    return chart
