"""Cache: frozen features of pictures on disk, so that training reads instead of looking again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from grounding.data import Progress
from grounding.data.media_image import Image, open_image
from grounding.nn.features import Features, read_features, write_features


@dataclass(frozen=True)
class FeatureCache:
    """A folder with one file a picture, named by the sha256 of the picture's file (and `m` for its mirror image).

    `backbone` is the version of the networks that see; a file written by others is refused, not mixed in.
    """

    folder: Path
    backbone: str

    def path(self, digest: str, mirrored: bool = False) -> Path:
        return Path(self.folder) / digest[:2] / f"{digest}{'m' if mirrored else ''}.safetensors"

    def has(self, digest: str, mirrored: bool = False) -> bool:
        return self.path(digest, mirrored).exists()

    def read(self, digest: str, mirrored: bool = False) -> Features:
        return read_features(self.path(digest, mirrored), self.backbone)

    def write(self, digest: str, features: Features, mirrored: bool = False) -> None:
        write_features(self.path(digest, mirrored), features, self.backbone)


def digest_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mirror(image: Image) -> Image:
    return Image(image.pixels[:, ::-1].copy(), image.name)


def fill(cache: FeatureCache, paths: Sequence[Path], make_eyes: Callable, mirrored: bool = False, workers: int = 2) -> Iterator[Progress]:
    """Sees every picture that is not in the cache yet; the last progress holds {path: digest}. Stop and go on as you like."""
    digests = {path: digest_of(path) for path in paths}
    wanted = [(path, digest) for path, digest in digests.items() if not cache.has(digest, mirrored)]
    done = len(paths) - len(wanted)
    yield Progress(done, len(paths), "features of photos")
    if len(wanted) < 2 * workers:
        workers = 0
    for batch in _see_all(cache, wanted, make_eyes, mirrored, workers):
        done += batch
        yield Progress(done, len(paths), "features of photos")
    yield Progress(len(paths), len(paths), "features of photos", digests)


def _see_all(cache, wanted, make_eyes, mirrored, workers) -> Iterator[int]:
    batches = [wanted[start:start + 16] for start in range(0, len(wanted), 16)]
    jobs = [(cache, batch, make_eyes, mirrored) for batch in batches]
    if not workers:
        yield from map(_see, jobs)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_one_thread) as pool:
        yield from pool.map(_see, jobs)


def _one_thread() -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)


_EYES: dict[Callable, object] = {}


def _see(job) -> int:
    cache, batch, make_eyes, mirrored = job
    eyes = _EYES.setdefault(make_eyes, make_eyes()) if make_eyes not in _EYES else _EYES[make_eyes]
    if eyes.version != cache.backbone:
        raise ValueError(f"the cache is for {cache.backbone}, the networks are {eyes.version}; choose another cache folder")
    for path, digest in batch:
        image = open_image(path)
        cache.write(digest, eyes.see(mirror(image) if mirrored else image), mirrored)
    return len(batch)
