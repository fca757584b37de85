"""Models and help: which models there are, on what terms, which serve in this project, which words they
understand, which keys the editor knows."""

from __future__ import annotations

import html
from types import SimpleNamespace

import gradio as gr

from grounding.services import model_choice
from grounding.services.job_kinds import SelectModelJob
from grounding.ui import help_texts, values
from grounding.ui.context import UIContext
from grounding.ui.events import connect
from grounding.ui.widgets import widget

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


def build(context: UIContext, top: SimpleNamespace) -> SimpleNamespace:
    """The tab. What a project uses can be chosen at home only: on a public page nobody may make the server read other models."""
    with gr.Tab("Models & help", id="models") as tab, gr.Column(elem_classes="pg-pane"):
        if context.access_policy.may_create:
            _choice_section(context, top, tab)
        gr.HTML(values.heading_html("Models", ABOUT if context.access_policy.may_create else ABOUT_SERVED))
        gr.HTML(help_texts.model_cards(context.catalog))
        gr.HTML(
            values.heading_html(
                "Phrases",
                "Write English: \u201cthe left dog\u201d, \u201cwoman in a red coat\u201d, "
                "\u201csecond cup from the right\u201d. Other languages are not understood yet.",
            )
        )
        gr.HTML(values.heading_html("Keys", "They work while the pointer is not in a text field. F1 or ? shows them in the editor."))
        widget("keys", elem_id="pg-keys")
    return SimpleNamespace()


def _choice_section(context: UIContext, top: SimpleNamespace, tab: gr.Tab) -> None:
    with gr.Column(elem_classes="pg-sheet", elem_id="pg-choice"):
        gr.HTML(values.heading_html("Models of this project", ABOUT_CHOICE))
        for seam in context.catalog.SEAMS.values():
            if seam.choosable:
                _choice_row(context, top, tab, seam.name, seam.title)


def _choice_row(context: UIContext, top: SimpleNamespace, tab: gr.Tab, seam: str, title: str) -> None:
    """One model to choose: which entry, which model where it needs one, and the button that tries it."""
    menu = context.catalog.SEAMS[seam].menu
    first = next(iter(menu))
    with gr.Row(equal_height=True):
        pick = gr.Dropdown(
            [(entry.title, name) for name, entry in menu.items()],
            value=first,
            label=title,
            interactive=True,
            elem_id=f"pg-{seam}",
        )
        which = gr.Textbox(
            label="Which one", info=ABOUT_NAMES, max_length=model_choice.MAX_NAME_LENGTH, visible=False, elem_id=f"pg-{seam}-which"
        )
        go = gr.Button("Try and use", elem_classes="pg-fit", elem_id=f"pg-{seam}-go")
    in_use = gr.HTML(elem_id=f"pg-{seam}-serves")
    job = widget("job", emits=("ended",), elem_id=f"pg-{seam}-job")

    def current_choice(project_id, request) -> tuple[str, str]:
        if not project_id:
            return first, ""
        context.access_policy.check_access(request.username, project_id)
        return split_choice(model_choice.chosen_models(context.store, project_id)[seam], menu)

    def show(project_id, request: gr.Request):
        name, source = current_choice(project_id, request)
        return name, _source_box(menu[name], source), _in_use_note(menu[name], source)

    def show_in_use(project_id, request: gr.Request):
        name, source = current_choice(project_id, request)
        return _in_use_note(menu[name], source)

    def use(project_id, name, source, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        return values.job_value(
            context.job_services.start(SelectModelJob(project_id, seam, join_choice(name, source, menu))), "It serves in this project now."
        )

    connect([tab.select, top.project.change], show, top.project, [pick, which, in_use])
    connect(job.ended, show_in_use, top.project, in_use)  # what was picked and typed stays, so that a slip can be mended
    connect(pick.input, lambda name: _source_box(menu[name], ""), pick, which)
    connect([go.click, which.submit], use, [top.project, pick, which], job)
    connect(top.project.change, lambda: values.job_value(None), None, job)


def join_choice(name: str, source: str, menu) -> str:
    """The name a project keeps of what was picked and typed; the first of a menu is what ships, and has the empty name."""
    if name == next(iter(menu)):
        return model_choice.SHIPPED
    return f"{name}:{source.strip()}" if source.strip() and menu[name].argument_hint else name


def split_choice(choice: str, menu) -> tuple[str, str]:
    """What was picked and typed, from the name a project keeps; what is not on the menu any more is shown as the first of it."""
    name, _, source = choice.partition(":")
    return (name, source) if name in menu else (next(iter(menu)), "")


def _in_use_note(entry, source: str) -> str:
    source_text = f" ({source or entry.default_argument})" if entry.argument_hint else ""
    return f'<p class="pg-note">In use: {html.escape(entry.title + source_text)}</p>'


def _source_box(entry, source: str) -> gr.Textbox:
    return gr.Textbox(value=source, visible=bool(entry.argument_hint), placeholder=entry.default_argument or entry.argument_hint)
