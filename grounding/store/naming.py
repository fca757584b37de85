"""Names: what an item is called on the page, and the order people expect (photo 2 before photo 10)."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME_LENGTH = 1024


def display_name(name: str) -> str:
    """The name without control characters and bytes that are no text; never empty, and never used as a path."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text).strip()
    return text[:MAX_NAME_LENGTH] or "unnamed"


def natural_key(name: str) -> str:
    """Sorts by code point as people count: each number is led by its length, and a folder comes before its siblings."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("/", "\x01")
    return re.sub(r"[0-9]+", _prefix_length, folded)[:MAX_NAME_LENGTH]


def _prefix_length(match: re.Match) -> str:
    digits = match.group().lstrip("0") or "0"
    return f"{min(len(digits), 99):02d}{digits}"
