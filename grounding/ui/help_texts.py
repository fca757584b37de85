"""Help texts: the menu of models with their terms, as HTML built from plain text."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

_KINDS = (("DETECTORS", "Finds things"), ("GROUNDERS", "Finds what a phrase means"), ("TRACKERS", "Follows things through a video"))


def models(catalog: Any) -> str:
    """A card for every entry of the catalog: title, licence, size, note, and its model card where there is one."""
    cards = [_card(kind, entry) for name, kind in _KINDS for entry in _entries(catalog, name)]
    return f'<div class="pg-cards">{"".join(cards)}</div>'


def _entries(catalog: Any, name: str) -> list:
    menu: Mapping = getattr(catalog, name, {})
    return list(menu.values())


def _card(kind: str, entry: Any) -> str:
    size = f"{entry.size_mb:g} MB" if entry.size_mb else "no weights"
    facts = [("Licence", entry.licence), ("Size", size)]
    listed = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>" for name, value in facts)
    return (
        f'<div class="pg-model"><span class="pg-kind">{html.escape(kind)}</span><h3>{html.escape(entry.title)}</h3>'
        f"<dl>{listed}</dl><p>{html.escape(entry.note)}</p>{_model_card(entry)}</div>"
    )


def _model_card(entry: Any) -> str:
    text = getattr(entry, "card", "")
    return f"<details><summary>Model card</summary><pre>{html.escape(text)}</pre></details>" if text else ""
