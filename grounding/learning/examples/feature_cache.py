"""Cache: frozen features of pictures on disk, so that training reads instead of looking again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grounding.data import Progress
from grounding.data.media_image import Image, open_image
from grounding.machine.workers import pool
from grounding.nn.files.features import CacheError, Features, read_features, write_features


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


def folder_for(folder: Path, backbone: str) -> Path:
    """Where the features of these networks are kept in `folder`: others have folders of their own, so an update of the app is never refused."""
    return Path(folder) / hashlib.sha256(backbone.encode()).hexdigest()[:8]


def digest_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mirror(image: Image) -> Image:
    return Image(image.pixels[:, ::-1].copy(), image.name)


def fill(cache: FeatureCache, paths: Sequence[Path], make_eyes: Callable, mirrored: bool = False, workers: int = 2,
         alone: int = 48) -> Iterator[Progress]:
    """Sees every picture that is not in the cache yet; the last progress holds {path: digest}. Stop and go on as you like.

    Up to `alone` pictures are seen in this process: starting others takes longer.
    """
    digests = {path: digest_of(path) for path in paths}
    wanted = [(path, digest) for path, digest in digests.items() if not cache.has(digest, mirrored)]
    done = len(paths) - len(wanted)
    yield Progress(done, len(paths), "features of photos")
    workers = workers if len(wanted) > alone else 0
    for batch in _see_all(cache, wanted, make_eyes, mirrored, workers):
        done += batch
        yield Progress(done, len(paths), "features of photos")
    yield Progress(len(paths), len(paths), "features of photos", digests)


def _see_all(cache, wanted, make_eyes, mirrored, workers) -> Iterator[int]:
    """How many more pictures have been seen, batch by batch; in processes of their own if there is enough to do."""
    batches = [(cache, wanted[start:start + 16], mirrored) for start in range(0, len(wanted), 16)]
    if workers:
        with pool(workers, _open_eyes, make_eyes, cache.backbone) as seers:
            yield from seers.map(_see_as_worker, batches)
    elif batches:
        eyes = _fitting(make_eyes(), cache.backbone)
        yield from (_see(eyes, *batch) for batch in batches)


_worker: dict[str, object] = {}  # what this worker process opened its eyes to


def _open_eyes(make_eyes: Callable, backbone: str) -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    _worker["eyes"] = _fitting(make_eyes(), backbone)


def _see_as_worker(batch) -> int:
    return _see(_worker["eyes"], *batch)


def _see(eyes, cache: FeatureCache, rows, mirrored: bool) -> int:
    for path, digest in rows:
        image = open_image(path)
        cache.write(digest, eyes.see(mirror(image) if mirrored else image), mirrored)
    return len(rows)


def _fitting(eyes, backbone: str):
    if eyes.version != backbone:
        raise CacheError(f"the cache is for {backbone}, the networks that see are {eyes.version}; choose another cache folder")
    return eyes
