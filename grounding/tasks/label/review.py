"""Review: deciding about many proposals at once, and finding what is still to do."""

from __future__ import annotations

from dataclasses import replace

from grounding.data import Annotation, new_id
from grounding.store import Store
from grounding.tasks.label.annotate import InvalidEdit, person_author


def open_proposals(store: Store, item_id: str) -> list[Annotation]:
    """The proposals of an item that nobody has decided about."""
    return [a for a in store.current(item_id) if a.state == "proposed"]


def decide_proposals(store: Store, item_id: str, person: str, state: str, min_score: float = 0.0, edit: str | None = None) -> int:
    """Accepts or rejects, as one edit, every open proposal with at least this score; the revision after it."""
    if state not in ("accepted", "rejected"):
        raise InvalidEdit(f"a proposal is accepted or rejected; got {state!r}")
    chosen = [a for a in open_proposals(store, item_id) if a.value.score >= min_score]
    author = person_author(person)
    return store.append(item_id, [a.edited(replace(a.value, state=state), author) for a in chosen], edit=edit or new_id())


def next_unfinished(store: Store, project_id: str, after: str | None = None) -> str | None:
    """The id of the next item that is not done, beginning anew at the end of the list; None if all are."""
    for start in dict.fromkeys((after, None)):
        found = [page[0] for status in ("new", "in_progress") if (page := store.items(project_id, start, 1, status))]
        if found:
            return min(found, key=lambda item: store.item_position(item.id).position).id
    return None
