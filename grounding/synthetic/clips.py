"""Plays: short drawn films of a few things that move, turn, come, go, hide and change colour, with one true sentence each.

Made to teach and to test what single frames cannot tell: things alike cross, things unlike meet and turn back, one hides behind
another. `draw_film` is for people to look at; a play is small and quick to paint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from grounding.data import Boxes, Size, Span, Track
from grounding.synthetic import objects as a
from grounding.synthetic.backgrounds import PLACES
from grounding.synthetic.motions import Move, draw_move
from grounding.synthetic.objects import Actor
from grounding.synthetic.scenes import paint
from grounding.synthetic.videos import Sentence

NOUNS = ("ball", "kite", "car", "person", "dog", "cat", "bird", "cup", "bottle", "boat")
COATED = {"dog": ("brown", "white", "black"), "cat": ("orange", "gray", "black")}  # the others come in BRIGHT colours
TALL = {"person": 1.5, "bottle": 1.2, "kite": 1.2, "car": 0.8, "dog": 0.9}  # how tall beside the rest


@dataclass(frozen=True)
class Part:
    """One thing of a play: a `noun` of NOUNS in a `colour`, `tall` in fractions of the picture's height, and its `move`."""

    noun: str
    colour: str
    tall: float
    move: Move
    seed: int = 0

    @property
    def name(self) -> str:
        """"red ball", "person in blue"."""
        return named(self.noun, self.colour)

    @property
    def sentence(self) -> str:
        """The name, and what the thing does if it does anything."""
        name = self.noun if self.move.kind == "change" else self.name
        return " ".join(filter(None, ("the", name, self.move.says)))

    def actor(self, size: Size, time: float) -> Actor:
        """As it is at `time` in [0, 1]."""
        colour = self.colour if self.move.kind != "change" else (self.move.first if time < 0.5 else self.move.then)
        x, y = self.move.at(time)
        left = self.move.at(min(time + 0.02, 1))[0] < self.move.at(max(time - 0.02, 0))[0]
        return replace(_drawn(self.noun, colour, self.tall * size.height, left, self.seed), x=x * size.width, y=y * size.height)


class Play:
    """`count` frames of `size` at `fps`, painted when asked for; the same interface as a Film."""

    def __init__(self, background: np.ndarray, parts: list[Part], count: int, fps: int):
        self.size = Size(background.shape[1], background.shape[0])
        self.parts, self.count, self.fps, self._background = parts, count, fps, background

    def frame(self, index: int) -> np.ndarray:
        """(H, W, 3) uint8."""
        return self._painted(index)[0]

    def frames(self) -> Iterator[np.ndarray]:
        return (self.frame(index) for index in range(self.count))

    @cached_property
    def tracks(self) -> list[Track]:
        """One for each part that is ever seen, its sentence as caption; frames where too little of it shows are missing."""
        seen = [self._painted(index)[1] for index in range(self.count)]
        return [self._track(row, seen) for row in self._shown(seen)]

    @cached_property
    def shown(self) -> list[Part]:
        """The part of each track."""
        return [self.parts[row] for row in self._shown([self._painted(index)[1] for index in range(self.count)])]

    @cached_property
    def sentences(self) -> list[Sentence]:
        """One a track; `needs_time` where the thing moves or changes."""
        spans = [Span(float(track.frames[0] / self.fps), float((track.frames[-1] + 1) / self.fps)) for track in self.tracks]
        return [Sentence(part.sentence, row, span, part.move.kind != "still") for row, (part, span) in enumerate(zip(self.shown, spans))]

    def _shown(self, seen: list) -> list[int]:
        return [row for row in range(len(self.parts)) if any(boxes[row] is not None for boxes in seen)]

    def _track(self, row: int, seen: list) -> Track:
        frames = [index for index, boxes in enumerate(seen) if boxes[row] is not None]
        label = self.parts[row].actor(self.size, 0.0).label
        return Track(frames, Boxes(np.array([seen[index][row] for index in frames])), np.ones(len(frames), bool), label, self.parts[row].sentence)

    def _painted(self, index: int) -> tuple[np.ndarray, list]:
        time = index / max(1, self.count - 1)
        return paint(self._background, [part.actor(self.size, time) for part in self.parts])


