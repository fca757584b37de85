"""Motions: how an object moves through a short clip, each with the words that describe it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
ACTION_TEMPLATES = {"still": "", "straight": "moves {first}", "turn": "moves {first} then {then}", "back": "moves {first} and comes back",
                    "stop": "moves {first} and stops", "wait": "waits and moves {first}", "enter": "comes in from the {first}",
                    "leave": "leaves on the {first}", "change": "changes from {first} to {then}"}
REVERSED_KIND = {"still": "still", "straight": "straight", "turn": "turn", "back": "back", "stop": "wait", "wait": "stop", "enter": "leave",
                 "leave": "enter", "change": "change"}
BORDER_MARGIN = 0.22  # how far outside the border an object starts or ends, in widths of the image


@dataclass(frozen=True)
class Motion:
    """The motion of an object: a `kind` of ACTION_TEMPLATES with its directions (or colours), from `start` (x, y) on, as far as
    `reach`, in fractions of the image. What comes in, comes to `start`."""

    kind: str = "still"
    first: str = ""
    then: str = ""
    start: tuple[float, float] = (0.5, 0.5)
    reach: float = 0.35

    @property
    def action(self) -> str:
        """"moves left then up"; empty for what stays as it is."""
        return ACTION_TEMPLATES[self.kind].format(first=self.first, then=self.then)

    @property
    def is_static(self) -> bool:
        return self.kind in ("still", "change")

    def at(self, time: float) -> tuple[float, float]:
        """Where it is at `time` in [0, 1]."""
        times, points = zip(*self._waypoints())
        x, y = (float(np.interp(time, times, axis)) for axis in zip(*points))
        return x, y

    def reversed(self) -> Motion:
        """The motion in the reversed clip. Its path is that of `at(1 - time)`."""
        end = self.at(1.0)
        if self.kind == "turn":
            return replace(self, first=OPPOSITE[self.then], then=OPPOSITE[self.first], start=end)
        if self.kind == "change":
            return replace(self, first=self.then, then=self.first)
        if self.kind in ("straight", "stop", "wait"):
            return replace(self, kind=REVERSED_KIND[self.kind], first=OPPOSITE[self.first], start=end)
        return replace(self, kind=REVERSED_KIND[self.kind])

    def mirrored(self) -> Motion:
        """The motion in the mirrored clip; colours stay."""
        swap = {"left": "right", "right": "left"}
        return replace(
            self, first=swap.get(self.first, self.first), then=swap.get(self.then, self.then), start=(1 - self.start[0], self.start[1])
        )

    def _waypoints(self) -> list[tuple[float, tuple[float, float]]]:
        """(time, point) from 0 to 1."""
        here = self.start
        if self.is_static:
            return [(0, here), (1, here)]
        if self.kind in ("enter", "leave"):
            return self._border_waypoints()
        there = _offset_point(here, self.first, self.reach)
        if self.kind == "turn":
            return [(0, here), (0.5, there), (1, _offset_point(there, self.then, self.reach))]
        return {"straight": [(0, here), (1, there)], "back": [(0, here), (0.5, there), (1, here)],
                "stop": [(0, here), (0.5, there), (1, there)], "wait": [(0, here), (0.5, here), (1, there)]}[self.kind]

    def _border_waypoints(self) -> list[tuple[float, tuple[float, float]]]:
        beyond = {"left": -BORDER_MARGIN, "right": 1 + BORDER_MARGIN}[self.first]
        if self.kind == "enter":
            return [(0, (beyond, self.start[1])), (0.75, self.start), (1, self.start)]
        return [(0, self.start), (0.25, self.start), (1, (beyond, self.start[1]))]


def sample_motion(rng: np.random.Generator, kind: str = "", start: tuple[float, float] | None = None) -> Motion:
    """A motion of this kind, or of any but a change of colour, that stays inside the image unless it enters or leaves."""
    kind = kind or str(rng.choice(["still", "straight", "turn", "turn", "back", "stop", "wait", "enter", "leave"]))
    start = start or (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.3, 0.85)))
    if kind in ("still", "change"):
        return Motion(kind, start=start)
    if kind in ("enter", "leave"):
        return Motion(kind, str(rng.choice(["left", "right"])), start=start)
    reach = float(rng.uniform(0.25, 0.4))
    first = _choose_direction(rng, start, reach)
    then = ""
    if kind == "turn":
        across = ("up", "down") if first in ("left", "right") else ("left", "right")
        then = _choose_direction(rng, _offset_point(start, first, reach), reach, across)
    return Motion(kind, first, then, start, reach)


def _choose_direction(rng: np.random.Generator, start: tuple[float, float], reach: float, directions=tuple(DIRECTIONS)) -> str:
    """A direction with enough free distance; the one with the most where none has enough."""
    distances = {direction: _free_distance(start, direction) for direction in directions}
    feasible = [direction for direction, distance in distances.items() if distance >= reach]
    return str(rng.choice(feasible)) if feasible else max(distances, key=distances.__getitem__)


def _free_distance(start: tuple[float, float], direction: str) -> float:
    x, y = start
    return {"left": x - 0.08, "right": 0.92 - x, "up": y - 0.25, "down": 0.97 - y}[direction]


def _offset_point(start: tuple[float, float], direction: str, reach: float) -> tuple[float, float]:
    dx, dy = DIRECTIONS[direction]
    return start[0] + dx * reach, start[1] + dy * reach
