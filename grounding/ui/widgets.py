"""Widgets: small pieces of the page written in plain JavaScript, each one file in `frontend/widgets/`, wrapped for Gradio."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from grounding.ui import assets

_SCRIPTS = ("base", "upload_box", "item_grid", "label_editor", "job_status", "keymap_table", "mistake_grid", "template_table")


def head() -> str:
    """The style and scripts of all widgets, to stand once in the page's head."""
    style = assets.text("widgets/page.css")
    scripts = "\n".join(f"<script>{assets.text(f'widgets/{name}.js')}</script>" for name in _SCRIPTS)
    return f'<meta name="color-scheme" content="light dark"><style>{style}</style>\n{scripts}'


def widget(name: str, emits: tuple[str, ...] = (), value: str = "{}", **kwargs: Any) -> gr.HTML:
    """One widget by its name in `window.Deixis`; its value is JSON text (`values.fresh`), what it emits are its events.

    The value never enters a template: the widget builds elements from it as text.
    """
    template = f'<div class="pg-part pg-{name}-part"></div>'
    return gr.HTML(value, html_template=template, apply_default_css=False, js_on_load=_mount(name, emits), **kwargs)


def _mount(name: str, emits: tuple[str, ...]) -> str:
    return f"""
const events = {json.dumps(list(emits))};
const part = Deixis.{name}(element.querySelector('.pg-{name}-part'), (event, data) => events.includes(event) && trigger(event, data));
const sync = () => {{ if (part && part.update) part.update(JSON.parse(props.value || '{{}}')); }};
watch('value', sync);
sync();
"""
