"""Writing MOT."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from grounding.exchange.atomic_writer import Outlet
from grounding.exchange.photos import Category
from grounding.exchange.videos import Film, copy_video, shown, write_with


class MotWriter:
    """Writes one film at a time; end with `finish`."""

    def __init__(self, out: Outlet, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._films: list[str] = []

    def add(self, film: Film, video: Path | None = None) -> None:
        copy_video(self._out, film, video)
        rows = [(frame, tube, box) for tube in film.tubes for frame, box, _ in shown(tube.track, self._keyframes_only, len(film))]
        rows.sort(key=lambda row: (row[0], row[1].id))
        with self._out.open(f"{film.name}/gt/gt.txt") as target:
            for frame, tube, (x0, y0, x1, y1) in rows:
                numbers = (frame + 1, tube.id, x0, y0, round(x1 - x0, 2), round(y1 - y0, 2), 1, tube.category, int(frame not in tube.covered))
                target.write((",".join(map(_plain, numbers)) + "\n").encode())
        with self._out.open(f"{film.name}/seqinfo.ini") as target:
            target.write(_info(film).encode())
        self._films.append(film.name)

    def finish(self, categories: Iterable[Category]) -> None:
        """Writes what the classes are called beside every film; numbers that no label has are lines of their own number."""
        names = {category.id: category.name for category in categories}
        lines = [" ".join(names.get(number, str(number)).split()) for number in range(1, max(names, default=0) + 1)]
        for name in self._films:
            with self._out.open(f"{name}/gt/labels.txt") as target:
                target.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


write = partial(write_with, MotWriter)


def _info(film: Film) -> str:
    name = " ".join(film.name.split())
    values = {"name": name, "imDir": "img1", "frameRate": _plain(film.fps), "seqLength": len(film), "imWidth": film.size.width,
              "imHeight": film.size.height, "imExt": ".jpg"}
    values |= {"originalName": " ".join(film.original.split())} if film.original else {}
    return "[Sequence]\n" + "".join(f"{key}={value}\n" for key, value in values.items())


def _plain(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)

