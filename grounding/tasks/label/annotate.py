"""Annotate: the door through which people's edits come in; what passes it can be trusted inside."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grounding.data import KINDS, Annotation, BoxValue, CaptionSpan, Keyframe, PhraseValue, Size, Value, constraints
from grounding.store import Item, Store
from grounding.tasks.label.value_models import checked_type, value_model

MAX_NAME_LENGTH = 80
MAX_CHANGES = 10_000


class InvalidEdit(ValueError):
    """What came cannot be kept; the message says why in one sentence."""


Id = checked_type(constraints.Id)
Number = checked_type(constraints.Coordinate)
Corners = checked_type(constraints.Corners)


class Change(BaseModel):
    """One version of one object; `value` None deletes it."""

    model_config = ConfigDict(extra="forbid")

    id: Id
    object: Id
    kind: Literal[tuple(sorted(KINDS))]  # type: ignore[valid-type]
    value: dict[str, Any] | None
    replaces: list[Id] = Field(default_factory=list, max_length=MAX_CHANGES)


class Edit(BaseModel):
    """One gesture of a person: all of it is kept, or nothing."""

    model_config = ConfigDict(extra="forbid")

    edit: Id
    revision: int | None = Field(None, strict=True)
    annotations: list[Change] = Field(max_length=MAX_CHANGES)


def annotate(store: Store, item_id: str, edit: Edit | dict | str | bytes, person: str) -> int:
    """Keeps one edit of a person; the revision it made. Raises Refused, or Conflict where somebody was faster."""
    item, edit, author = store.item(item_id), read_edit(edit), person_author(person)
    versions = [Annotation(item.id, change.kind, _check_change(change, item), author, tuple(change.replaces), change.id, change.object)
                for change in edit.annotations]
    return store.append(item.id, versions, edit=edit.edit)


def read_edit(edit: Edit | dict | str | bytes) -> Edit:
    """From JSON or what it stands for."""
    if isinstance(edit, Edit):
        return edit
    try:
        return Edit.model_validate_json(edit) if isinstance(edit, str | bytes) else Edit.model_validate(edit)
    except ValidationError as error:
        raise InvalidEdit(f"this edit cannot be kept: {first_error(error)}") from None


def check_value(kind: str, value: dict, item: Item) -> Value:
    """The value as it is kept: corners in order and inside the picture, keyframes in order. Raises InvalidEdit."""
    kinds = [name for name, known in KINDS.items() if item.kind in known.media]
    if kind not in kinds:
        raise InvalidEdit(f"a {item.kind} holds {' and '.join(kinds)} annotations; got a {kind}")
    cls = KINDS[kind].value
    try:
        checked = cls.from_json(value_model(cls).model_validate(value).model_dump(exclude_none=True))
    except ValidationError as error:
        raise InvalidEdit(f"this {kind} cannot be kept: {first_error(error)}") from None
    return _fitted(checked, item)


def clip_box(box: Sequence[float], size: Size) -> list[float]:
    """The corners in order, moved to the border of the picture where they lie beyond it."""
    x0, x1 = sorted(min(max(x, 0.0), float(size.width)) for x in (box[0], box[2]))
    y0, y1 = sorted(min(max(y, 0.0), float(size.height)) for y in (box[1], box[3]))
    if x1 <= x0 or y1 <= y0:
        raise InvalidEdit(f"box {[round(x, 2) for x in box]} covers nothing of this {size.width} x {size.height} picture; draw it inside")
    return [x0, y0, x1, y1]


def person_author(person: str) -> str:
    """'person:NAME'; anything that is no name becomes 'me'."""
    name = "".join(c for c in person if c.isprintable() and unicodedata.category(c) != "Cs").strip()
    return f"person:{name[:MAX_NAME_LENGTH] or 'me'}"


def first_error(error: ValidationError) -> str:
    """The first thing that is wrong, and where."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = " ".join(str(part)[:40] for part in first["loc"])
    what = first["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _check_change(change: Change, item: Item) -> Value | None:
    return None if change.value is None else check_value(change.kind, change.value, item)


def _fitted(value: Value, item: Item) -> Value:
    """The value as it fits the item: boxes inside, keyframes and captions in order, each target once."""
    if isinstance(value, BoxValue):
        return replace(value, box=tuple(clip_box(value.box, item.size)))
    if isinstance(value, PhraseValue):
        return replace(value, targets=tuple(dict.fromkeys(value.targets)))
    captions = None if value.captions is None else _check_captions(value.captions, item)
    return replace(value, keyframes=_check_keyframes(value.keyframes, item), captions=captions)


def _check_keyframes(keyframes: Iterable[Keyframe], item: Item) -> tuple[Keyframe, ...]:
    keyframes = sorted(keyframes, key=lambda key: key.frame)
    frames = [key.frame for key in keyframes]
    if len(set(frames)) < len(frames):
        raise InvalidEdit("two keyframes of a track name the same frame; keep one of them")
    if item.frame_count is not None and frames[-1] >= item.frame_count:
        raise InvalidEdit(f"frame {frames[-1]} lies behind the end of a video of {item.frame_count} frames")
    if all(key.outside for key in keyframes):
        raise InvalidEdit("a track is seen in one frame at least; delete it instead")
    return tuple(replace(key, box=tuple(clip_box(key.box, item.size))) for key in keyframes)


def _check_captions(spans: Sequence[CaptionSpan], item: Item) -> tuple[CaptionSpan, ...]:
    for span in spans:
        if not span.start <= span.end:
            raise InvalidEdit(f"a caption ends before it starts: frames {span.start} to {span.end}")
        if item.frame_count is not None and span.end >= item.frame_count:
            raise InvalidEdit(f"a caption ends in frame {span.end}, behind the end of a video of {item.frame_count} frames")
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))
