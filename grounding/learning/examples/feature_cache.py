"""Feature cache: frozen features of photos on disk, so that training does not encode them again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grounding.data import Progress
from grounding.data.media_image import Image, open_image
from grounding.machine.workers import worker_pool
from grounding.nn.files.features import FeatureFileError, pack_features, read_arrays, unpack_features, write_arrays


@dataclass(frozen=True)
class Layout:
    """How one kind of features lies in a cache: `file_name(key, *variant)`; `pack` to (arrays, facts), and `unpack` back."""

    file_name: Callable[..., str]
    pack: Callable[[Any], tuple[dict, dict[str, str]]]
    unpack: Callable[[dict, dict[str, str]], Any]


def _photo_file(digest: str, mirrored: bool = False) -> str:
    return f"{digest[:2]}/{digest}{'m' if mirrored else ''}.safetensors"


PHOTOS = Layout(_photo_file, pack_features, unpack_features)  # by the sha256 of the photo's file, True for its mirror image


@dataclass(frozen=True)
class FeatureCache:
    """A folder with one file a key: ImageFeatures of photos, or what another `layout` keeps.

    `backbone_version` is the version of the frozen networks; a file written by others is refused.
    """

    folder: Path
    backbone_version: str
    layout: Layout = PHOTOS

    def path(self, key: Any, *variant: Any) -> Path:
        return Path(self.folder) / self.layout.file_name(key, *variant)

    def has(self, key: Any, *variant: Any) -> bool:
        return self.path(key, *variant).exists()

    def read(self, key: Any, *variant: Any) -> Any:
        """FeatureFileError if the file is damaged or other networks made it."""
        path = self.path(key, *variant)
        arrays, facts = read_arrays(path, self.backbone_version)
        try:
            return self.layout.unpack(arrays, facts)
        except (KeyError, TypeError, ValueError) as error:
            raise FeatureFileError(f"the features in {path} cannot be read ({error}); delete the file and it is made again") from error

    def write(self, key: Any, value: Any, *variant: Any) -> None:
        arrays, facts = self.layout.pack(value)
        write_arrays(self.path(key, *variant), arrays, self.backbone_version, facts)


def backbone_folder(folder: Path, backbone_version: str) -> Path:
    """Where the features of this backbone are kept in `folder`: others have folders of their own, so that an update of the app can
    write its own."""
    return Path(folder) / hashlib.sha256(backbone_version.encode()).hexdigest()[:8]


def file_sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mirror_image(image: Image) -> Image:
    return Image(image.pixels[:, ::-1].copy(), image.name)


def fill_cache(cache: FeatureCache, paths: Sequence[Path], make_backbone: Callable, mirrored: bool = False, workers: int = 2,
               max_in_process: int = 48) -> Iterator[Progress]:
    """Encodes every photo that is not in the cache yet; the last progress holds {path: digest}. Can be stopped and resumed at any time.

    Up to `max_in_process` photos are encoded in this process: starting others takes longer.
    """
    digests = {path: file_sha256(path) for path in paths}
    missing = [(path, digest) for path, digest in digests.items() if not cache.has(digest, mirrored)]
    done = len(paths) - len(missing)
    yield Progress(done, len(paths), "features of photos")
    workers = workers if len(missing) > max_in_process else 0
    for batch in _encode_all(cache, missing, make_backbone, mirrored, workers):
        done += batch
        yield Progress(done, len(paths), "features of photos")
    yield Progress(len(paths), len(paths), "features of photos", digests)


def _encode_all(cache, missing, make_backbone, mirrored, workers) -> Iterator[int]:
    """The number of photos encoded in each batch; in processes of their own if `workers`."""
    batches = [(cache, missing[start:start + 16], mirrored) for start in range(0, len(missing), 16)]
    if workers:
        with worker_pool(workers, _init_worker, make_backbone, cache.backbone_version) as encoders:
            yield from encoders.map(_encode_in_worker, batches)
    elif batches:
        backbone = _check_version(make_backbone(), cache.backbone_version)
        yield from (_encode_batch(backbone, *batch) for batch in batches)


_worker: dict[str, object] = {}  # the backbone of this worker process


def _init_worker(make_backbone: Callable, backbone_version: str) -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    _worker["backbone"] = _check_version(make_backbone(), backbone_version)


def _encode_in_worker(batch) -> int:
    return _encode_batch(_worker["backbone"], *batch)


def _encode_batch(backbone, cache: FeatureCache, files, mirrored: bool) -> int:
    for path, digest in files:
        image = open_image(path)
        cache.write(digest, backbone.encode(mirror_image(image) if mirrored else image), mirrored)
    return len(files)


def _check_version(encoder, version: str):
    if encoder.version != version:
        raise FeatureFileError(f"the cache is for {version}, the frozen networks are {encoder.version}; choose another cache folder")
    return encoder
