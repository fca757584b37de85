"""Labels: what the categories of a file are called in a project."""

from __future__ import annotations

from collections.abc import Iterable

from grounding.exchange.names import readable
from grounding.store.projects import LONGEST_LABEL


def labels_for(names: Iterable[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """{category: label}, and a note for each that is called otherwise. Two categories never become one label."""
    names = list(dict.fromkeys(names))
    whole = dict.fromkeys(name.strip() for name in names)
    labels = {name: name for name in whole if _label(name) == name}
    for name in (name for name in whole if name not in labels):
        labels[name], number = _label(name), 2
        while list(labels.values()).count(labels[name]) > 1:
            labels[name], number = f"{_label(name)[:LONGEST_LABEL - 8]} ({number})", number + 1
    notes = [
        (
            label,
            (
                f"the category {readable(name, 60)!r} is called {label!r} here: a label is 1 to {LONGEST_LABEL} "
                "printable characters"
            ),
        )
        for name, label in labels.items()
        if name != label
    ]
    return {name: labels[name.strip()] for name in names}, notes


def _label(name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in name).strip()[:LONGEST_LABEL].strip() or "unnamed"
