"""The log: every version of every annotation ever said, in order; and which of them stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from grounding.data import Annotation, current, value_from_json
from grounding.store import items, projects
from grounding.store.schema import edits, head_versions, labels, log
from grounding.store.schema import items as items_table
from grounding.store.values import Item

_labelled = sa.outerjoin(log, items_table, items_table.c.id == log.c.item).outerjoin(
    labels, sa.and_(labels.c.project == items_table.c.project, labels.c.id == log.c.label))
_rows = sa.select(log, labels.c.name.label("label_name")).select_from(_labelled)


class StaleEdit(Exception):
    """Something an edit replaces does not stand any more."""


def append(connection, item: Item, annotations: Sequence[Annotation], edit: str) -> int:
    """Writes one edit (the item is locked by the caller); the revision it made, or made when it was first sent."""
    existing_revision = connection.scalar(sa.select(edits.c.revision).where(edits.c.item == item.id, edits.c.edit == edit))
    if existing_revision is not None:
        return existing_revision
    foreign_items = [a.media for a in annotations if a.media != item.id]
    if foreign_items:
        raise ValueError(f"an edit of item {item.id} holds an annotation of item {foreign_items[0]}; send it there")
    if not annotations:
        return item.revision
    checked = _check_versions(connection, item, annotations)
    revision = item.revision + 1
    _insert(connection, item, checked, revision)
    connection.execute(edits.insert().values(item=item.id, edit=edit, revision=revision))
    by_person = any(a.by_person for a in checked)
    status = "in_progress" if item.status == "new" and by_person else item.status
    connection.execute(items_table.update().where(items_table.c.id == item.id).values(revision=revision, status=status))
    return revision


def current_by_item(connection, item_ids: Sequence[str]) -> dict[str, list[Annotation]]:
    """What stands in each of a batch of items, in the order it was said."""
    current_rows = _rows.join(head_versions, sa.and_(head_versions.c.item == log.c.item, head_versions.c.id == log.c.id))
    chosen = current_rows.where(head_versions.c.item.in_(item_ids), head_versions.c.alive).order_by(log.c.seq)
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


def at_revision(connection, item_id: str, revision: int) -> list[Annotation]:
    """What stood after that revision, replayed from the log."""
    return current(annotation for _, annotation in revisions(connection, item_id, revision))


def versions_where(connection, item_id: str, column, values: Iterable[str]) -> list[Annotation]:
    """The versions whose `column` (log.c.id or log.c.object) is among the values, in order."""
    found = []
    for batch in items.batches(values):
        found += connection.execute(_rows.where(log.c.item == item_id, column.in_(batch)).order_by(log.c.seq)).all()
    return [_annotation(row) for row in found]


def rebuild_heads(connection, item_id: str) -> None:
    """Rebuilds the table of head versions from the log."""
    versions = [annotation for _, annotation in revisions(connection, item_id)]
    replaced = {old for a in versions for old in a.replaces}
    connection.execute(head_versions.delete().where(head_versions.c.item == item_id))
    rows = [_head_row(a) for a in versions if a.id not in replaced]
    if rows:
        connection.execute(head_versions.insert(), rows)


class _Head(NamedTuple):
    """A version that nothing replaces."""

    id: str
    object: str
    kind: str
    alive: bool


def _check_versions(connection, item: Item, annotations: Sequence[Annotation]) -> list[Annotation]:
    """Checks each version against what stands (or comes earlier in this edit), and resurrects what was deleted."""
    heads = _heads(connection, item, annotations)
    open_heads = defaultdict(dict)  # object -> the heads that this edit has not replaced yet, by id
    for head in heads.values():
        open_heads[head.object][head.id] = head
    checked = []
    for a in annotations:
        if a.id in heads:
            raise ValueError(f"version {a.id} was said before; give each version an id of its own")
        if any(old not in heads for old in a.replaces):
            raise StaleEdit
        a = _replacing_deletion(a, open_heads[a.object].values())
        for old in a.replaces:
            open_heads[heads[old].object].pop(old, None)
        heads[a.id] = open_heads[a.object][a.id] = _Head(a.id, a.object, a.kind, a.value is not None)
        checked.append(a)
    return checked


def _replacing_deletion(a: Annotation, object_heads: Iterable[_Head]) -> Annotation:
    """`a`, replacing also the deletion it undoes; `object_heads` are the head versions of its object."""
    for head in object_heads:
        if head.kind != a.kind:
            raise ValueError(f"object {a.object} is a {head.kind}, not a {a.kind}; make a new object")
    unreplaced = [head for head in object_heads if head.id not in a.replaces]
    if any(head.alive for head in unreplaced):
        raise StaleEdit
    return replace(a, replaces=a.replaces + tuple(head.id for head in unreplaced))


def _heads(connection, item: Item, annotations: Sequence[Annotation]) -> dict[str, _Head]:
    """The standing versions that this edit speaks of, by id."""
    if item.revision == 0:
        return {}
    _refuse_existing_ids(connection, item.id, [a.id for a in annotations])
    found = {}
    ids, objects = {old for a in annotations for old in a.replaces}, {a.object for a in annotations}
    for column, wanted in ((head_versions.c.id, ids), (head_versions.c.object, objects)):
        for some in items.batches(wanted):
            chosen = sa.select(head_versions.c.id, head_versions.c.object, head_versions.c.kind, head_versions.c.alive)
            rows = connection.execute(chosen.where(head_versions.c.item == item.id, column.in_(some)))
            found |= {row.id: _Head(*row) for row in rows}
    return found


def _refuse_existing_ids(connection, item_id: str, ids: list[str]) -> None:
    for some in items.batches(ids):
        existing_id = connection.scalar(sa.select(log.c.id).where(log.c.item == item_id, log.c.id.in_(some)).limit(1))
        if existing_id:
            raise ValueError(f"version {existing_id} was said before; give each version an id of its own")


def _insert(connection, item: Item, checked: Sequence[Annotation], revision: int) -> None:
    names = {a.label for a in checked if a.label}
    ids = projects.label_ids(connection, item.project, names) if names else {}
    connection.execute(log.insert(), [_log_row(a, revision, ids) for a in checked])
    replaced = {old for a in checked for old in a.replaces}
    for some in items.batches(replaced) if item.revision else ():
        connection.execute(head_versions.delete().where(head_versions.c.item == item.id, head_versions.c.id.in_(some)))
    rows = [_head_row(a) for a in checked if a.id not in replaced]
    connection.execute(head_versions.insert(), rows)


def _log_row(a: Annotation, revision: int, label_ids: dict[str, int]) -> dict:
    return {"item": a.media, "id": a.id, "object": a.object, "revision": revision, "kind": a.kind, "value": a.value and a.value.to_json(),
            "label": label_ids.get(a.label), "author": a.author, "replaces": list(a.replaces), "at": a.at}


def _head_row(a: Annotation) -> dict:
    return {"item": a.media, "id": a.id, "object": a.object, "kind": a.kind, "alive": a.value is not None}


def _annotation(row) -> Annotation:
    value = row.value
    if value is not None and row.label_name is not None:
        value = {**value, "label": row.label_name}
    return Annotation(row.item, row.kind, value_from_json(row.kind, value), row.author, tuple(row.replaces), row.id, row.object, row.at)
