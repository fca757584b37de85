"""Review: deciding about many proposals at once, and finding what is still to do."""

from __future__ import annotations

from grounding.data import Annotation, new_id
from grounding.store import Store
from grounding.tasks.label.annotate import Refused, author_of


def waiting(store: Store, item_id: str) -> list[Annotation]:
    """The proposals of an item that nobody has decided about."""
    return [a for a in store.current(item_id) if a.state == "proposed"]


def decide(store: Store, item_id: str, person: str, state: str, above: float = 0.0, edit: str | None = None) -> int:
    """Accepts or rejects, as one edit, every open proposal with at least this score; the revision after it."""
    if state not in ("accepted", "rejected"):
        raise Refused(f"a proposal is accepted or rejected; got {state!r}")
    chosen = [a for a in waiting(store, item_id) if a.value.get("score", 1.0) >= above]
    author = author_of(person)
    return store.append(item_id, [a.edited({**a.value, "state": state}, author) for a in chosen], edit=edit or new_id())


def next_unfinished(store: Store, project_id: str, after: str | None = None) -> str | None:
    """The id of the next item that is not done, beginning anew at the end of the list; None if all are."""
    for start in dict.fromkeys((after, None)):
        found = [page[0] for status in ("new", "in_progress") if (page := store.items(project_id, start, 1, status))]
        if found:
            return min(found, key=lambda item: store.place(item.id).position).id
    return None
