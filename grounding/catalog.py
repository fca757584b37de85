"""The menu: every model that can be chosen, by its name. Nothing is loaded before it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from grounding.models.detect import NAMES as CLASSES  # the names the embedded detector knows, offered to a new project

ASSETS = Path(__file__).resolve().parents[1] / "assets"


@dataclass(frozen=True)
class Entry:
    """What a person should know before choosing: title, licence, size of the weights, a note; `make` builds it."""

    make: Callable[[], Any]
    title: str
    licence: str
    size_mb: float
    note: str
    card_file: str = ""

    @property
    def card(self) -> str:
        """The text of its model card, if it has one."""
        path = ASSETS / self.card_file
        return path.read_text("utf8") if self.card_file and path.is_file() else ""


def _from(module: str, name: str, *args: Any) -> Callable[[], Any]:
    """A maker that imports its module only when called."""
    return lambda: getattr(import_module(module), name)(*args)


DETECTORS = {
    "ssd": Entry(_from("grounding.models.detect", "SSD"), "SSD MobileNet v2 (COCO, 80 classes)", "Apache-2.0", 70,
                 "Finds 80 everyday things in about a tenth of a second a photo on two cores."),
}
GROUNDERS = {
    "default": Entry(lambda: _grounder("grounder-default"), "Deixis grounder", "Non-commercial research and education (its training photos)", 6.6,
                     "Finds what a phrase means. Learned from people's phrases and from pseudo queries.", "grounder-default.md"),
    "pseudo": Entry(lambda: _grounder("grounder-pseudo"), "Deixis grounder, pseudo queries only",
                    "Non-commercial research and education (its training photos)", 6.6,
                    "Learned without a single human phrase or box.", "grounder-pseudo.md"),
}
TRACKERS = {
    "motion": Entry(_from("grounding.models.track", "MotionTracker"), "Motion and overlap", "Apache-2.0", 0,
                    "Links detections by steady motion, overlap and class; no network."),
}
GENERATORS = {
    "pseudo": Entry(lambda: import_module("pseudo_query").generate, "Pseudo queries", "Apache-2.0", 0,
                    "English phrases for detected things: name, colour, place among the others."),
}
MENUS = {"detector": DETECTORS, "grounder": GROUNDERS, "tracker": TRACKERS, "generator": GENERATORS}



def eyes() -> Any:
    """The frozen networks the embedded grounders see with; they share the embedded detector."""
    return import_module("grounding.models.eyes").Eyes(make("detector", "ssd"))


@lru_cache(maxsize=4)
def trained(page: Path) -> Any:
    """A grounder from weights learned here; `page` is their JSON page."""
    return import_module("grounding.models.ground").CrossAttentionGrounder(page, eyes)


def _grounder(name: str) -> Any:
    return import_module("grounding.models.ground").CrossAttentionGrounder(ASSETS / f"{name}.json", eyes)


_made: dict[tuple[str, str], Any] = {}
_lock = threading.RLock()


def make(seam: str, name: str = "") -> Any:
    """The model of that name (without one: the first of its menu), built once and shared."""
    menu = MENUS[seam]
    chosen = name or next(iter(menu), "")
    if chosen not in menu:
        raise ValueError(f"there is no {seam} called {chosen!r}; choose one of {', '.join(menu) or 'none yet'}")
    with _lock:
        if (seam, chosen) not in _made:
            _made[seam, chosen] = menu[chosen].make()
        return _made[seam, chosen]
