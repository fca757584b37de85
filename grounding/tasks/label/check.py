"""Check: whether phrases agree with the boxes they stand beside, which others they fit, and what would settle it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from grounding.data import Boxes, Regions, Size
from grounding.tasks.label.annotate import LONGEST_TEXT, Corners, Id
from pseudo_query import DEFAULT, lint, scene_of
from pseudo_query.cure import cures
from pseudo_query.facts import Facts
from pseudo_query.parse import read

MOST_THINGS, MOST_PHRASES = 2000, 500
SIDE = 640  # pixels of the longer side colours are read at


class ThingSeen(BaseModel):
    """A box as it stands on the page, saved or not."""

    model_config = ConfigDict(extra="forbid")

    object: Id
    label: str = Field(strict=True, max_length=100)
    box: Corners
    score: float = Field(1.0, ge=0, le=1, allow_inf_nan=False)


class PhraseSeen(BaseModel):
    """Words, and the objects they are meant for."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(strict=True, max_length=LONGEST_TEXT)
    targets: list[Id] = Field(default_factory=list, max_length=MOST_THINGS)


class CheckAsked(BaseModel):
    """What is asked about: everything visible in the picture (of a video: in this frame), and phrases for it."""

    model_config = ConfigDict(extra="forbid")

    things: Annotated[list[ThingSeen], Field(max_length=MOST_THINGS)]
    phrases: Annotated[list[PhraseSeen], Field(max_length=MOST_PHRASES)]
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)


def check(asked: CheckAsked, size: Size, pixels: Callable[[], np.ndarray] | None = None) -> list[list[dict] | None]:
    """For each phrase its remarks: {"kind", "message", "fits": [object], "cures": [{"text"} or {"targets": [object]}]}.

    `size` is that of the picture; `pixels` reads it (H, W, 3) at any scale, None = without colours. [] where it agrees with its boxes,
    None where nothing is wrong so far as the words were understood, but some were not.
    """
    objects = [thing.object for thing in asked.things]
    rows = {object: row for row, object in enumerate(objects)}
    scene = scene_of(_regions(asked.things), size, pixels() if pixels and asked.things and asked.phrases else None)
    facts = Facts(scene, DEFAULT)
    return [_remarks(phrase, rows, objects, facts) for phrase in asked.phrases]


def small(pixels: np.ndarray) -> np.ndarray:
    """The picture at about SIDE pixels or less: enough to tell colours, and quick to keep."""
    step = max(1, max(pixels.shape[:2]) // SIDE)
    return np.ascontiguousarray(pixels[::step, ::step])


def _remarks(phrase: PhraseSeen, rows: dict[str, int], objects: list[str], facts: Facts) -> list[dict] | None:
    targets = [rows[target] for target in phrase.targets if target in rows]
    judged = {thing.index for thing in facts.scene.things}
    if phrase.targets and not judged & set(targets):
        return None  # what it speaks of is not to be seen here
    found = lint(phrase.text, targets, facts.scene, facts.settings, facts)
    reading = read(phrase.text, [thing.label for thing in facts.scene.things])
    if not found and (reading.meaning is None or reading.unknown):
        return None
    return [{"kind": remark.kind, "message": remark.message, "fits": _named(remark.fits, objects),
             "cures": [{"text": cure.text} if cure.text is not None else {"targets": _named(cure.targets, objects)}
                       for cure in cures(remark, phrase.text, targets, facts.scene, facts.settings, facts)]} for remark in found]


def _named(rows: Sequence[int] | None, objects: list[str]) -> list[str]:
    return [objects[row] for row in rows or ()]


def _regions(things: Sequence[ThingSeen]) -> Regions:
    if not things:
        return Regions.empty()
    boxes = np.array([[min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)] for x0, y0, x1, y1 in (thing.box for thing in things)], np.float32)
    return Regions(Boxes(boxes), np.array([thing.score for thing in things], np.float32), tuple(thing.label for thing in things))
