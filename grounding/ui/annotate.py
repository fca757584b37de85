"""Annotate: the tab with the editor. Everything inside it speaks to the routes itself."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.ui import values
from grounding.ui.context import UIContext
from grounding.ui.editor_component import EditorComponent


def build(context: UIContext) -> SimpleNamespace:
    """`tab`, and `editor`: its value says which project, item and person (`values.editor`)."""
    with gr.Tab("Annotate", id="annotate") as tab:
        editor = EditorComponent(value=values.editor_value(None, None, None), elem_id="pg-editor")
    return SimpleNamespace(editor=editor, tab=tab)
