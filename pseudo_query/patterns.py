"""Patterns: regular expressions put together from lists of words."""

from __future__ import annotations


def one_of(*alternatives: str) -> str:
    """A group that matches one of some expressions, the first that fits."""
    return f"(?:{'|'.join(alternatives)})"


def word_of(words: str) -> str:
    """A group that matches one of some words, written with spaces between them."""
    return one_of(*words.split())
