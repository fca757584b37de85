"""Proposals: what a model says about an item, kept apart from what people said.

A model may replace and withdraw only its own words that nobody touched. A thing a person moved, relabelled, accepted,
rejected or deleted stays as it is, however often models run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from grounding.data import Annotation
from grounding.store import log as log_of
from grounding.store.schema import head_versions, items, log
from grounding.store.values import Item


def model_name(author: str) -> str:
    """'model:ssd' of 'model:ssd@1a2b'; refuses an author without a version, whose words could never be told apart."""
    who, _, rest = author.partition(":")
    name, _, version = rest.partition("@")
    if who != "model" or not name or not version:
        raise ValueError(f"proposals need an author like 'model:NAME@VERSION'; got {author[:80]!r}")
    return f"model:{name}"


def proposal_changes(connection, item: Item, author: str, proposed: Sequence[Annotation]) -> list[Annotation]:
    """The versions that turn this model's untouched proposals (of whichever version of it) into `proposed`."""
    name = model_name(author)
    wanted = {a.object: a for a in proposed}
    versions = log_of.versions_where(connection, item.id, log.c.object, wanted) if item.revision else []
    edited_by_person = {a.object for a in versions if a.by_person}
    newest = {a.object: a for a in versions}
    present = log_of.current_by_item(connection, [item.id])[item.id]
    withdrawn = _withdraw(present, lambda a: model_name(a.author) == name and a.object not in wanted, author)
    updates = [_next_version(newest.get(object), a, author) for object, a in wanted.items() if object not in edited_by_person]
    return withdrawn + [a for a in updates if a is not None]


def items_with_proposals(connection, project_id: str, author: str) -> list[str]:
    """The items of a project where a word of this model stands: of one version, or of all ('model:NAME')."""
    if not author.startswith("model:"):
        raise ValueError(f"only proposals of a model can be dropped by author; got {author[:80]!r}")
    own = log.c.author == author if "@" in author else log.c.author.startswith(f"{author}@", autoescape=True)
    stand = sa.join(log, head_versions, sa.and_(head_versions.c.item == log.c.item, head_versions.c.id == log.c.id))
    stand = stand.join(items, items.c.id == log.c.item)
    chosen = sa.select(log.c.item).select_from(stand).where(items.c.project == project_id, head_versions.c.alive, own).distinct()
    return sorted(connection.execute(chosen).scalars())


def withdrawals(connection, item_id: str, author: str) -> list[Annotation]:
    """Deletions of this model's untouched proposals: of one version ('model:NAME@VERSION') or of all ('model:NAME')."""
    present = log_of.current_by_item(connection, [item_id])[item_id]
    return _withdraw(present, lambda a: author in (a.author, model_name(a.author)), author if "@" in author else f"{author}@dropped")


def edit_id(item_id: str, annotations: Sequence[Annotation]) -> str:
    return digest([item_id, [a.id for a in annotations]])


def digest(content) -> str:
    """32 hexadecimal digits that depend on the content alone."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _withdraw(present: list[Annotation], is_own, author: str) -> list[Annotation]:
    """Tombstones for those unedited proposals that are `is_own` and that no person's phrase points at."""
    referenced = {target for a in present if a.by_person for target in a.targets}
    withdrawn = [a for a in present if not a.by_person and a.state == "proposed" and a.object not in referenced and is_own(a)]
    return [_with_content_id(a.edited(None, author)) for a in withdrawn]


def _next_version(newest: Annotation | None, wanted: Annotation, author: str) -> Annotation | None:
    """The version that makes an untouched object say what is wanted; None if it does already."""
    if newest is None:
        return replace(wanted, author=author)
    if newest.value == wanted.value and newest.value is not None:
        return None
    return _with_content_id(newest.edited(wanted.value, author))


def _with_content_id(a: Annotation) -> Annotation:
    """With an id that follows from what it says and what it replaces."""
    return replace(a, id=digest([a.media, a.object, a.kind, a.value and a.value.to_json(), a.author, list(a.replaces)]))
