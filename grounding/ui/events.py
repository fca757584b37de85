"""Events: how a press or a choice on the page becomes one call, and an error one plain sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import gradio as gr

from grounding.services.errors import log_unexpected, user_message

EVENT_SETTINGS = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


def connect(
    events: Callable | Iterable[Callable],
    handler: Callable | None,
    inputs: Any = None,
    outputs: Any = None,
    js: str | None = None,
) -> list:
    """Wires a handler to one event or several; the dependencies made, for `.success`."""
    events = [events] if callable(events) else events
    return [event(handler and explain_errors(handler), inputs, outputs, js=js, **EVENT_SETTINGS) for event in events]


class UserError(gr.Error):
    """An error whose sentence is meant for the person at the page."""

    def __init__(self, sentence: str):
        super().__init__(sentence, title="That did not work", print_exception=False)


class PageBlocks(gr.Blocks):
    """Blocks that take files only as Gradio's own uploads, and whose errors are told in our words alone: Gradio's name
    paths and choices."""

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        # else Gradio checks no path: it takes a page that is mounted for one that has not opened yet
        self.has_launched = True

    async def process_api(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return await super().process_api(*args, **kwargs)
        except UserError:
            raise
        except Exception as error:
            raise UserError(_capitalize(log_unexpected(error))) from None


def explain_errors(handler: Callable) -> Callable:
    """The handler, whose errors reach the person as a sentence; what nobody foresaw is logged, and only its id is told."""
    @functools.wraps(handler)
    def explained(*args, **kwargs):
        try:
            return handler(*args, **kwargs)
        except Exception as error:
            raise UserError(_error_sentence(error)) from None

    return explained


def _error_sentence(error: Exception) -> str:
    text = str(error) if isinstance(error, PermissionError) and not error.errno else user_message(error)
    return _capitalize(text)


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
