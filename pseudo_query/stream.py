"""Streams: phrases for any number of photos, one JSON line each, the same whatever the number of workers."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from json.encoder import encode_basestring as quoted
from pathlib import Path

import numpy as np

from grounding.data import Progress, Regions, Size
from grounding.machine.workers import pool as tied
from pseudo_query.generate import explained
from pseudo_query.grammar import Grammar
from pseudo_query.phrases import Candidate
from pseudo_query.scenes import scene_of
from pseudo_query.settings import Settings
from pseudo_query.sources import Photo

BATCH = 64  # photos a worker gets at once
AHEAD = 16  # batches given out before the first is back

Opener = Callable[[Path], np.ndarray]  # (H, W, 3) uint8 RGB, upright
Detect = Callable[[np.ndarray], Regions]


@dataclass(frozen=True)
class Recipe:
    """All that decides what is written: settings, seed, and how photos are opened and read. It travels to the workers."""

    settings: Settings
    seed: int = 0
    grammar: bool = False
    open_pixels: Opener | None = None
    detect: Callable[[], Detect] | None = None

    def key(self, source: str) -> str:
        """A digest that tells whether a half-written file may be continued."""
        settings = {**asdict(self.settings), "off": sorted(self.settings.off)}
        text = json.dumps([settings, self.seed, self.grammar, self.open_pixels is not None, source], sort_keys=True, default=_called)
        return hashlib.sha256(text.encode()).hexdigest()


def _called(prompt: Callable) -> str:
    """The name of a learned prompt, which is a function; it should say its version."""
    return getattr(prompt, "version", None) or getattr(prompt, "__qualname__", type(prompt).__qualname__)


@dataclass
class Tally:
    """What was written, and why regions or photos got no phrase: (file, region or None, reason)."""

    photos: int = 0
    phrases: int = 0
    without_pixels: int = 0
    reasons: list[tuple[str, int | None, str]] = field(default_factory=list)


def lines_of(photo: Photo, recipe: Recipe) -> tuple[list[str], Tally]:
    """The lines of one photo; nothing about other photos changes them."""
    tally = Tally(1)
    try:
        size, regions, pixels = _seen(photo, recipe)
    except (ValueError, OSError) as error:
        tally.reasons.append((photo.name, None, str(error)))
        return [], tally
    tally.without_pixels = int(pixels is None)
    seed = int.from_bytes(hashlib.blake2b(f"{recipe.seed}/{photo.name}".encode(), digest_size=8).digest(), "big")
    candidates, silent = explained(scene_of(regions, size, pixels, recipe.settings), recipe.settings, seed)
    if recipe.grammar:
        candidates, refused = _grammar().sift(candidates)
        tally.reasons += [(photo.name, None, f"{c.query!r}: {reason}") for c, reason in refused]
    if not len(regions):
        tally.reasons.append((photo.name, None, "there is no object in it"))
    tally.reasons += [(photo.name, dropped.index, dropped.reason) for dropped in silent]
    tally.phrases = len(candidates)
    file = quoted(photo.name)
    return [_line(file, candidate) for candidate in candidates], tally


def _line(file: str, c: Candidate) -> str:
    """One JSON object, as json.dumps writes it; spelled out here because making an encoder for each line is slow."""
    targets, rules = ", ".join(map(str, c.targets)), ", ".join(map(quoted, c.rules))
    return (f'{{"file": {file}, "query": {quoted(c.query)}, "targets": [{targets}], "unique": {"true" if c.unique else "false"}, '
            f'"score": {c.score!r}, "rules": [{rules}]}}\n')


def _seen(photo: Photo, recipe: Recipe) -> tuple[Size, Regions, np.ndarray | None]:
    """Size, regions and pixels of a photo; a detector is asked where the source brings no boxes."""
    pixels = recipe.open_pixels(photo.path) if photo.path and recipe.open_pixels else None
    if photo.rows is None:
        if pixels is None or recipe.detect is None:
            raise ValueError("there are neither boxes nor a detector for it")
        return Size(pixels.shape[1], pixels.shape[0]), _detector(recipe.detect)(pixels), pixels
    if photo.size is None and pixels is None:
        raise ValueError("its width and height are not known, and the photo itself is missing")
    return photo.size or Size(pixels.shape[1], pixels.shape[0]), photo.regions(), pixels


_workbench: dict = {}  # what a worker builds once: its detector and its parser


def _detector(make) -> Detect:
    if make not in _workbench:
        _workbench[make] = make()
    return _workbench[make]


def _grammar() -> Grammar:
    return _workbench.setdefault(Grammar, Grammar())


@contextmanager
def crew(workers: int) -> Iterator[Executor | None]:
    """Processes that work side by side, which start at once; None for one, which is this process."""
    if workers < 2:
        yield None
        return
    with tied(workers) as pool:
        for _ in range(workers):
            pool.submit(int)  # a process starts when there is something to do
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def write(photos: Callable[[int], Iterable[Photo]], out: Path, recipe: Recipe, pool: Executor | None = None, source: str = "",
          total: int = 0) -> Iterator[Progress]:
    """Writes OUT, a JSON Lines file; the last progress holds the Tally. `photos(start)` gives the photos from there on.

    While it works, lines are in OUT.part and the place reached in OUT.state; started again with the same recipe and
    source it goes on from there, otherwise anew. OUT itself appears only when it is whole.
    """
    part, state = out.with_name(out.name + ".part"), out.with_name(out.name + ".state")
    key = recipe.key(source)
    done, tally = _continued(part, state, key)
    with open(part, "r+b" if done else "wb") as file:
        file.seek(0, os.SEEK_END)
        for written, found in _in_order(photos(done), recipe, pool):
            file.write(written)
            file.flush()
            done += found.photos
            tally.photos, tally.phrases = done, tally.phrases + found.phrases
            tally.without_pixels += found.without_pixels
            _remember(state, {"key": key, "photos": done, "phrases": tally.phrases, "bytes": file.tell(),
                              "without_pixels": tally.without_pixels})
            yield Progress(done, max(total, done), "photos read", found.reasons)
    os.replace(part, out)
    state.unlink(missing_ok=True)
    yield Progress(done, done, "photos read", tally)


def _continued(part: Path, state: Path, key: str) -> tuple[int, Tally]:
    """How many photos a half-written file holds, cut back to the last whole batch; (0, empty) if it is another's."""
    try:
        before = json.loads(state.read_text())
        if before["key"] != key or part.stat().st_size < before["bytes"]:
            return 0, Tally()
        os.truncate(part, before["bytes"])
        return before["photos"], Tally(before["photos"], before["phrases"], before["without_pixels"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, Tally()


def _remember(state: Path, values: dict) -> None:
    fresh = state.with_name(state.name + ".new")
    fresh.write_text(json.dumps(values))
    os.replace(fresh, state)


def _in_order(photos: Iterable[Photo], recipe: Recipe, pool: Executor | None) -> Iterator[tuple[bytes, Tally]]:
    """The results of batch after batch, in the order of the photos; only a few batches are ever in memory."""
    batches = iter(lambda source=iter(photos): tuple(islice(source, BATCH)), ())
    if pool is None:
        yield from (_batch(batch, recipe) for batch in batches)
        return
    waiting = deque(pool.submit(_batch, batch, recipe) for batch in islice(batches, AHEAD))
    while waiting:
        result = waiting.popleft().result()
        waiting.extend(pool.submit(_batch, batch, recipe) for batch in islice(batches, 1))
        yield result


def _batch(photos: tuple[Photo, ...], recipe: Recipe) -> tuple[bytes, Tally]:
    """The lines of some photos as they stand in the file."""
    lines, tally = [], Tally()
    for photo in photos:
        written, found = lines_of(photo, recipe)
        lines += written
        tally.photos, tally.phrases = tally.photos + 1, tally.phrases + found.phrases
        tally.without_pixels += found.without_pixels
        tally.reasons += found.reasons
    return "".join(lines).encode(), tally
