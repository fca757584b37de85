"""Each photo once: of two images of one file that tell different boxes nobody knows which are right, so neither brings any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grounding.data import Size
from grounding.exchange.pictures import Fault, Picture


def told_once(pictures: Iterable[tuple[object, Picture]], faults: list[Fault]) -> Iterator[Picture]:
    """The pictures, each with the key of its file; those that share one are named in `faults`."""
    by_key: dict[object, list[Picture]] = defaultdict(list)
    for key, picture in pictures:
        by_key[key].append(picture)
    for first, *others in by_key.values():
        if not others:
            yield first
        elif all((other.size, other.things, other.phrases) == (first.size, first.things, first.phrases) for other in others):
            faults.append(Fault(first.name, f"is listed {len(others) + 1} times with the same boxes; it came in once", skipped=False))
            yield first
        else:
            lost = sum(len(picture.things) for picture in (first, *others))
            faults.append(Fault(first.name, f"is the file of {len(others) + 1} images that tell different boxes, so nobody knows which are right; "
                                            f"{lost} box{'' if lost == 1 else 'es'} stayed out: keep one image for each file"))
            yield replace(first, size=Size(0, 0), things=(), phrases=())
