"""Widgets: small pieces of the page written in plain JavaScript, each one file in `frontend/widgets/`, wrapped for Gradio."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from grounding.ui import assets


def head() -> str:
    """The style of all widgets and the switch between light and dark, to stand once in the page's head."""
    style, switch = assets.text("widgets/page.css"), assets.text("theme_switch.js")
    return f'<meta name="color-scheme" content="light dark"><style>{style}</style>\n<script>{switch}</script>'


def widget(name: str, emits: tuple[str, ...] = (), value: str = "{}", **kwargs: Any) -> gr.HTML:
    """One widget by its name in `frontend/widgets/widgets.js`; its value is JSON text (`values.fresh`), what it emits are its events.

    The value never enters a template: the widget builds elements from it as text.
    """
    template = f'<div class="pg-part pg-{name}-part"></div>'
    return gr.HTML(value, html_template=template, apply_default_css=False, js_on_load=_mount(name, emits), **kwargs)


def page_function(name: str) -> str:
    """A function of `frontend/widgets/page.js` as a `js=` of Gradio, which waits for its answer."""
    return f"async (...inputs) => (await import('{assets.address()}/widgets/page.js')).{name}(...inputs)"


def _mount(name: str, emits: tuple[str, ...]) -> str:
    return f"""
const events = {json.dumps(list(emits))};
const root = element.querySelector('.pg-{name}-part');
const emit = (event, data) => events.includes(event) && trigger(event, data);
import('{assets.address()}/widgets/widgets.js').then(({{ mountWidget }}) => {{
    const widget = mountWidget({json.dumps(name)}, root, emit);
    const sync = () => widget.update(JSON.parse(props.value || '{{}}'));
    watch('value', sync);
    sync();
}}).catch((problem) => {{ root.textContent = `This part of the page could not be loaded: ${{problem.message}}. Reload the page.`; }});
"""
