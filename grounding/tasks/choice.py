"""Choice: which detector and which grounder serve in a project, by their names in the catalog; tried out before they are taken."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grounding.data import Progress, Query
from grounding.data.media_image import Image
from grounding.store import Store
from grounding.tasks.weights import shelf

SEAMS = ("detector", "grounder")
SHIPPED = ""  # the name of what came with the app
FILE = "models.json"
LONGEST = 1000  # characters of a name
PHRASE = "the dark square on the left"
_writing = threading.Lock()


@dataclass(frozen=True)
class Tried:
    """A model that was loaded and asked. Seconds on this machine: to read it, for a photo of 640 x 480, for each phrase after that (0 of a detector)."""

    seam: str
    name: str
    version: str
    load_s: float
    photo_s: float
    phrase_s: float

    def summary(self) -> str:
        """One sentence for people."""
        phrase = f" and {_seconds(self.phrase_s)} a phrase" if self.seam == "grounder" else ""
        return f"It serves in this project now: {_seconds(self.photo_s)} a photo{phrase} on this machine, read in {_seconds(self.load_s)}."


def chosen(store: Store, project_id: str) -> dict[str, str]:
    """The name that serves for each seam; SHIPPED for what came with the app."""
    path = shelf(store, project_id) / FILE
    told = json.loads(path.read_text("utf8")) if path.is_file() else {}
    return {seam: str(told.get(seam, SHIPPED)) for seam in SEAMS}


def choose(store: Store, project_id: str, seam: str, name: str) -> None:
    """From now on this one serves in the project; SHIPPED goes back to what came with the app."""
    _check(seam, name)
    folder = shelf(store, project_id)
    with _writing:
        told = chosen(store, project_id) | {seam: name}
        folder.mkdir(parents=True, exist_ok=True)
        half = folder / f"{FILE}.half"
        half.write_text(json.dumps(told), "utf8")
        os.replace(half, folder / FILE)


def tried(make: Callable[[str, str], Any], seam: str, name: str) -> Iterator[Progress]:
    """Makes the model and asks it about a drawn picture; the last progress holds a Tried. Raises ValueError where it cannot be had."""
    _check(seam, name)
    yield Progress(0, 2, "reading the weights")
    model, load_s = _timed(lambda: make(seam, name))
    yield Progress(1, 2, "asking it about a picture")
    picture = _picture()
    if seam == "detector":
        model.detect(picture)  # the first time costs more than all that follow
        _, photo_s = _timed(lambda: model.detect(picture))
        phrase_s = 0.0
    else:
        model.ground(picture, Query(PHRASE))
        encoded, photo_s = _timed(lambda: model.encode(picture))
        _, phrase_s = _timed(lambda: model.ground_in(encoded, Query(PHRASE)))
    done = Tried(seam, name, model.version, round(load_s, 3), round(photo_s, 4), round(phrase_s, 4))
    yield Progress(2, 2, done.summary(), done)


def _check(seam: str, name: str) -> None:
    if seam not in SEAMS:
        raise ValueError(f"what is chosen for a project is one of {', '.join(SEAMS)}; got {seam!r}")
    if len(name) > LONGEST:
        raise ValueError(f"the name of a model has at most {LONGEST:,} characters; got {len(name):,}")


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    value = work()
    return value, time.perf_counter() - began


def _picture() -> Image:
    """A dark and a bright square on grey, 640 x 480."""
    pixels = np.full((480, 640, 3), 128, np.uint8)
    pixels[120:300, 60:240], pixels[200:380, 380:560] = 30, 220
    return Image(pixels, "drawn")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.95 else f"{max(1, round(1000 * seconds))} ms"
