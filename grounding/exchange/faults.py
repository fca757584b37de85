"""Faults: what the readers of several formats say in the same words."""

from __future__ import annotations

from grounding.exchange.photos import Fault

MAX_NAMED = 20  # faults of one kind and file that are named one by one


def format_count(number: int, singular: str, plural: str = "") -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def unreadable_file(name: str, error: Exception) -> Fault:
    """A file that cannot be read; the sentence of the error names it itself."""
    return Fault(name, str(error).removeprefix(f"{name} "))


def missing_photos(file: str, missing: list[tuple[str, int]], cure: str) -> list[Fault]:
    """Photos of a file that are not there, as (where, how many boxes): each by its name, of very many the first ones
    and how many more there are."""
    faults = [Fault(where, f"is not in the folder{left_out_note(boxes)}; {cure}") for where, boxes in missing[:MAX_NAMED]]
    more = missing[MAX_NAMED:]
    if more:
        lost = left_out_note(sum(boxes for _, boxes in more), len(more))
        faults.append(Fault(file, f"tells of {format_count(len(more), 'more photo')} not in the folder{lost}; {cure}"))
    return faults


def left_out_note(boxes: int, photos: int = 1) -> str:
    """What goes with photos that are left out, in brackets; "" where it is nothing."""
    return f" ({format_count(boxes, 'box', 'boxes')} left out with {'it' if photos == 1 else 'them'})" if boxes else ""
