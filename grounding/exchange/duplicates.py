"""Duplicates: where two images of one file have different boxes, it is unclear which are right, so neither brings any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grounding.data import Size
from grounding.exchange.faults import counted
from grounding.exchange.photos import Fault, Picture


def without_duplicates(pictures: Iterable[tuple[object, Picture]], faults: list[Fault]) -> Iterator[Picture]:
    """The pictures, each with the key of its file; those that share one are named in `faults`."""
    by_key: dict[object, list[Picture]] = defaultdict(list)
    for key, picture in pictures:
        by_key[key].append(picture)
    for first, *others in by_key.values():
        if not others:
            yield first
        elif all(_content(other) == _content(first) for other in others):
            why = f"is listed {len(others) + 1} times with the same boxes; it came in once"
            faults.append(Fault(first.name, why, skipped=False))
            yield first
        else:
            lost = sum(len(picture.things) for picture in (first, *others))
            why = (
                f"is the file of {len(others) + 1} images that tell different boxes, so nobody knows which are right; "
                f"{counted(lost, 'box', 'boxes')} stayed out: keep one image for each file"
            )
            faults.append(Fault(first.name, why))
            yield replace(first, size=Size(0, 0), things=(), phrases=())


def _content(picture: Picture) -> tuple:
    return picture.size, picture.things, picture.phrases
