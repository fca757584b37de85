"""Films: drawn scenes that move, in which people and dogs come, cross, stop and go, with the truth about every frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from grounding.data import Boxes, Size, Span, Track
from grounding.data.keyframe_simplification import thinned
from grounding.synthetic import objects as a
from grounding.synthetic.backgrounds import Place, park
from grounding.synthetic.objects import Actor
from grounding.synthetic.scenes import paint

PHASES = 12  # poses of one double pace


@dataclass(frozen=True)
class Role:
    """Who moves how: `act(x, phase, flip)` draws the actor; `way` are (frame, x in pixels); `paces` a pixel; `says` what it does."""

    act: Callable[[float, float | None, bool], Actor]
    way: tuple[tuple[int, float], ...]
    paces: float
    says: str

    def at(self, frame: int) -> tuple[float, float | None, bool]:
        """Where it is, in which pose (None: standing) and whether it looks left."""
        times, xs = zip(*self.way)
        x = float(np.interp(frame, times, xs))
        later, earlier = (float(np.interp(frame + d, times, xs)) for d in (1, -1))
        far = float(np.abs(np.diff(np.interp(np.arange(frame + 1), times, xs))).sum())
        still = abs(later - earlier) < 0.05
        return x, None if still else round(far * self.paces * PHASES) % PHASES / PHASES, self._left(frame)

    def _left(self, frame: int) -> bool:
        """It looks where it goes; where it stands, as it came."""
        flip = False
        for (_, here), (arrival, there) in zip(self.way, self.way[1:]):
            flip = there < here if there != here else flip
            if frame < arrival:
                break
        return flip


@dataclass(frozen=True)
class Sentence:
    """A sentence that is true of one track (its row in `Film.tracks`) during `span`; `needs_time` if one frame cannot tell."""

    text: str
    track: int
    span: Span
    needs_time: bool = True


class Film:
    """`count` frames of `size` at `fps`; frames are painted when asked for, so a film takes no memory."""

    def __init__(self, background: np.ndarray, standing: list[Actor], roles: list[Role], count: int, fps: int):
        self.size = Size(background.shape[1], background.shape[0])
        self.count, self.fps = count, fps
        self.roles = roles
        self._background, self._standing = background, standing
        self._drawn: dict[tuple, Actor] = {}
        self._boxes: dict[int, list] = {}  # of each frame painted so far, what can be seen of each actor

    def frame(self, index: int) -> np.ndarray:
        """(H, W, 3) uint8."""
        pixels, self._boxes[index] = paint(self._background, self._cast(index))
        return pixels

    def frames(self) -> Iterator[np.ndarray]:
        return (self.frame(index) for index in range(self.count))

    @cached_property
    def tracks(self) -> list[Track]:
        """One for each thing that is ever seen, standing ones first; hidden where too little of it shows."""
        actors = self._cast(0)
        seen: list[list] = [[] for _ in actors]
        for index in range(self.count):
            if index not in self._boxes:
                self.frame(index)
            for rows, box in zip(seen, self._boxes[index]):
                if box is not None:
                    rows.append((index, box))
        return [_track(actor, rows) for actor, rows in zip(actors, seen) if rows]

    @cached_property
    def sentences(self) -> list[Sentence]:
        """What each moving thing does, and its name alone."""
        told, moving = [], {role_name(role): role for role in self.roles}
        for row, track in enumerate(self.tracks):
            span = Span(float(track.frames[0] / self.fps), float((track.frames[-1] + 1) / self.fps))
            told.append(Sentence(f"the {track.caption}", row, span, needs_time=False))
            if track.caption in moving:
                who = "who" if track.label == "person" else "that"
                told.append(Sentence(f"the {track.caption} {who} {moving[track.caption].says}", row, span))
        return told

    def _cast(self, index: int) -> list[Actor]:
        return [*self._standing, *(self._posed(number, role, index) for number, role in enumerate(self.roles))]

    def _posed(self, number: int, role: Role, index: int) -> Actor:
        x, phase, flip = role.at(index)
        key = (number, phase, flip)
        if key not in self._drawn:
            self._drawn[key] = role.act(0.0, phase, flip)
        return replace(self._drawn[key], x=x)


def role_name(role: Role) -> str:
    """The most telling name of who plays it."""
    return role.act(0.0, None, False).names[-1]


def draw_film(seed: int, size: Size = Size(640, 360), count: int = 125, fps: int = 25) -> Film:
    """A film in a park from nothing but its seed: two people cross, one stops and turns back, a dog runs after a ball."""
    rng = np.random.default_rng(seed)
    ground = park(size, rng)
    ground = replace(ground, metre=ground.metre * 1.5)  # nearer than in a photo: films are small
    w, h = size
    standing = [a.bench(w * 0.17, h * 0.62, ground.per_metre(h * 0.62)), a.bicycle(w * 0.86, h * 0.64, ground.per_metre(h * 0.64), "red")]
    return Film(ground.pixels, standing, _park_roles(ground, size, count, rng), count, fps)


def _park_roles(place: Place, size: Size, count: int, rng: np.random.Generator) -> list[Role]:
    w, h = size
    colours, coats = rng.permutation(a.BRIGHT).tolist(), rng.permutation(["brown", "white", "black"]).tolist()
    late, off = int(count * rng.uniform(0.2, 0.3)), 0.12 * w
    turn = w * rng.uniform(0.5, 0.62)
    return [
        _walker(place, h * 0.72, colours[0], ((0, -off * 0.2), (int(count * 0.9), w + off)), "walks to the right", rng),
        _walker(place, h * 0.80, colours[1], ((0, w * 0.9), (count, w * 0.04)), "walks to the left", rng),
        _walker(place, h * 0.88, colours[2], ((0, w + off), (late, w + off), (int(count * 0.55), turn), (int(count * 0.68), turn), (count, w * 0.9)),
                "walks in, stops and turns back", rng, child=True),
        _ball(place, h * 0.94, colours[3], ((0, w * 0.30), (int(count * 0.2), w * 0.34), (int(count * 0.75), w * 0.83), (count, w * 0.86))),
        _dog(place, h * 0.965, str(coats[0]), ((0, -off), (int(count * 0.12), -off), (int(count * 0.8), w * 0.70), (count, w * 0.735)),
             "runs after the ball"),
    ]


def _walker(place, y, colour, way, says, rng, child=False) -> Role:
    look, metre = replace(a.looks(rng, colour, child), bag=""), place.per_metre(y)
    return Role(lambda x, step, flip: a.person(x, y, metre, look, colour, step, flip), way, 1 / (metre * (0.9 if child else 1.35)), says)


def _dog(place, y, coat, way, says) -> Role:
    metre = place.per_metre(y)
    return Role(lambda x, step, flip: a.dog(x, y, metre, coat, step, flip, "blue"), way, 1 / (metre * 0.9), says)


def _ball(place, y, colour, way) -> Role:
    metre = place.per_metre(y)
    return Role(lambda x, turn, flip: a.ball(x, y, metre, colour, -2 * np.pi * (turn or 0)), way, 1 / (metre * 1.1), "rolls to the right")


def _track(actor: Actor, rows: list[tuple[int, tuple]]) -> Track:
    frames, boxes = np.array([frame for frame, _ in rows]), Boxes(np.array([box for _, box in rows]))
    breaks = (np.flatnonzero(np.diff(frames) > 1) + 1).tolist()
    return Track.from_keyframes(thinned(frames, boxes, breaks), actor.label, actor.names[-1])
