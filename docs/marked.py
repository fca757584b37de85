"""Marked: the lines of a page that a script writes, between two marks; the page keeps its own words outside of them."""

from __future__ import annotations

import re


def written(text: str, mark: str, script: str, rows: list[str]) -> str:
    """The page with what stands between the two marks replaced; ValueError where it has none."""
    begin, end = f"<!-- {mark}: {script} writes what stands between these lines -->", f"<!-- end of {mark} -->"
    between = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not between.search(text):
        raise ValueError(f"the page has no lines for the {mark}; put {begin!r} and {end!r} where they belong")
    return between.sub(lambda _: "\n".join([begin, *rows, end]), text)
