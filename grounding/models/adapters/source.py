"""The source of an external model, as a user writes it:
MODEL[,revision=...][,device=...][,precision=...][,weights=...]."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

OPTIONS = ("revision", "device", "precision", "weights", "labels", "score")
PRECISIONS = ("float32", "bfloat16", "float16")


class ModelSourceError(ValueError):
    """An external model cannot be used; the message says what is missing and how to get it."""


@dataclass(frozen=True)
class ModelSource:
    """`model` is a folder of this machine or an id of the Hugging Face hub; of torchvision the name of an architecture,
    of Detectron2 a configuration file. `revision` pins a branch, tag or commit of the hub, `weights` names a file of
    weights, `labels` a file with one class name a line, `score` the least score that is answered. `device` is cpu,
    cuda, cuda:1 or mps, "" for the graphics card where there is one; `precision` is one of PRECISIONS, "" for
    float32."""

    model: str
    revision: str = ""
    device: str = ""
    precision: str = ""
    weights: str = ""
    labels: str = ""
    score: float | None = None

    @classmethod
    def parse(cls, text: str) -> ModelSource:
        """From "google/owlvit-base-patch32,device=cuda". A comma that no option follows belongs to what it stands in.

        Raises ModelSourceError for an option nobody knows, one said twice, a precision nobody knows, or a score that is no
        number in [0, 1].
        """
        model, *rest = re.split(r",\s*(?=[a-z]+=)", text.strip())
        options: dict[str, str] = {}
        for piece in rest:
            name, _, value = piece.partition("=")
            if name not in OPTIONS or name in options or not value.strip():
                raise ModelSourceError(
                    f"{piece!r} cannot be understood; write MODEL, then any of {', '.join(f'{o}=...' for o in OPTIONS)} after commas"
                )
            options[name] = value.strip()
        if options.get("precision", PRECISIONS[0]) not in PRECISIONS:
            raise ModelSourceError(f"a precision is one of {', '.join(PRECISIONS)}; got {options['precision']!r}")
        return replace(cls(model.strip()), **{name: _parse_score(value) if name == "score" else value for name, value in options.items()})

    def check_options(self, name: str, *options: str) -> ModelSource:
        """The source itself. Raises ModelSourceError where it says an option that means nothing to the models called
        `name`."""
        unsupported = [option for option in OPTIONS if getattr(self, option) not in ("", None) and option not in options]
        if unsupported:
            raise ModelSourceError(
                f"{unsupported[0]}= means nothing to {name}; leave it out (it takes "
                f"{', '.join(f'{option}=' for option in options)})"
            )
        return self

    def __str__(self) -> str:
        options = [f"{name}={value}" for name in OPTIONS if (value := getattr(self, name)) not in ("", None)]
        return ",".join([self.model, *options])


def _parse_score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise ModelSourceError(f"a score lies between 0 and 1; got {text!r}")
    return score


def first_line(error: Exception) -> str:
    """The first line of an error, not longer than a person reads."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line[:160].rstrip(".")
