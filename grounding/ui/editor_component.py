"""The editor of the Annotate tab: our own JavaScript inside one Gradio component."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from grounding.ui.assets import address

FIELDS = ("project", "item", "user")

# `'navigate'` in quotes is what makes `.navigate(...)` an event of the component.
ON_LOAD = """
const root = element.querySelector('.deixis');
const address = root.dataset.files, base = root.dataset.base;
const failed = () => {
    const again = document.createElement('button');
    again.textContent = 'Reload the page';
    again.onclick = () => window.location.reload();
    root.replaceChildren('The editor could not be loaded. ', again);
};
const sheet = (name) => new Promise((resolve, reject) => {
    const href = `${address}/${name}`;
    if (document.querySelector(`link[href="${href}"]`)) { resolve(); return; }
    const link = Object.assign(document.createElement('link'), {rel: 'stylesheet', href, onload: resolve, onerror: reject});
    document.head.append(link);
});
const wish = () => { try { return JSON.parse(props.value || '{}'); } catch (broken) { return {}; } };
const names = ['kit/theme', 'editor/editor', 'stage/stage', 'notices/notices', 'video/timeline', 'panel/panel'];
const sheets = names.map((name) => sheet(`${name}.css`));
Promise.all([import(`${address}/editor/editor.js`), ...sheets]).then(([{mount}]) => {
    const editor = mount(root, {base, navigate: (detail) => trigger('navigate', detail)});
    watch('value', () => editor.setValue(wish()));
    editor.setValue(wish());
}, failed);
"""


class EditorComponent(gr.HTML):
    """The editor; its value says what to show: `{"project": id, "item": id or None, "user": name}`.

    The app must serve its files: put `assets.routes()` among the routes of the server. What a person does goes over REST;
    the one event, `.navigate`, tells which `project` and `item` are open (in `gr.EventData`). Never return the
    editor from its own event.
    """

    def __init__(self, value: dict | str | None = None, *, base: str = "", **settings: Any):
        super().__init__(
            value=value,
            html_template=f'<div class="deixis" data-files="{base}{address()}" data-base="{base}">'
            '<p class="dx-loading">Loading the editor …</p></div>',
            js_on_load=ON_LOAD,
            apply_default_css=False,
            container=False,
            padding=False,
            **settings,
        )

    def preprocess(self, payload: str | None) -> dict | None:
        """What the browser has, as a dict of the three known fields; None where it is anything else."""
        try:
            value = json.loads(payload) if isinstance(payload, str) else payload
        except ValueError:
            return None
        return {name: value.get(name) for name in FIELDS} if isinstance(value, dict) else None

    def postprocess(self, value: dict | str | None) -> str | None:
        """JSON text: Gradio compares strings cheaply, and objects slowly."""
        return json.dumps(value) if isinstance(value, dict) else value

    def api_info(self) -> dict[str, Any]:
        return {"type": "string"}
