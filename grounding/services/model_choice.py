"""Model choice: which detector, grounder and tracker serve in a project, by their names in the catalog; tried out
before they are taken."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grounding.data import Boxes, Progress, Query, Regions
from grounding.data.media_image import Image
from grounding.machine.disk import write_whole
from grounding.store import Store
from grounding.tasks.improve.weights import choice, shelf

SEAMS = ("detector", "grounder", "tracker")
SHIPPED = ""  # the name of what came with the app
FILE = "models.json"
LONGEST = 1000  # characters of a name
PHRASE = "the dark square on the left"
FRAMES = 8  # of two boxes that move, which a tracker is asked to link
_writing = threading.Lock()


@dataclass(frozen=True)
class Tried:
    """A model that was loaded and asked. Seconds on this machine: to read it, for a photo of 640 x 480 (of a tracker: to
    link a frame with two things), for each phrase after that (0 but of a grounder)."""

    seam: str
    name: str
    version: str
    load_s: float
    photo_s: float
    phrase_s: float
    place: str = ""  # "on the processor in float32", where the model says it

    def summary(self) -> str:
        """One sentence for people."""
        phrase = f" and {_seconds(self.phrase_s)} a phrase" if self.seam == "grounder" else ""
        what = "frame with two things" if self.seam == "tracker" else "photo"
        where = f" ({self.place})" if self.place else ""
        return (
            f"It serves in this project now: {_seconds(self.photo_s)} a {what}{phrase} on this machine{where}, read in "
            f"{_seconds(self.load_s)}."
        )


def chosen(store: Store, project_id: str) -> dict[str, str]:
    """The name that serves for each seam; SHIPPED for what came with the app."""
    told = choice(store, project_id, FILE)
    return {seam: str(told.get(seam, SHIPPED)) for seam in SEAMS}


def choose(store: Store, project_id: str, seam: str, name: str) -> None:
    """From now on this one serves in the project; SHIPPED goes back to what came with the app."""
    _check(seam, name)
    folder = shelf(store, project_id)
    with _writing:
        told = chosen(store, project_id) | {seam: name}
        write_whole(folder / FILE, json.dumps(told).encode())


def tried(make: Callable[[str, str], Any], seam: str, name: str) -> Iterator[Progress]:
    """Makes the model and asks it about a drawn picture; the last progress holds a Tried. Raises ValueError where it cannot be had."""
    _check(seam, name)
    yield Progress(0, 2, "reading the weights")
    model, load_s = _timed(lambda: make(seam, name))
    yield Progress(1, 2, "asking it about a picture")
    photo_s, phrase_s = ASKED[seam](model)
    done = Tried(
        seam,
        name,
        model.version,
        round(load_s, 3),
        round(photo_s, 4),
        round(phrase_s, 4),
        str(getattr(model, "compute", "")),
    )
    yield Progress(2, 2, done.summary(), done)


def _ask_detector(model: Any) -> tuple[float, float]:
    picture = _picture()
    model.detect(picture)  # the first time costs more than all that follow
    return _timed(lambda: model.detect(picture))[1], 0.0


def _ask_grounder(model: Any) -> tuple[float, float]:
    picture = _picture()
    model.ground(picture, Query(PHRASE))
    encoded, photo_s = _timed(lambda: model.encode(picture))
    return photo_s, _timed(lambda: model.ground_in(encoded, Query(PHRASE)))[1]


def _ask_tracker(model: Any) -> tuple[float, float]:
    shift = np.array([[1.0, 0, 1, 0], [-1, 0, -1, 0]])  # pixels a frame
    boxes = [np.array([[60.0, 120, 240, 300], [380, 200, 560, 380]]) + frame * shift for frame in range(FRAMES)]
    seen = [(frame, Regions(Boxes(both), np.ones(2), ("cup", "cup"))) for frame, both in enumerate(boxes)]
    model.link(seen)
    return _timed(lambda: model.link(seen))[1] / FRAMES, 0.0


ASKED = {"detector": _ask_detector, "grounder": _ask_grounder, "tracker": _ask_tracker}


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
