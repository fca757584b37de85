"""Moves: the ways a thing goes through a short film, each with the words that say it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

AIMS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
SAYINGS = {"still": "", "straight": "moves {first}", "turn": "moves {first} then {then}", "back": "moves {first} and comes back",
           "stop": "moves {first} and stops", "wait": "waits and moves {first}", "enter": "comes in from the {first}",
           "leave": "leaves on the {first}", "change": "changes from {first} to {then}"}
REVERSED = {"still": "still", "straight": "straight", "turn": "turn", "back": "back", "stop": "wait", "wait": "stop", "enter": "leave",
            "leave": "enter", "change": "change"}
OUTSIDE = 0.22  # how far from the border a thing waits to come in, in widths of the picture


@dataclass(frozen=True)
class Move:
    """What a thing does: a `kind` of SAYINGS with its directions (or colours), from `start` (x, y) on, as far as `reach`, in
    fractions of the picture. What comes in, comes to `start`."""

    kind: str = "still"
    first: str = ""
    then: str = ""
    start: tuple[float, float] = (0.5, 0.5)
    reach: float = 0.35

    @property
    def says(self) -> str:
        """"moves left then up"; empty for what stays as it is."""
        return SAYINGS[self.kind].format(first=self.first, then=self.then)

    @property
    def stays(self) -> bool:
        return self.kind in ("still", "change")

    def at(self, time: float) -> tuple[float, float]:
        """Where it is at `time` in [0, 1]."""
        times, points = zip(*self._way())
        x, y = (float(np.interp(time, times, axis)) for axis in zip(*points))
        return x, y

    def reversed(self) -> Move:
        """What it does when the film runs backwards. Its path is that of `at(1 - time)`."""
        end = self.at(1.0)
        if self.kind == "turn":
            return replace(self, first=OPPOSITE[self.then], then=OPPOSITE[self.first], start=end)
        if self.kind == "change":
            return replace(self, first=self.then, then=self.first)
        if self.kind in ("straight", "stop", "wait"):
            return replace(self, kind=REVERSED[self.kind], first=OPPOSITE[self.first], start=end)
        return replace(self, kind=REVERSED[self.kind])

    def mirrored(self) -> Move:
        """What it does in a mirror; colours stay."""
        swap = {"left": "right", "right": "left"}
        return replace(self, first=swap.get(self.first, self.first), then=swap.get(self.then, self.then), start=(1 - self.start[0], self.start[1]))

    def _way(self) -> list[tuple[float, tuple[float, float]]]:
        """(time, point) from 0 to 1."""
        here = self.start
        if self.stays:
            return [(0, here), (1, here)]
        if self.kind in ("enter", "leave"):
            return self._through_the_border()
        there = _gone(here, self.first, self.reach)
        if self.kind == "turn":
            return [(0, here), (0.5, there), (1, _gone(there, self.then, self.reach))]
        return {"straight": [(0, here), (1, there)], "back": [(0, here), (0.5, there), (1, here)],
                "stop": [(0, here), (0.5, there), (1, there)], "wait": [(0, here), (0.5, here), (1, there)]}[self.kind]

    def _through_the_border(self) -> list[tuple[float, tuple[float, float]]]:
        beyond = {"left": -OUTSIDE, "right": 1 + OUTSIDE}[self.first]
        if self.kind == "enter":
            return [(0, (beyond, self.start[1])), (0.75, self.start), (1, self.start)]
        return [(0, self.start), (0.25, self.start), (1, (beyond, self.start[1]))]


def draw_move(rng: np.random.Generator, kind: str = "", start: tuple[float, float] | None = None) -> Move:
    """A move of this kind, or of any but a change of colour, that stays inside the picture unless it is to come in or to leave."""
    kind = kind or str(rng.choice(["still", "straight", "turn", "turn", "back", "stop", "wait", "enter", "leave"]))
    start = start or (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.3, 0.85)))
    if kind in ("still", "change"):
        return Move(kind, start=start)
    if kind in ("enter", "leave"):
        return Move(kind, str(rng.choice(["left", "right"])), start=start)
    reach = float(rng.uniform(0.25, 0.4))
    first = _fitting(rng, start, reach)
    then = ""
    if kind == "turn":
        across = ("up", "down") if first in ("left", "right") else ("left", "right")
        then = _fitting(rng, _gone(start, first, reach), reach, across)
    return Move(kind, first, then, start, reach)


def _fitting(rng: np.random.Generator, start: tuple[float, float], reach: float, among=tuple(AIMS)) -> str:
    """A direction that has room; the one with the most room where none has enough."""
    rooms = {aim: _room(start, aim) for aim in among}
    free = [aim for aim, room in rooms.items() if room >= reach]
    return str(rng.choice(free)) if free else max(rooms, key=rooms.__getitem__)


def _room(start: tuple[float, float], aim: str) -> float:
    x, y = start
    return {"left": x - 0.08, "right": 0.92 - x, "up": y - 0.25, "down": 0.97 - y}[aim]


def _gone(start: tuple[float, float], aim: str, reach: float) -> tuple[float, float]:
    dx, dy = AIMS[aim]
    return start[0] + dx * reach, start[1] + dy * reach
