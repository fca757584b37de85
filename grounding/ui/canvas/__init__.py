"""The editor of the Annotate tab: our own JavaScript inside one Gradio component."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

ADDRESS = "/canvas"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
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
Promise.all([import(`${address}/editor.js`), sheet('theme.css'), sheet('editor.css'), sheet('panel.css')]).then(([{mount}]) => {
    const editor = mount(root, {base, navigate: (detail) => trigger('navigate', detail)});
    watch('value', () => editor.setValue(wish()));
    editor.setValue(wish());
}, failed);
"""


class Annotator(gr.HTML):
    """The editor; its value says what to show: `{"project": id, "item": id or None, "user": name}`.

    The app must serve its files: put `routes()` among the routes of the server. What a person does goes over REST;
    the one event, `.navigate`, tells which `project` and `item` are open (in `gr.EventData`). Never return the
    editor from its own event.
    """

    def __init__(self, value: dict | str | None = None, *, base: str = "", **settings: Any):
        super().__init__(
            value=value,
            html_template=f'<div class="deixis" data-files="{base}{address()}" data-base="{base}"><p class="dx-loading">Loading the editor …</p></div>',
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


@cache
def _contents() -> dict[str, bytes]:
    """The editor's files by name, read once."""
    return {file.name: file.read_bytes() for file in files(__name__).iterdir() if file.name.endswith(tuple(TYPES))}


@cache
def address() -> str:
    """Where the files are; it changes whenever one of them does, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for name, content in sorted(_contents().items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return f"{ADDRESS}/{digest.hexdigest()[:16]}"


def routes() -> list[Route]:
    """The routes that serve the editor's files, for a FastAPI or Starlette app (`app.router.routes += routes()`)."""
    return [Route(f"{address()}/{{name}}", _serve, methods=["GET"])]


def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    content = _contents().get(name)
    if content is None:
        return PlainTextResponse("there is no such file of the editor", 404)
    kind = TYPES[name[name.rindex("."):]]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(content, headers={**headers, "Content-Type": kind})
