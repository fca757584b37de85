"""Labels: what the categories of a file are called in a project."""

from __future__ import annotations

from collections.abc import Iterable

from grounding.exchange.names import printable
from grounding.store.projects import MAX_LABEL_LENGTH


def map_categories(names: Iterable[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """{category: label}, and a note for each that is called otherwise. Two categories never become one label."""
    names = list(dict.fromkeys(names))
    whole = dict.fromkeys(name.strip() for name in names)
    labels = {name: name for name in whole if _clean_label(name) == name}
    for name in (name for name in whole if name not in labels):
        labels[name], number = _clean_label(name), 2
        while list(labels.values()).count(labels[name]) > 1:
            labels[name], number = f"{_clean_label(name)[:MAX_LABEL_LENGTH - 8]} ({number})", number + 1
    notes = [
        (
            label,
            (
                f"the category {printable(name, 60)!r} is called {label!r} here: a label is 1 to {MAX_LABEL_LENGTH} "
                "printable characters"
            ),
        )
        for name, label in labels.items()
        if name != label
    ]
    return {name: labels[name.strip()] for name in names}, notes


def _clean_label(name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in name).strip()[:MAX_LABEL_LENGTH].strip() or "unnamed"
