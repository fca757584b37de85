"""Annotations: what a person or a model said about a photo or a video, as an append-only log."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from grounding.data.annotation_values import KINDS, BoxValue, PhraseValue, TrackValue, Value


def new_id() -> str:
    return uuid.uuid4().hex


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Annotation:
    """One version of one thing.

    `id` names this version and `object` the thing through all its versions: the first version's object is its own id.
    `replaces` holds the ids of the versions that this one supersedes. A `value` of None says that the thing is deleted.
    `author` is `person:NAME` or `model:NAME@VERSION`.
    """

    media: str
    kind: str
    value: Value | None
    author: str
    replaces: tuple[str, ...] = ()
    id: str = field(default_factory=new_id)
    object: str = ""
    at: str = field(default_factory=now)

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"an annotation is one of {', '.join(sorted(KINDS))}; got {self.kind!r}")
        who, _, name = self.author.partition(":")
        if who not in ("person", "model") or not name or (who == "model" and "@" not in name):
            raise ValueError(f"an author is 'person:NAME' or 'model:NAME@VERSION'; got {self.author!r}")
        wanted = KINDS[self.kind].value
        if self.value is not None and not isinstance(self.value, wanted):
            raise TypeError(f"the value of a {self.kind} is a {wanted.__name__}; got a {type(self.value).__name__}")
        object.__setattr__(self, "object", self.object or self.id)
        object.__setattr__(self, "replaces", tuple(self.replaces))

    @property
    def by_person(self) -> bool:
        return self.author.startswith("person:")

    @property
    def state(self) -> str:
        """proposed, accepted or rejected; a deleted thing is rejected."""
        if self.value is None:
            return "rejected"
        return self.value.state or ("accepted" if self.by_person else "proposed")

    @property
    def label(self) -> str:
        """The label of a box or track; "" for a phrase and for a deleted object."""
        return self.value.label if isinstance(self.value, BoxValue | TrackValue) else ""

    @property
    def targets(self) -> tuple[str, ...]:
        """The object ids that a phrase points at; none for a box, a track and a deleted object."""
        return self.value.targets if isinstance(self.value, PhraseValue) else ()

    def edited(self, value: Value | None, author: str) -> Annotation:
        """The next version of the same thing."""
        return Annotation(self.media, self.kind, value, author, replaces=(self.id,), object=self.object)


def current(log: Iterable[Annotation]) -> list[Annotation]:
    """What stands after a log: the versions nothing replaces, in order of first appearance, without the deleted."""
    log = list(log)
    replaced = {old for annotation in log for old in annotation.replaces}
    return [annotation for annotation in log if annotation.id not in replaced and annotation.value is not None]
