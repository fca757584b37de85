"""Models and help: which models there are, on what terms, which serve in this project, which words they
understand, which keys the editor knows."""

from __future__ import annotations

import html
from types import SimpleNamespace

import gradio as gr

from grounding.services import model_choice
from grounding.ui import help_texts, values
from grounding.ui.context import Desk
from grounding.ui.events import on
from grounding.ui.widgets import widget

SEAMS = {"detector": "Finds things", "grounder": "Finds what a phrase means", "tracker": "Follows things through a video"}
ABOUT_SERVED = (
    "Those that come with Deixis run on the processor of this server. Models of other people can be used where Deixis "
    "runs on your own machine."
)
ABOUT = (
    "All of them run on this machine. Those that come with Deixis run on its processor and need nothing: nothing is "
    "downloaded, nothing is sent. Models of other people run on its graphics card where PyTorch can use one, else on "
    "its processor; you bring them yourself: download one beforehand, then name its folder here."
)
ABOUT_CHOICE = (
    "The first finds what is proposed, the second answers when you ask, the third links what was found in the "
    "frames of a video. A model is loaded and asked about a drawn picture first; only if that works does "
    "it serve. What you decided already stays as it is."
)
ABOUT_NAMES = (
    "A folder, or an id of the Hugging Face hub that was downloaded before; more after commas, such as ,device=cpu or "
    ",precision=bfloat16. docs/models.md tells all."
)


def build(desk: Desk, top: SimpleNamespace) -> SimpleNamespace:
    """The tab. What a project uses can be chosen at home only: on a public page nobody may make the server read other models."""
    with gr.Tab("Models & help", id="models") as tab, gr.Column(elem_classes="pg-pane"):
        if desk.guests.may_create:
            _choosing(desk, top, tab)
        gr.HTML(values.lead("Models", ABOUT if desk.guests.may_create else ABOUT_SERVED))
        gr.HTML(help_texts.models(desk.catalog))
        gr.HTML(
            values.lead(
                "Phrases",
                "Write English: \u201cthe left dog\u201d, \u201cwoman in a red coat\u201d, "
                "\u201csecond cup from the right\u201d. Other languages are not understood yet.",
            )
        )
        gr.HTML(values.lead("Keys", "They work while the pointer is not in a text field. F1 or ? shows them in the editor."))
        widget("keys", elem_id="pg-keys")
    return SimpleNamespace()


def _choosing(desk: Desk, top: SimpleNamespace, tab: gr.Tab) -> None:
    with gr.Column(elem_classes="pg-sheet", elem_id="pg-choice"):
        gr.HTML(values.lead("Models of this project", ABOUT_CHOICE))
        for seam, title in SEAMS.items():
            _row(desk, top, tab, seam, title)


def _row(desk: Desk, top: SimpleNamespace, tab: gr.Tab, seam: str, title: str) -> None:
    """One model to choose: which entry, which model where it needs one, and the button that tries it."""
    menu = desk.catalog.MENUS[seam]
    first = next(iter(menu))
    with gr.Row(equal_height=True):
        pick = gr.Dropdown(
            [(entry.title, name) for name, entry in menu.items()],
            value=first,
            label=title,
            interactive=True,
            elem_id=f"pg-{seam}",
        )
        which = gr.Textbox(label="Which one", info=ABOUT_NAMES, max_length=model_choice.LONGEST, visible=False, elem_id=f"pg-{seam}-which")
        go = gr.Button("Try and use", elem_classes="pg-fit", elem_id=f"pg-{seam}-go")
    serves = gr.HTML(elem_id=f"pg-{seam}-serves")
    job = widget("job", emits=("ended",), elem_id=f"pg-{seam}-job")

    def kept(project_id, request) -> tuple[str, str]:
        if not project_id:
            return first, ""
        desk.guests.check(request.username, project_id)
        return parted(model_choice.chosen(desk.store, project_id)[seam], menu)

    def show(project_id, request: gr.Request):
        name, said = kept(project_id, request)
        return name, _which(menu[name], said), _serving(menu[name], said)

    def told(project_id, request: gr.Request):
        name, said = kept(project_id, request)
        return _serving(menu[name], said)

    def use(project_id, name, said, request: gr.Request):
        desk.guests.check(request.username, project_id)
        return values.job(desk.works.bring(project_id, seam, spelled(name, said, menu)), "It serves in this project now.")

    on([tab.select, top.project.change], show, top.project, [pick, which, serves])
    on(job.ended, told, top.project, serves)  # what was picked and typed stays, so that a slip can be mended
    on(pick.input, lambda name: _which(menu[name], ""), pick, which)
    on([go.click, which.submit], use, [top.project, pick, which], job)
    on(top.project.change, lambda: values.job(None), None, job)


def spelled(name: str, said: str, menu) -> str:
    """The name a project keeps of what was picked and typed; the first of a menu is what ships, and has the empty name."""
    if name == next(iter(menu)):
        return model_choice.SHIPPED
    return f"{name}:{said.strip()}" if said.strip() and menu[name].needs else name


def parted(kept: str, menu) -> tuple[str, str]:
    """What was picked and typed, from the name a project keeps; what is not on the menu any more is shown as the first of it."""
    name, _, said = kept.partition(":")
    return (name, said) if name in menu else (next(iter(menu)), "")


def _serving(entry, said: str) -> str:
    which = f" ({said or entry.default})" if entry.needs else ""
    return f'<p class="pg-note">In use: {html.escape(entry.title + which)}</p>'


def _which(entry, said: str) -> gr.Textbox:
    return gr.Textbox(value=said, visible=bool(entry.needs), placeholder=entry.default or entry.needs)
