"""Duplicates: where two images of one file have different boxes, it is unclear which are right, so neither brings any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grounding.data import Size
from grounding.exchange.faults import format_count
from grounding.exchange.photos import Fault, ImageAnnotations


def merge_duplicates(images: Iterable[tuple[object, ImageAnnotations]], faults: list[Fault]) -> Iterator[ImageAnnotations]:
    """The pictures, each with the key of its file; those that share one are named in `faults`."""
    by_key: dict[object, list[ImageAnnotations]] = defaultdict(list)
    for key, image in images:
        by_key[key].append(image)
    for first, *others in by_key.values():
        if not others:
            yield first
        elif all(_content(other) == _content(first) for other in others):
            why = f"is listed {len(others) + 1} times with the same boxes; it came in once"
            faults.append(Fault(first.name, why, skipped=False))
            yield first
        else:
            lost = sum(len(image.objects) for image in (first, *others))
            why = (
                f"is the file of {len(others) + 1} images that tell different boxes, so nobody knows which are right; "
                f"{format_count(lost, 'box', 'boxes')} stayed out: keep one image for each file"
            )
            faults.append(Fault(first.name, why))
            yield replace(first, size=Size(0, 0), objects=(), phrases=())


def _content(image: ImageAnnotations) -> tuple:
    return image.size, image.objects, image.phrases
