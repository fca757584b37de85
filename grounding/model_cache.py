"""Model cache: the models of the catalog that were asked for, each loaded once and shared."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from grounding.catalog import SEAMS, ModelEntry

_builtin_models: dict[tuple[str, str], Any] = {}
_external_models: OrderedDict[tuple[str, str], Any] = OrderedDict()  # models of other people are large: those used last stay
MAX_EXTERNAL_MODELS = 2
_lock = threading.RLock()


def make(seam: str, name: str = "") -> Any:
    """The model of that name (without one: the first of its menu), built once and shared. "NAME:..." says which model of other people;
    see `catalog.ModelEntry.argument_hint`. Raises ValueError where there is none of that name, or it cannot be had."""
    menu = SEAMS[seam].menu
    chosen_name, colon, argument = (name or next(iter(menu), "")).partition(":")
    if chosen_name not in menu:
        raise ValueError(f"there is no {seam} called {chosen_name!r}; choose one of {', '.join(menu) or 'none yet'}")
    entry = menu[chosen_name]
    if colon and not entry.argument_hint:
        raise ValueError(f"{chosen_name} comes with Deixis as it is; nothing is named behind it")
    with _lock:
        if entry.argument_hint:
            return _external_model(seam, chosen_name, entry, argument)
        return _builtin_model(seam, chosen_name, entry)


def _builtin_model(seam: str, chosen: str, entry: ModelEntry) -> Any:
    if (seam, chosen) not in _builtin_models:
        _builtin_models[seam, chosen] = entry.build(make)
    return _builtin_models[seam, chosen]


def _external_model(seam: str, chosen: str, entry: ModelEntry, argument: str) -> Any:
    text = argument.strip() or entry.default_argument
    if not text:
        raise ValueError(f"{chosen} needs to be told which model: {chosen}:MODEL, where MODEL is {entry.argument_hint}")
    if text.startswith(","):  # options alone go with the default
        text = entry.default_argument + text
    if (seam, f"{chosen}:{text}") not in _external_models:
        while len(_external_models) >= MAX_EXTERNAL_MODELS:
            _external_models.popitem(last=False)
        _external_models[seam, f"{chosen}:{text}"] = entry.build(make, text)
    _external_models.move_to_end((seam, f"{chosen}:{text}"))
    return _external_models[seam, f"{chosen}:{text}"]


def load_backbone() -> Any:
    """The vision backbone that ships: the frozen networks the embedded models read images with. Worker processes can be handed this."""
    return make("backbone")


@lru_cache(maxsize=4)
def load_trained_grounder(page: Path) -> Any:
    """A grounder from weights learned here; `page` is their JSON page."""
    return import_module("grounding.models.grounding.cross_attention").CrossAttentionGrounder(page, load_backbone)
