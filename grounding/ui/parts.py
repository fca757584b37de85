"""Parts: small pieces of the page written in plain JavaScript, each one file in `parts/`, wrapped for Gradio."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import gradio as gr

_SCRIPTS = ("base", "uploader", "items", "labels", "jobs", "keys", "mistakes", "templates")


def head() -> str:
    """The style and scripts of all parts, to stand once in the page's head."""
    folder = files("grounding.ui") / "parts"
    style = (folder / "page.css").read_text()
    scripts = "\n".join(f"<script>{(folder / f'{name}.js').read_text()}</script>" for name in _SCRIPTS)
    return f'<meta name="color-scheme" content="light dark"><style>{style}</style>\n{scripts}'


def part(name: str, emits: tuple[str, ...] = (), value: str = "{}", **kwargs: Any) -> gr.HTML:
    """One part by its name in `window.Deixis`; its value is JSON text (`values.fresh`), what it emits are its events.

    The value never enters a template: the part builds elements from it as text.
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
