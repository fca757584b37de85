"""The header: whose project is open, who works on it, what is being worked on, light or dark."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.ui.widgets import widget

BRAND = """
<div class="pg-brand"><svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
 stroke-linejoin="round" aria-hidden="true">
<path d="M8 4H4v4M16 4h4v4M4 16v4h4"/><path d="M11 11l9 3.4-4 1.7-1.7 4z" fill="currentColor"/></svg>Deixis</div>"""

TOGGLE = """
<button type="button" class="pg-themes" aria-label="Light or dark" title="Light or dark">
<svg class="pg-moon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
 aria-hidden="true"><path d="M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z"/></svg>
<svg class="pg-sun" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
 aria-hidden="true"><circle cx="12" cy="12" r="4"/>
<path d="M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5"/></svg>
</button>"""

ON_TOGGLE = (
    "element.querySelector('button').addEventListener('click', () => "
    "Deixis.theme.set(Deixis.theme.get() === 'dark' ? 'light' : 'dark'));"
)


def build(may_create: bool = True) -> SimpleNamespace:
    """`project` (its value is the project's id), `user`, `busy` (running work), `remembered` (what this browser had open)."""
    with gr.Row(elem_id="pg-head"):
        gr.HTML(BRAND, apply_default_css=False, js_on_load=None)
        project = gr.Dropdown([], show_label=False, container=False, label="Project", elem_id="pg-project", interactive=True)
        create = gr.Button("New project", size="sm", elem_id="pg-new", visible=may_create)
        busy = widget("jobs", elem_id="pg-busy")
        user = gr.Textbox(show_label=False, container=False, placeholder="Your name", max_length=60, label="Your name", elem_id="pg-user")
        gr.HTML(TOGGLE, apply_default_css=False, js_on_load=ON_TOGGLE)
    remembered = gr.Textbox(visible=False)
    return SimpleNamespace(project=project, create=create, busy=busy, user=user, remembered=remembered)
