"""Files: the original bytes of photos and videos, kept once under the hash of their content."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from grounding.machine.disk import open_atomic

DATABASE = "deixis.sqlite"
CHUNK_BYTES = 1 << 20  # bytes copied at once


def default_folder() -> Path:
    """$DEIXIS_DATA, else deixis/ in the user's data folder."""
    if os.environ.get("DEIXIS_DATA"):
        return Path(os.environ["DEIXIS_DATA"])
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "deixis"


def content_path(folder: Path, sha256: str, ext: str) -> Path:
    return folder / "media" / sha256[:2] / f"{sha256}.{ext}"


def add_file(folder: Path, source: Path, ext: str) -> str:
    """Copies a file in beside its place, then renames it there; its sha256. The same content is kept once."""
    with source.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    target = content_path(folder, sha256, ext)
    if not target.exists():
        with source.open("rb") as stream, open_atomic(target) as target_file:
            shutil.copyfileobj(stream, target_file, CHUNK_BYTES)
    return sha256


def delete_file(folder: Path, sha256: str, ext: str) -> None:
    """Removes a file, and every picture and the features that the cache holds of it."""
    content_path(folder, sha256, ext).unlink(missing_ok=True)
    cache, start = folder / "cache", sha256[:2]
    for cached in (*cache.glob(f"pictures/{start}/{sha256}.*"), *cache.glob(f"features/*/{start}/{sha256}*")):
        cached.unlink(missing_ok=True)
