"""Models and help: which models there are, on what terms, which words they understand, which keys the editor knows."""

from __future__ import annotations

import json
from types import SimpleNamespace

import gradio as gr

from grounding.ui import canvas, help_texts, values
from grounding.ui.desk import Desk
from grounding.ui.parts import part


def build(desk: Desk) -> SimpleNamespace:
    """The tab; all of it is read once when the page is built."""
    with gr.Tab("Models & help", id="models"), gr.Column(elem_classes="pg-pane"):
        gr.HTML(values.lead("Models", "All of them run on this machine, on its processor. Their weights are part of Deixis: nothing is downloaded, nothing is sent."))
        gr.HTML(help_texts.models(desk.catalog))
        gr.HTML(values.lead("Phrases", "Write English: \u201cthe left dog\u201d, \u201cwoman in a red coat\u201d, \u201csecond cup from the right\u201d. Other languages are not understood yet."))
        gr.HTML(values.lead("Keys", "They work while the pointer is not in a text field. F1 or ? shows them in the editor."))
        part("keys", value=json.dumps({"files": canvas.address()}), elem_id="pg-keys")
    return SimpleNamespace()
