"""Events: how a press or a choice on the page becomes one call, and an error one plain sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import gradio as gr

from grounding.jobs import explain

QUIET = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


def on(events: Callable | Iterable[Callable], handler: Callable | None, inputs: Any = None, outputs: Any = None, js: str | None = None) -> list:
    """Wires a handler to one event or several; the dependencies made, for `.success`."""
    events = [events] if callable(events) else events
    return [event(handler and plainly(handler), inputs, outputs, js=js, **QUIET) for event in events]


def plainly(handler: Callable) -> Callable:
    """The handler, whose errors reach the person as a sentence; what nobody foresaw is logged, and only its id is told."""
    @functools.wraps(handler)
    def handled(*args, **kwargs):
        try:
            return handler(*args, **kwargs)
        except gr.Error:
            raise
        except Exception as error:
            raise gr.Error(_sentence(error), title="That did not work", print_exception=False) from None

    return handled


def _sentence(error: Exception) -> str:
    text = str(error) if isinstance(error, PermissionError) and not error.errno else explain(error)
    return text[:1].upper() + text[1:].rstrip(".") + "."
