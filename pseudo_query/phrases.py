"""Phrases: what a query means, and a query together with the things it points at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Meaning(NamedTuple):
    """What a phrase says, apart from its wording; "the left man in red" is noun man, wearing (red, ), place left.

    The place is judged last, among the things that fit everything else: the left one of the men in red.
    `relation` is a predicate of relations.py and the meaning of the other thing. `plural`: all that fit, not one.
    """

    noun: str
    attributes: tuple[str, ...] = ()
    wearing: tuple[str, str] | None = None
    location: str = ""
    relation: tuple[str, Meaning] | None = None
    plural: bool = False


@dataclass(frozen=True)
class PseudoQuery:
    """A query, the regions it points at (indices; () = "there is none"), and how far to trust it.

    `unique`: it fits exactly one object of the picture, judged by attributes and relations. `score` in [0, 1] grows
    with the detector's and the attributes' confidence. `rules`: the template first, then the facts it uses.
    `reliability` in [0, 1] is a grounder's agreement (IoU), None until one was asked.
    """

    query: str
    targets: tuple[int, ...]
    unique: bool
    score: float
    rules: tuple[str, ...]
    reliability: float | None = None
    meaning: Meaning | None = field(default=None, compare=False, repr=False)

    @property
    def template(self) -> str:
        """The name of the pattern it was written with; what a person switches off when it annoys."""
        return self.rules[0]
