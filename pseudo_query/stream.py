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
from json.encoder import encode_basestring as json_string
from pathlib import Path

import numpy as np

from grounding.data import Progress, Regions, Size
from grounding.machine.workers import worker_pool as process_pool
from pseudo_query.generate import generate_with_skipped
from pseudo_query.grammar import GrammarChecker
from pseudo_query.phrases import PseudoQuery
from pseudo_query.scenes import build_scene
from pseudo_query.settings import Settings
from pseudo_query.sources import Photo

BATCH_SIZE = 64  # photos a worker gets at once
MAX_PENDING_BATCHES = 16  # batches given out before the first is back

PixelLoader = Callable[[Path], np.ndarray]  # (H, W, 3) uint8 RGB, upright
DetectFunction = Callable[[np.ndarray], Regions]


@dataclass(frozen=True)
class GenerationConfig:
    """All that decides what is written: settings, seed, and how photos are opened and read. It travels to the workers."""

    settings: Settings
    seed: int = 0
    check_grammar: bool = False
    open_pixels: PixelLoader | None = None
    make_detector: Callable[[], DetectFunction] | None = None

    def resume_key(self, source: str) -> str:
        """A digest that tells whether a half-written file may be continued."""
        settings = {**asdict(self.settings), "disabled_templates": sorted(self.settings.disabled_templates)}
        text = json.dumps(
            [settings, self.seed, self.check_grammar, self.open_pixels is not None, source], sort_keys=True, default=_prompt_name
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _prompt_name(prompt: Callable) -> str:
    """The name of a learned prompt, which is a function; it should say its version."""
    return getattr(prompt, "version", None) or getattr(prompt, "__qualname__", type(prompt).__qualname__)


@dataclass
class Counts:
    """What was written, and why regions or photos got no phrase: (file, region or None, reason)."""

    photos: int = 0
    phrases: int = 0
    without_pixels: int = 0
    reasons: list[tuple[str, int | None, str]] = field(default_factory=list)


def generate_lines(photo: Photo, config: GenerationConfig) -> tuple[list[str], Counts]:
    """The lines of one photo; nothing about other photos changes them."""
    counts = Counts(1)
    try:
        size, regions, pixels = _load_photo(photo, config)
    except (ValueError, OSError) as error:
        counts.reasons.append((photo.name, None, str(error)))
        return [], counts
    counts.without_pixels = int(pixels is None)
    seed = int.from_bytes(hashlib.blake2b(f"{config.seed}/{photo.name}".encode(), digest_size=8).digest(), "big")
    candidates, skipped = generate_with_skipped(build_scene(regions, size, pixels, config.settings), config.settings, seed)
    if config.check_grammar:
        candidates, rejected = _worker_grammar().partition(candidates)
        counts.reasons += [(photo.name, None, f"{c.query!r}: {reason}") for c, reason in rejected]
    if not len(regions):
        counts.reasons.append((photo.name, None, "there is no object in it"))
    counts.reasons += [(photo.name, dropped.region_index, dropped.reason) for dropped in skipped]
    counts.phrases = len(candidates)
    file = json_string(photo.name)
    return [_line(file, candidate) for candidate in candidates], counts


def _line(file: str, c: PseudoQuery) -> str:
    """One JSON object, as json.dumps writes it; spelled out here because making an encoder for each line is slow."""
    targets, rules = ", ".join(map(str, c.targets)), ", ".join(map(json_string, c.rules))
    return (f'{{"file": {file}, "query": {json_string(c.query)}, "targets": [{targets}], "unique": {"true" if c.unique else "false"}, '
            f'"score": {c.score!r}, "rules": [{rules}]}}\n')


def _load_photo(photo: Photo, config: GenerationConfig) -> tuple[Size, Regions, np.ndarray | None]:
    """Size, regions and pixels of a photo; a detector is asked where the source brings no boxes."""
    pixels = config.open_pixels(photo.path) if photo.path and config.open_pixels else None
    if photo.rows is None:
        if pixels is None or config.make_detector is None:
            raise ValueError("there are neither boxes nor a detector for it")
        return Size(pixels.shape[1], pixels.shape[0]), _worker_detector(config.make_detector)(pixels), pixels
    if photo.size is None and pixels is None:
        raise ValueError("its width and height are not known, and the photo itself is missing")
    return photo.size or Size(pixels.shape[1], pixels.shape[0]), photo.regions(), pixels


_worker_cache: dict = {}  # what a worker builds once: its detector and its parser


def _worker_detector(make) -> DetectFunction:
    if make not in _worker_cache:
        _worker_cache[make] = make()
    return _worker_cache[make]


def _worker_grammar() -> GrammarChecker:
    return _worker_cache.setdefault(GrammarChecker, GrammarChecker())


@contextmanager
def worker_pool(workers: int) -> Iterator[Executor | None]:
    """Processes that work side by side, which start at once; None for one, which is this process."""
    if workers < 2:
        yield None
        return
    with process_pool(workers) as pool:
        for _ in range(workers):
            pool.submit(int)  # a process starts when there is something to do
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def write_jsonl(
    photos: Callable[[int], Iterable[Photo]],
    out: Path,
    config: GenerationConfig,
    pool: Executor | None = None,
    source: str = "",
    total: int = 0,
) -> Iterator[Progress]:
    """Writes OUT, a JSON Lines file; the last progress holds the Counts. `photos(start)` gives the photos from there on.

    While it works, lines are in OUT.part and the place reached in OUT.state; started again with the same configuration and
    source it goes on from there, otherwise anew. OUT itself appears only when it is whole.
    """
    partial_file, state_file = out.with_name(out.name + ".part"), out.with_name(out.name + ".state")
    key = config.resume_key(source)
    done, counts = _resume(partial_file, state_file, key)
    with open(partial_file, "r+b" if done else "wb") as file:
        file.seek(0, os.SEEK_END)
        for written, found in _ordered_results(photos(done), config, pool):
            file.write(written)
            file.flush()
            done += found.photos
            counts.photos, counts.phrases = done, counts.phrases + found.phrases
            counts.without_pixels += found.without_pixels
            _save_state(state_file, {"key": key, "photos": done, "phrases": counts.phrases, "bytes": file.tell(),
                              "without_pixels": counts.without_pixels})
            yield Progress(done, max(total, done), "photos read", found.reasons)
    os.replace(partial_file, out)
    state_file.unlink(missing_ok=True)
    yield Progress(done, done, "photos read", counts)


def _resume(partial_file: Path, state_file: Path, key: str) -> tuple[int, Counts]:
    """How many photos a half-written file holds, cut back to the last whole batch; (0, empty) if it is another's."""
    try:
        before = json.loads(state_file.read_text())
        if before["key"] != key or partial_file.stat().st_size < before["bytes"]:
            return 0, Counts()
        os.truncate(partial_file, before["bytes"])
        return before["photos"], Counts(before["photos"], before["phrases"], before["without_pixels"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, Counts()


def _save_state(state: Path, values: dict) -> None:
    fresh = state.with_name(state.name + ".new")
    fresh.write_text(json.dumps(values))
    os.replace(fresh, state)


def _ordered_results(photos: Iterable[Photo], config: GenerationConfig, pool: Executor | None) -> Iterator[tuple[bytes, Counts]]:
    """The results of batch after batch, in the order of the photos; only a few batches are ever in memory."""
    source = iter(photos)
    batches = iter(lambda: tuple(islice(source, BATCH_SIZE)), ())
    if pool is None:
        yield from (_process_batch(batch, config) for batch in batches)
        return
    waiting = deque(pool.submit(_process_batch, batch, config) for batch in islice(batches, MAX_PENDING_BATCHES))
    while waiting:
        result = waiting.popleft().result()
        waiting.extend(pool.submit(_process_batch, batch, config) for batch in islice(batches, 1))
        yield result


def _process_batch(photos: tuple[Photo, ...], config: GenerationConfig) -> tuple[bytes, Counts]:
    """The lines of some photos as they stand in the file."""
    lines, counts = [], Counts()
    for photo in photos:
        written, found = generate_lines(photo, config)
        lines += written
        counts.photos, counts.phrases = counts.photos + 1, counts.phrases + found.phrases
        counts.without_pixels += found.without_pixels
        counts.reasons += found.reasons
    return "".join(lines).encode(), counts
