"""Items: the photos and videos of a project, as rows; lists are read page by page in natural order of names."""

from __future__ import annotations

import re
import zlib

import numpy as np
import sqlalchemy as sa

from grounding.data import new_id
from grounding.store.naming import display_name, natural_key
from grounding.store.schema import details, items
from grounding.store.values import ITEM_KINDS, STATUSES, Item, ItemPosition, NotFound

_columns = [items.c[name] for name in Item.__dataclass_fields__]


def add(connection, project_id: str, name: str, kind: str, sha256: str, ext: str, size, frames, pts, meta) -> Item:
    """`pts` (N,) seconds of every frame as the container says them; `frames` defaults to their number."""
    _check_file(kind, sha256, ext, size)
    name = display_name(name)
    frames = len(pts) if frames is None and pts is not None else frames
    item = Item(new_id(), project_id, name, kind, int(size[0]), int(size[1]), frames, "new", 0, False, sha256, ext)
    connection.execute(items.insert().values(sort_key=natural_key(name), **vars(item)))
    connection.execute(details.insert().values(item=item.id, meta=meta or {}, pts=None if pts is None else _compress_pts(pts)))
    return item


def find(connection, item_id: str, lock: bool = False) -> Item:
    """The item; `lock` keeps others from changing it until this transaction ends."""
    query = sa.select(*_columns).where(items.c.id == item_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(f"there is no item {item_id[:40]!r}; reload the list of the project")
    return Item(*row)


def page(connection, project_id: str, after: str | None, limit: int, status: str | None, trashed: bool) -> list[Item]:
    """Up to `limit` items behind the item `after`."""
    query = sa.select(*_columns).where(items.c.project == project_id, items.c.trashed == trashed)
    if status is not None:
        query = query.where(items.c.status == _check_status(status))
    if after is not None:
        query = query.where(sa.tuple_(items.c.sort_key, items.c.id) > sa.tuple_(*_sort_key_of(connection, after)))
    rows = connection.execute(query.order_by(items.c.sort_key, items.c.id).limit(limit))
    return [Item(*row) for row in rows]


def find_by_hash(connection, project_id: str, sha256: str) -> list[Item]:
    chosen = sa.select(*_columns).where(items.c.project == project_id, items.c.sha256 == sha256)
    return [Item(*row) for row in connection.execute(chosen.order_by(items.c.sort_key, items.c.id))]


def counts(connection, project_id: str) -> dict[str, int]:
    """How many are new, in_progress, done and (whatever their status) trashed."""
    found = dict.fromkeys((*STATUSES, "trashed"), 0)
    grouped = sa.select(items.c.trashed, items.c.status, sa.func.count()).where(items.c.project == project_id)
    for trashed, status, count in connection.execute(grouped.group_by(items.c.trashed, items.c.status)):
        found["trashed" if trashed else status] += count
    return found


def position_of(connection, item: Item) -> ItemPosition:
    """Neighbours and position among the untrashed."""
    key, item_key = sa.tuple_(items.c.sort_key, items.c.id), sa.tuple_(*_sort_key_of(connection, item.id))
    in_project = sa.select(items.c.id).where(items.c.project == item.project, sa.not_(items.c.trashed))
    before = in_project.where(key < item_key)
    previous = connection.scalar(before.order_by(items.c.sort_key.desc(), items.c.id.desc()).limit(1))
    following = connection.scalar(in_project.where(key > item_key).order_by(items.c.sort_key, items.c.id).limit(1))
    position = connection.scalar(sa.select(sa.func.count()).select_from(before.subquery()))
    count = connection.scalar(sa.select(sa.func.count()).select_from(in_project.subquery()))
    return ItemPosition(previous, following, position, count)


def set_status(connection, item_id: str, status: str) -> None:
    find(connection, item_id)
    connection.execute(items.update().where(items.c.id == item_id).values(status=_check_status(status)))


def set_trashed(connection, item_ids, trashed: bool) -> int:
    """How many items there were to move."""
    moved = 0
    for batch in batches(item_ids):
        moved += connection.execute(items.update().where(items.c.id.in_(batch)).values(trashed=trashed)).rowcount
    return moved


def meta(connection, item_id: str) -> dict:
    return connection.scalar(sa.select(details.c.meta).where(details.c.item == item_id)) or {}


def pts(connection, item_id: str) -> np.ndarray:
    """(N,) float64 seconds; empty for photos."""
    packed = connection.scalar(sa.select(details.c.pts).where(details.c.item == item_id))
    return np.frombuffer(zlib.decompress(packed), "<f8") if packed else np.zeros(0)


def batches(values, size: int = 500):
    """Lists of at most `size`: databases take only so many values in one IN."""
    values = list(values)
    return [values[start:start + size] for start in range(0, len(values), size)]


def _compress_pts(pts) -> bytes:
    return zlib.compress(np.asarray(pts, "<f8").tobytes())


def _sort_key_of(connection, item_id: str) -> tuple[str, str]:
    row = connection.execute(sa.select(items.c.sort_key, items.c.id).where(items.c.id == item_id)).first()
    if row is None:
        raise NotFound(f"there is no item {item_id[:40]!r} to go on from; read the list from its start")
    return tuple(sa.literal(value) for value in row)


def _check_status(status: str) -> str:
    if status not in STATUSES:
        raise ValueError(f"a status is one of {', '.join(STATUSES)}; got {status!r}")
    return status


def _check_file(kind: str, sha256: str, ext: str, size) -> None:
    if kind not in ITEM_KINDS:
        raise ValueError(f"an item is a photo or a video; got {kind!r}")
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not re.fullmatch(r"[a-z0-9]{1,8}", ext):
        raise ValueError(f"a file is known by its sha256 and an ending like 'jpg'; got {sha256[:70]!r} and {ext[:20]!r}")
    if min(size) < 1:
        raise ValueError(f"a picture is at least 1 x 1 pixel; got {size[0]} x {size[1]}")
