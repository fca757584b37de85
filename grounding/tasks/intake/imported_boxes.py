"""Imported boxes: how boxes that a set tells of a photo lie on the photo as it is shown."""

from __future__ import annotations

from pathlib import Path

from grounding.data import Size
from grounding.exchange.photos import ImageAnnotations
from grounding.exchange.upright import read_orientation
from grounding.store import Item

Orientation = tuple[int, Size]  # the EXIF orientation by which boxes are turned, and the size they were drawn for


def box_orientation(item: Item, picture: ImageAnnotations, path: Path) -> tuple[Orientation | None, str]:
    """How the boxes of a picture are turned to lie on the upright photo, None if they cannot fit it; and what is to be
    said, "" for nothing."""
    declared_size, upright = picture.size, (1, item.size)
    if not picture.objects or item.kind != "photo":
        return upright, ""
    orientation, as_stored = read_orientation(path)
    if declared_size in (item.size, Size(0, 0)):
        doubt = orientation > 1 and declared_size in (as_stored, Size(0, 0))
        return upright, (
            "is a turned photo, and nothing tells whether its boxes were drawn on the turned or the unturned one; they were taken as drawn "
            "on the photo as you see it: look at them"
        ) * doubt
    if declared_size == as_stored:
        return (orientation, as_stored), "is a turned photo whose boxes were drawn on the unturned one; they were turned with it"
    return None, (
        f"is {item.width} x {item.height}, but its boxes are for {declared_size.width} x {declared_size.height}; they stayed out: "
        "load the photo they were drawn on"
    )
