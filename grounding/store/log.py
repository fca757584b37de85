"""The log: every version of every annotation ever said, in order; and which of them stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from grounding.data import Annotation, current
from grounding.store import items, projects
from grounding.store.schema import edits, items as items_table, labels, log, standing
from grounding.store.values import Item

_labelled = sa.outerjoin(log, items_table, items_table.c.id == log.c.item).outerjoin(
    labels, sa.and_(labels.c.project == items_table.c.project, labels.c.id == log.c.label))
_rows = sa.select(log, labels.c.name.label("label_name")).select_from(_labelled)


class Stale(Exception):
    """Something an edit replaces does not stand any more."""


def append(connection, item: Item, annotations: Sequence[Annotation], edit: str) -> int:
    """Writes one edit (the item is locked by the caller); the revision it made, or made when it was first sent."""
    seen = connection.scalar(sa.select(edits.c.revision).where(edits.c.item == item.id, edits.c.edit == edit))
    if seen is not None:
        return seen
    astray = [a.media for a in annotations if a.media != item.id]
    if astray:
        raise ValueError(f"an edit of item {item.id} holds an annotation of item {astray[0]}; send it there")
    if not annotations:
        return item.revision
    placed = _place(connection, item, annotations)
    revision = item.revision + 1
    _insert(connection, item, placed, revision)
    connection.execute(edits.insert().values(item=item.id, edit=edit, revision=revision))
    by_person = any(a.by_person for a in placed)
    status = "in_progress" if item.status == "new" and by_person else item.status
    connection.execute(items_table.update().where(items_table.c.id == item.id).values(revision=revision, status=status))
    return revision


def present(connection, item_ids: Sequence[str]) -> dict[str, list[Annotation]]:
    """What stands in each of a batch of items, in the order it was said."""
    stand = _rows.join(standing, sa.and_(standing.c.item == log.c.item, standing.c.id == log.c.id))
    chosen = stand.where(standing.c.item.in_(item_ids), standing.c.alive).order_by(log.c.seq)
    found = {item_id: [] for item_id in item_ids}
    for row in connection.execute(chosen):
        found[row.item].append(_annotation(row))
    return found


def revisions(connection, item_id: str, upto: int | None = None) -> list[tuple[int, Annotation]]:
    """The whole log of an item, each version with the revision it came with."""
    chosen = _rows.where(log.c.item == item_id).order_by(log.c.seq)
    if upto is not None:
        chosen = chosen.where(log.c.revision <= upto)
    return [(row.revision, _annotation(row)) for row in connection.execute(chosen)]


def at(connection, item_id: str, revision: int) -> list[Annotation]:
    """What stood after that revision, replayed from the log."""
    return current(annotation for _, annotation in revisions(connection, item_id, revision))


def said(connection, item_id: str, column, values: Iterable[str]) -> list[Annotation]:
    """The versions whose `column` (log.c.id or log.c.object) is among the values, in order."""
    found = []
    for some in items.batches(values):
        found += connection.execute(_rows.where(log.c.item == item_id, column.in_(some)).order_by(log.c.seq)).all()
    return [_annotation(row) for row in found]


def rebuild(connection, item_id: str) -> None:
    """Writes `standing` anew from the log."""
    versions = [annotation for _, annotation in revisions(connection, item_id)]
    replaced = {old for a in versions for old in a.replaces}
    connection.execute(standing.delete().where(standing.c.item == item_id))
    rows = [_standing_row(a) for a in versions if a.id not in replaced]
    if rows:
        connection.execute(standing.insert(), rows)


class _Head(NamedTuple):
    """A version that nothing replaces."""

    id: str
    object: str
    kind: str
    alive: bool


def _place(connection, item: Item, annotations: Sequence[Annotation]) -> list[Annotation]:
    """Checks each version against what stands (or comes earlier in this edit), and resurrects what was deleted."""
    heads = _heads(connection, item, annotations)
    open_heads = defaultdict(dict)  # object -> the heads that this edit has not replaced yet, by id
    for head in heads.values():
        open_heads[head.object][head.id] = head
    placed = []
    for a in annotations:
        if a.id in heads:
            raise ValueError(f"version {a.id} was said before; give each version an id of its own")
        if any(old not in heads for old in a.replaces):
            raise Stale
        a = _over(a, open_heads[a.object].values())
        for old in a.replaces:
            open_heads[heads[old].object].pop(old, None)
        heads[a.id] = open_heads[a.object][a.id] = _Head(a.id, a.object, a.kind, a.value is not None)
        placed.append(a)
    return placed


def _over(a: Annotation, own: Iterable[_Head]) -> Annotation:
    """`a`, replacing also the deletion it undoes; `own` are the standing versions of its object."""
    for head in own:
        if head.kind != a.kind:
            raise ValueError(f"object {a.object} is a {head.kind}, not a {a.kind}; make a new object")
    left = [head for head in own if head.id not in a.replaces]
    if any(head.alive for head in left):
        raise Stale
    return replace(a, replaces=a.replaces + tuple(head.id for head in left))


def _heads(connection, item: Item, annotations: Sequence[Annotation]) -> dict[str, _Head]:
    """The standing versions that this edit speaks of, by id."""
    if item.revision == 0:
        return {}
    _refuse_known(connection, item.id, [a.id for a in annotations])
    found = {}
    ids, objects = {old for a in annotations for old in a.replaces}, {a.object for a in annotations}
    for column, wanted in ((standing.c.id, ids), (standing.c.object, objects)):
        for some in items.batches(wanted):
            chosen = sa.select(standing.c.id, standing.c.object, standing.c.kind, standing.c.alive)
            rows = connection.execute(chosen.where(standing.c.item == item.id, column.in_(some)))
            found |= {row.id: _Head(*row) for row in rows}
    return found


def _refuse_known(connection, item_id: str, ids: list[str]) -> None:
    for some in items.batches(ids):
        known = connection.scalar(sa.select(log.c.id).where(log.c.item == item_id, log.c.id.in_(some)).limit(1))
        if known:
            raise ValueError(f"version {known} was said before; give each version an id of its own")


def _insert(connection, item: Item, placed: Sequence[Annotation], revision: int) -> None:
    names = {a.value["label"] for a in placed if a.value and a.value.get("label")}
    ids = projects.label_ids(connection, item.project, names) if names else {}
    connection.execute(log.insert(), [_log_row(a, revision, ids) for a in placed])
    replaced = {old for a in placed for old in a.replaces}
    for some in items.batches(replaced) if item.revision else ():
        connection.execute(standing.delete().where(standing.c.item == item.id, standing.c.id.in_(some)))
    rows = [_standing_row(a) for a in placed if a.id not in replaced]
    connection.execute(standing.insert(), rows)


def _log_row(a: Annotation, revision: int, label_ids: dict[str, int]) -> dict:
    return {"item": a.media, "id": a.id, "object": a.object, "revision": revision, "kind": a.kind, "value": a.value,
            "label": label_ids.get((a.value or {}).get("label")), "author": a.author, "replaces": list(a.replaces), "at": a.at}


def _standing_row(a: Annotation) -> dict:
    return {"item": a.media, "id": a.id, "object": a.object, "kind": a.kind, "alive": a.value is not None}


def _annotation(row) -> Annotation:
    value = row.value
    if value is not None and row.label_name is not None:
        value = {**value, "label": row.label_name}
    return Annotation(row.item, row.kind, value, row.author, tuple(row.replaces), row.id, row.object, row.at)
