"""Source: where a model of other people comes from, as a person writes it: MODEL[,revision=...][,device=...][,weights=...]."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

OPTIONS = ("revision", "device", "weights", "labels", "score")


class SourceError(ValueError):
    """A model of other people cannot be used; the message says what is missing and how to get it."""


@dataclass(frozen=True)
class Source:
    """`model` is a folder of this machine or an id of the Hugging Face hub; of torchvision the name of an architecture, of
    Detectron2 a configuration file. `revision` pins a branch, tag or commit of the hub, `weights` names a file of weights,
    `labels` a file with one class name a line, `score` the least score that is answered, `device` is cpu or cuda."""

    model: str
    revision: str = ""
    device: str = "cpu"
    weights: str = ""
    labels: str = ""
    score: float | None = None

    @classmethod
    def parse(cls, text: str) -> Source:
        """From "google/owlvit-base-patch32,device=cuda". A comma that no option follows belongs to what it stands in.

        Raises SourceError for an option nobody knows, one said twice, or a score that is no number in [0, 1].
        """
        model, *rest = re.split(r",\s*(?=[a-z]+=)", text.strip())
        said: dict[str, str] = {}
        for piece in rest:
            name, _, value = piece.partition("=")
            if name not in OPTIONS or name in said or not value.strip():
                raise SourceError(f"{piece!r} cannot be understood; write MODEL, then any of {', '.join(f'{o}=...' for o in OPTIONS)} after commas")
            said[name] = value.strip()
        return replace(cls(model.strip()), **{name: _score(value) if name == "score" else value for name, value in said.items()})

    def __str__(self) -> str:
        said = [f"{name}={value}" for name in OPTIONS if (value := getattr(self, name)) not in ("", None, "cpu")]
        return ",".join([self.model, *said])


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise SourceError(f"a score lies between 0 and 1; got {text!r}")
    return score
