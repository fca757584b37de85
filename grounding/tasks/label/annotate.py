"""Annotate: the door through which people's edits come in; what passes it can be trusted inside."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from grounding.data import Annotation, Size
from grounding.store import Item, Store

MAX_TEXT_LENGTH = 1000
MAX_NAME_LENGTH = 80
MAX_CHANGES = 10_000
MAX_CAPTIONS = 1_000
MAX_COORDINATE = 1e6  # pixels: no picture reaches further, no box may start there


class InvalidEdit(ValueError):
    """What came cannot be kept; the message says why in one sentence."""


def _printable(text: str) -> str:
    """Text without line ends around it; refuses control characters and halves of characters."""
    text = text.strip()
    odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs")), None)
    if odd is not None:
        raise ValueError(f"the text holds the control character U+{ord(odd):04X}; remove it")
    return text


Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Score = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
Corners = Annotated[list[Number], Field(min_length=4, max_length=4)]
State = Literal["proposed", "accepted", "rejected"]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: State = "accepted"
    score: Score = 1.0

    @field_validator("label", "text", "caption", "rule", check_fields=False)
    @classmethod
    def text_is_printable(cls, text: str) -> str:
        return _printable(text)


class BoxValue(_Value):
    """A thing in a photo: x0, y0, x1, y1 in pixels of the upright original."""

    box: Corners
    label: str = Field(strict=True, min_length=1, max_length=100)
    occluded: bool | None = Field(None, strict=True)
    locked: bool | None = Field(None, strict=True)


class PhraseValue(_Value):
    """Words that point at 0..n objects."""

    text: str = Field(strict=True, min_length=1, max_length=MAX_TEXT_LENGTH)
    targets: list[Id] = Field(default_factory=list, max_length=MAX_CHANGES)
    origin: Literal["template", "model", "person"] = "person"
    rule: str | None = Field(None, strict=True, max_length=200)
    unique: bool | None = Field(None, strict=True)


FrameNumber = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]


class KeyframeValue(BaseModel):
    """Where a thing is from this frame on; `by` says who set it, where that is known."""

    model_config = ConfigDict(extra="forbid")

    frame: FrameNumber
    box: Corners
    outside: bool = Field(False, strict=True)
    occluded: bool | None = Field(None, strict=True)
    by: Literal["person", "model"] | None = None


class CaptionSpanValue(BaseModel):
    """A sentence about a thing that holds from frame `start` to frame `end`, both included."""

    model_config = ConfigDict(extra="forbid")

    start: FrameNumber
    end: FrameNumber
    text: str = Field(strict=True, min_length=1, max_length=MAX_TEXT_LENGTH)

    @field_validator("text")
    def text_is_printable(cls, text: str) -> str:
        return _printable(text)


class TrackValue(_Value):
    """A thing through a video, by its keyframes; `caption` is about all of its life, each of `captions` about a stretch."""

    label: str = Field(strict=True, min_length=1, max_length=100)
    caption: str = Field("", strict=True, max_length=MAX_TEXT_LENGTH)
    captions: list[CaptionSpanValue] | None = Field(None, max_length=MAX_CAPTIONS)
    keyframes: list[KeyframeValue] = Field(min_length=1, max_length=100_000)
    locked: bool | None = Field(None, strict=True)


class Change(BaseModel):
    """One version of one object; `value` None deletes it."""

    model_config = ConfigDict(extra="forbid")

    id: Id
    object: Id
    kind: Literal["box", "phrase", "track"]
    value: dict[str, Any] | None
    replaces: list[Id] = Field(default_factory=list, max_length=MAX_CHANGES)


class Edit(BaseModel):
    """One gesture of a person: all of it is kept, or nothing."""

    model_config = ConfigDict(extra="forbid")

    edit: Id
    revision: int | None = Field(None, strict=True)
    annotations: list[Change] = Field(max_length=MAX_CHANGES)


KINDS_BY_MEDIA = {"photo": ("box", "phrase"), "video": ("track", "phrase")}
VALUE_MODELS = {"box": BoxValue, "phrase": PhraseValue, "track": TrackValue}


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


def check_value(kind: str, value: dict, item: Item) -> dict:
    """The value as it is kept: corners in order and inside the picture, keyframes in order. Raises Refused."""
    if kind not in KINDS_BY_MEDIA[item.kind]:
        raise InvalidEdit(f"a {item.kind} holds {' and '.join(KINDS_BY_MEDIA[item.kind])} annotations; got a {kind}")
    try:
        clean = VALUE_MODELS[kind].model_validate(value).model_dump(exclude_none=True)
    except ValidationError as error:
        raise InvalidEdit(f"this {kind} cannot be kept: {first_error(error)}") from None
    if kind == "box":
        clean["box"] = clip_box(clean["box"], item.size)
    elif kind == "track":
        clean["keyframes"] = _check_keyframes(clean["keyframes"], item)
        if "captions" in clean:
            clean["captions"] = _check_captions(clean["captions"], item)
    else:
        clean["targets"] = list(dict.fromkeys(clean["targets"]))
    return clean


def clip_box(box: list[float], size: Size) -> list[float]:
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


def _check_change(change: Change, item: Item) -> dict | None:
    return None if change.value is None else check_value(change.kind, change.value, item)


def _check_keyframes(keyframes: list[dict], item: Item) -> list[dict]:
    keyframes = sorted(keyframes, key=lambda key: key["frame"])
    frames = [key["frame"] for key in keyframes]
    if len(set(frames)) < len(frames):
        raise InvalidEdit("two keyframes of a track name the same frame; keep one of them")
    if item.frame_count is not None and frames[-1] >= item.frame_count:
        raise InvalidEdit(f"frame {frames[-1]} lies behind the end of a video of {item.frame_count} frames")
    if all(key["outside"] for key in keyframes):
        raise InvalidEdit("a track is seen in one frame at least; delete it instead")
    return [{**key, "box": clip_box(key["box"], item.size)} for key in keyframes]


def _check_captions(spans: list[dict], item: Item) -> list[dict]:
    for span in spans:
        if not span["start"] <= span["end"]:
            raise InvalidEdit(f"a caption ends before it starts: frames {span['start']} to {span['end']}")
        if item.frame_count is not None and span["end"] >= item.frame_count:
            raise InvalidEdit(f"a caption ends in frame {span['end']}, behind the end of a video of {item.frame_count} frames")
    return sorted(spans, key=lambda span: (span["start"], span["end"]))
