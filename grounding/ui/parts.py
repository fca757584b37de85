"""Parts: small pieces of the page written in plain JavaScript, each one file in `parts/`, wrapped for Gradio."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import gradio as gr

_SCRIPTS = ("base", "uploader", "items", "labels", "jobs")


def head() -> str:
    """The style and scripts of all parts, to stand once in the page's head."""
    folder = files("grounding.ui") / "parts"
    style = (folder / "page.css").read_text()
    scripts = "\n".join(f"<script>{(folder / f'{name}.js').read_text()}</script>" for name in _SCRIPTS)
    return f'<meta name="color-scheme" content="light dark"><style>{style}</style>\n{scripts}'


class Part(gr.HTML):
    """One part by its name in `window.Deixis`; its value is a dict, sent as JSON text, and what it emits are its events.

    The value never enters a template: the part builds elements from it as text.
    """

    def __init__(self, name: str, value: dict[str, Any] | None = None, emits: tuple[str, ...] = (), **kwargs: Any):
        super().__init__(
            value=value or {},
            html_template=f'<div class="dx-part dx-{name}-part"></div>',
            apply_default_css=False,
            js_on_load=_mount(name, emits),
            **kwargs,
        )

    def preprocess(self, payload: str | None) -> dict[str, Any]:
        """What the browser holds is not needed here: a handler gets its values from events and other inputs."""
        return {}

    def postprocess(self, value: dict[str, Any] | str | None) -> str:
        """A dict as JSON text."""
        return value if isinstance(value, str) else json.dumps(value or {})


def _mount(name: str, emits: tuple[str, ...]) -> str:
    return f"""
const events = {json.dumps(list(emits))};
const part = Deixis.{name}(element.querySelector('.dx-{name}-part'), (event, data) => events.includes(event) && trigger(event, data));
const sync = () => {{ if (part && part.update) part.update(JSON.parse(props.value || '{{}}')); }};
watch('value', sync);
sync();
"""
