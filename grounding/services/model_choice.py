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

from grounding.catalog import CHOOSABLE
from grounding.data import Boxes, Progress, Query, Regions
from grounding.data.media_image import Image
from grounding.machine.disk import write_atomic
from grounding.protocols import PlacedModel
from grounding.store import Store
from grounding.tasks.improve.weights import project_folder, read_choices

SHIPPED = ""  # the name of what came with the app
FILE = "models.json"
MAX_NAME_LENGTH = 1000  # characters of a name
PHRASE = "the dark square on the left"
FRAMES = 8  # of two boxes that move, which a tracker is asked to link
_writing = threading.Lock()


@dataclass(frozen=True)
class ModelTrial:
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


def chosen_models(store: Store, project_id: str) -> dict[str, str]:
    """The name that serves for each seam; SHIPPED for what came with the app."""
    stored = read_choices(store, project_id, FILE)
    return {seam: str(stored.get(seam, SHIPPED)) for seam in CHOOSABLE}


def choose_model(store: Store, project_id: str, seam: str, name: str) -> None:
    """From now on this one serves in the project; SHIPPED goes back to what came with the app."""
    _check_choice(seam, name)
    folder = project_folder(store, project_id)
    with _writing:
        stored = chosen_models(store, project_id) | {seam: name}
        write_atomic(folder / FILE, json.dumps(stored).encode())


def try_model(make: Callable[[str, str], Any], seam: str, name: str) -> Iterator[Progress]:
    """Makes the model and asks it about a drawn picture; the last progress holds a Tried. Raises ValueError where it cannot be had."""
    _check_choice(seam, name)
    yield Progress(0, 2, "reading the weights")
    model, load_s = _timed(lambda: make(seam, name))
    yield Progress(1, 2, "asking it about a picture")
    photo_s, phrase_s = TIMERS[seam](model)
    done = ModelTrial(
        seam,
        name,
        model.version,
        round(load_s, 3),
        round(photo_s, 4),
        round(phrase_s, 4),
        str(model.compute) if isinstance(model, PlacedModel) else "",
    )
    yield Progress(2, 2, done.summary(), done)


def _time_detector(model: Any) -> tuple[float, float]:
    image = _test_image()
    model.detect(image)  # the first time costs more than all that follow
    return _timed(lambda: model.detect(image))[1], 0.0


def _time_grounder(model: Any) -> tuple[float, float]:
    image = _test_image()
    model.ground(image, Query(PHRASE))
    encoded, photo_s = _timed(lambda: model.encode(image))
    return photo_s, _timed(lambda: model.ground_in(encoded, Query(PHRASE)))[1]


def _time_tracker(model: Any) -> tuple[float, float]:
    shift = np.array([[1.0, 0, 1, 0], [-1, 0, -1, 0]])  # pixels a frame
    boxes = [np.array([[60.0, 120, 240, 300], [380, 200, 560, 380]]) + frame * shift for frame in range(FRAMES)]
    detections = [(frame, Regions(Boxes(both), np.ones(2), ("cup", "cup"))) for frame, both in enumerate(boxes)]
    model.link(detections)
    return _timed(lambda: model.link(detections))[1] / FRAMES, 0.0


TIMERS = {"detector": _time_detector, "grounder": _time_grounder, "tracker": _time_tracker}


def _check_choice(seam: str, name: str) -> None:
    if seam not in CHOOSABLE:
        raise ValueError(f"what is chosen for a project is one of {', '.join(CHOOSABLE)}; got {seam!r}")
    if len(name) > MAX_NAME_LENGTH:
        raise ValueError(f"the name of a model has at most {MAX_NAME_LENGTH:,} characters; got {len(name):,}")


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    value = function()
    return value, time.perf_counter() - began


def _test_image() -> Image:
    """A dark and a bright square on grey, 640 x 480."""
    pixels = np.full((480, 640, 3), 128, np.uint8)
    pixels[120:300, 60:240], pixels[200:380, 380:560] = 30, 220
    return Image(pixels, "drawn")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.95 else f"{max(1, round(1000 * seconds))} ms"
