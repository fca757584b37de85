"""Help texts: the menu of models with their terms, as HTML built from plain text."""

from __future__ import annotations

import html
from typing import Any


def model_cards(catalog: Any) -> str:
    """A card for every entry of the catalog, those that come with Deixis first: title, licence, size, note, what it needs,
    and its model card."""
    entries = [(seam.title, name, entry) for seam in catalog.SEAMS.values() if seam.listed for name, entry in seam.menu.items()]
    included = "".join(_entry_html(kind, entry) for kind, _, entry in entries if not entry.argument_hint)
    external = "".join(_entry_html(kind, entry, name) for kind, name, entry in entries if entry.argument_hint)
    others = f'<h3>By others, for you to bring</h3><div class="pg-cards">{external}</div>' if external else ""
    return f'<h3>Included with Deixis</h3><div class="pg-cards">{included}</div>{others}'


def _entry_html(kind: str, entry: Any, name: str = "") -> str:
    size = f"{'about ' if name else ''}{entry.size_mb:g} MB" if entry.size_mb else "depends on the model" if name else "no weights"
    facts = [("Licence", entry.licence), ("Size", size)]
    if name:
        facts += [
            ("Name", f"{name}:..."),
            ("Takes", entry.argument_hint),
            *([("Default", entry.default_argument)] if entry.default_argument else []),
        ]
    listed = "".join(f"<dt>{html.escape(fact)}</dt><dd>{html.escape(str(value))}</dd>" for fact, value in facts)
    return (
        f'<div class="pg-model"><span class="pg-kind">{html.escape(kind)}</span><h3>{html.escape(entry.title)}</h3>'
        f"<dl>{listed}</dl><p>{html.escape(entry.note)}</p>{_model_card_html(entry)}</div>"
    )


def _model_card_html(entry: Any) -> str:
    return f"<details><summary>Model card</summary><pre>{html.escape(entry.card)}</pre></details>" if entry.card else ""
