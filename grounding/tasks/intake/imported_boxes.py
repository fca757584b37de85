"""Imported boxes: how boxes that a set tells of a photo lie on the photo as it is shown."""

from __future__ import annotations

from pathlib import Path

from grounding.data import Size
from grounding.exchange.photos import Picture
from grounding.exchange.upright import stored
from grounding.store import Item

Turn = tuple[int, Size]  # the EXIF orientation by which boxes are turned, and the size they were drawn for


def turn_of(item: Item, picture: Picture, path: Path) -> tuple[Turn | None, str]:
    """How the boxes of a picture are turned to lie on the upright photo, None if they cannot fit it; and what is to be
    said, "" for nothing."""
    told, upright = picture.size, (1, item.size)
    if not picture.things or item.kind != "photo":
        return upright, ""
    orientation, as_stored = stored(path)
    if told in (item.size, Size(0, 0)):
        doubt = orientation > 1 and told in (as_stored, Size(0, 0))
        return upright, ("is a turned photo, and nothing tells whether its boxes were drawn on the turned or the unturned one; they were taken as drawn "
                         "on the photo as you see it: look at them") * doubt
    if told == as_stored:
        return (orientation, as_stored), "is a turned photo whose boxes were drawn on the unturned one; they were turned with it"
    return None, (f"is {item.width} x {item.height}, but its boxes are for {told.width} x {told.height}; they stayed out: "
                  "load the photo they were drawn on")