def draw_play(seed: int, size: Size = Size(320, 240), count: int = 10, fps: int = 4) -> Play:
    """A play from nothing but its seed: two to five things in one of the drawn places."""
    rng = np.random.default_rng([seed, 31])
    place = str(rng.choice(list(PLACES)))
    background = PLACES[place](size, rng).pixels
    parts = {"cross": _crossing, "meet": _meeting, "hide": _hiding}[str(rng.choice(["cross", "meet", "hide"]))](rng)
    while len(parts) < rng.integers(3, 6):
        parts.append(_part(rng, "change" if rng.random() < 0.2 else ""))
    return Play(background, _distinct(parts), count, fps)


def named(noun: str, colour: str) -> str:
    return f"person in {colour}" if noun == "person" else f"{colour} {noun}"


def _crossing(rng) -> list[Part]:
    """Two things that look the same pass one another."""
    one, y = _part(rng, "still"), float(rng.uniform(0.4, 0.9))
    reach = float(rng.uniform(0.5, 0.65))
    ways = [Move("straight", aim, start=(0.5 - sign * reach / 2, y + 0.03 * sign), reach=reach) for aim, sign in (("right", 1), ("left", -1))]
    return [replace(one, move=move) for move in ways]


def _meeting(rng) -> list[Part]:
    """Two things of one kind in two colours meet and turn back: steady motion would exchange them."""
    one, y = _part(rng, "still"), float(rng.uniform(0.4, 0.9))
    other = replace(one, colour=_colour(rng, one.noun, but=one.colour))
    return [replace(part, move=Move("back", aim, start=(0.5 - sign * 0.36, y + 0.02 * sign), reach=0.33))
            for part, aim, sign in ((one, "right", 1), (other, "left", -1))]


def _hiding(rng) -> list[Part]:
    """A thing passes behind a larger one."""
    y = float(rng.uniform(0.5, 0.8))
    front = replace(_part(rng, "still", str(rng.choice(["car", "boat"]))), tall=0.34)
    front = replace(front, move=Move(start=(float(rng.uniform(0.4, 0.6)), y + 0.12)))
    aim, sign = (("right", 1), ("left", -1))[int(rng.integers(2))]
    behind = replace(_part(rng, "still"), tall=float(rng.uniform(0.18, 0.24)))
    return [front, replace(behind, move=Move("straight", aim, start=(0.5 - sign * 0.36, y), reach=0.72))]


def _part(rng, kind: str = "", noun: str = "") -> Part:
    noun = noun or str(rng.choice([noun for noun in NOUNS if kind != "change" or noun not in COATED]))
    move, colour = draw_move(rng, kind), _colour(rng, noun)
    if move.kind == "change":
        move = replace(move, first=colour, then=_colour(rng, noun, but=colour))
    return Part(noun, colour, float(rng.uniform(0.2, 0.3)) * TALL.get(noun, 1.0), move, int(rng.integers(1000)))


def _colour(rng, noun: str, but: str = "") -> str:
    return str(rng.choice([colour for colour in COATED.get(noun, a.BRIGHT) if colour != but]))


def _distinct(parts: list[Part]) -> list[Part]:
    """Without those that would bear the same sentence as one before."""
    kept: dict[str, Part] = {}
    for part in parts:
        kept.setdefault(part.sentence, part)
    return list(kept.values())


@lru_cache(maxsize=256)
def _drawn(noun: str, colour: str, height: float, left: bool, seed: int) -> Actor:
    """The thing standing at (0, 0), `height` pixels tall, looking left or right."""
    if noun == "person":
        look = replace(a.looks(np.random.default_rng(seed), colour), bag="", style="short", dress=False)
        return a.person(0, 0, height / 1.75, look, colour, None, left)
    if noun == "boat":
        return a.boat(0, 0, height, colour)
    if noun == "kite":
        return a.kite(0, 0, height, colour, "white")
    if noun in ("cup", "bottle"):
        return a.tabletop(noun, 0, 0, height / {"cup": 0.105, "bottle": 0.30}[noun], colour)
    make, metres = {"ball": (a.ball, 0.34), "car": (a.car, 1.05), "dog": (a.dog, 0.68), "cat": (a.cat, 0.46), "bird": (a.bird, 0.3)}[noun]
    turned = {} if noun == "ball" else {"flip": left}
    return make(0, 0, height / metres, colour, **turned)
