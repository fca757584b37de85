"""Errors: what a person is told of them, in a job, a route or the page."""

from __future__ import annotations

import logging

from grounding.data import new_id
from grounding.machine.errors import DiskFullError, as_machine_error
from grounding.store import Conflict, NotFound

log = logging.getLogger("deixis")


def user_message(error: Exception) -> str:
    """One plain sentence. What nobody foresaw is logged under an id, and only the id is told."""
    refusal = as_machine_error(error)
    if refusal is not None:
        log.warning("the machine refused: %s", refusal, exc_info=error)
        # it met a place that is not of the data folder, which stays untold
        outside = isinstance(refusal, DiskFullError) and refusal is not error
        return "the disk is full; free some space and try again" if outside else str(refusal)
    if isinstance(error, (ValueError, NotFound, Conflict)) and not isinstance(error, UnicodeError):
        log.info("refused: %s", error, exc_info=error)
        return str(error)
    return log_unexpected(error)


def log_unexpected(error: Exception) -> str:
    """Logs the error under an id, and tells the id only."""
    number = new_id()[:8]
    log.error("error %s", number, exc_info=error)
    return f"something went wrong here (error {number}); the log of the app says what"
