"""Check: whether phrases agree with the boxes they stand beside, which others they fit, and what would settle it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from grounding.data import Boxes, Regions, Size
from grounding.data.constraints import MAX_TEXT_LENGTH
from grounding.tasks.label.annotate import Corners, Id
from pseudo_query import DEFAULT, build_scene, lint
from pseudo_query.cure import suggest_fixes
from pseudo_query.facts import Facts
from pseudo_query.parse import parse_phrase

MAX_OBJECTS, MAX_PHRASES = 2000, 500
COLOUR_SIDE = 640  # pixels of the longer side colours are read at


class ObjectInput(BaseModel):
    """A box as it stands on the page, saved or not."""

    model_config = ConfigDict(extra="forbid")

    object: Id
    label: str = Field(strict=True, max_length=100)
    box: Corners
    score: float = Field(1.0, ge=0, le=1, allow_inf_nan=False)


class PhraseInput(BaseModel):
    """Words, and the objects they are meant for."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(strict=True, max_length=MAX_TEXT_LENGTH)
    targets: list[Id] = Field(default_factory=list, max_length=MAX_OBJECTS)


class CheckRequest(BaseModel):
    """What is asked about: everything visible in the picture (of a video: in this frame), and phrases for it."""

    model_config = ConfigDict(extra="forbid")

    things: Annotated[list[ObjectInput], Field(max_length=MAX_OBJECTS)]
    phrases: Annotated[list[PhraseInput], Field(max_length=MAX_PHRASES)]
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)


def check(request: CheckRequest, size: Size, pixels: Callable[[], np.ndarray] | None = None) -> list[list[dict] | None]:
    """For each phrase its remarks: {"kind", "message", "fits": [object], "cures": [{"text"} or {"targets": [object]}]}.

    `size` is that of the picture; `pixels` reads it (H, W, 3) at any scale, None = without colours. [] where it agrees with its boxes,
    None where nothing is wrong so far as the words were understood, but some were not.
    """
    objects = [thing.object for thing in request.things]
    rows = {object: row for row, object in enumerate(objects)}
    scene = build_scene(_regions(request.things), size, pixels() if pixels and request.things and request.phrases else None)
    facts = Facts(scene, DEFAULT)
    return [_remarks(phrase, rows, objects, facts) for phrase in request.phrases]


def downscale(pixels: np.ndarray) -> np.ndarray:
    """The picture at about COLOUR_SIDE pixels or less: enough to tell colours, and quick to keep."""
    step = max(1, max(pixels.shape[:2]) // COLOUR_SIDE)
    return np.ascontiguousarray(pixels[::step, ::step])


def _remarks(phrase: PhraseInput, rows: dict[str, int], objects: list[str], facts: Facts) -> list[dict] | None:
    targets = [rows[target] for target in phrase.targets if target in rows]
    scene_rows = {scene_object.region_index for scene_object in facts.scene.objects}
    if phrase.targets and not scene_rows & set(targets):
        return None  # what it speaks of is not to be seen here
    found = lint(phrase.text, targets, facts.scene, facts.settings, facts)
    reading = parse_phrase(phrase.text, [thing.label for thing in facts.scene.objects])
    if not found and (reading.meaning is None or reading.unknown_words):
        return None
    return [{"kind": remark.kind, "message": remark.message, "fits": _object_ids(remark.fitting_regions, objects),
             "cures": [{"text": cure.text} if cure.text is not None else {"targets": _object_ids(cure.targets, objects)}
                       for cure in suggest_fixes(remark, phrase.text, targets, facts.scene, facts.settings, facts)]} for remark in found]


def _object_ids(rows: Sequence[int] | None, objects: list[str]) -> list[str]:
    return [objects[row] for row in rows or ()]


def _regions(objects: Sequence[ObjectInput]) -> Regions:
    if not objects:
        return Regions.empty()
    boxes = np.array(
        [[min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)] for x0, y0, x1, y1 in (thing.box for thing in objects)], np.float32
    )
    return Regions(Boxes(boxes), np.array([thing.score for thing in objects], np.float32), tuple(thing.label for thing in objects))
