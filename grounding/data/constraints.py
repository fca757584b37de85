"""Constraints: the ranges and lengths of what annotations hold, as types. The door checks them; inside they are trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, Len

MAX_TEXT_LENGTH = 1000
MAX_COORDINATE = 1e6  # pixels: no picture reaches further, no box may start there


@dataclass(frozen=True)
class Pattern:
    """The regular expression that a text matches as a whole."""

    regex: str


Id = Annotated[str, Pattern(r"^[A-Za-z0-9_-]{1,64}$")]
Coordinate = Annotated[float, Ge(-MAX_COORDINATE), Le(MAX_COORDINATE)]  # pixels
Corners = Annotated[tuple[Coordinate, Coordinate, Coordinate, Coordinate], Len(4, 4)]  # x0, y0, x1, y1 of the upright original
Score = Annotated[float, Ge(0), Le(1)]
State = Literal["proposed", "accepted", "rejected"]
Label = Annotated[str, Len(1, 100)]
Text = Annotated[str, Len(1, MAX_TEXT_LENGTH)]
FrameNumber = Annotated[int, Ge(0), Le(10_000_000)]
Extra = tuple[tuple[str, Any], ...]  # (key, JSON) of keys that this version does not know, kept as they came
