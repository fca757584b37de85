"""Labels: files of class names that a person gives, checked against what the network tells apart before anything
runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grounding.models.adapters.answers import BACKGROUND, NAMELESS
from grounding.models.adapters.source import SourceError


def names_of(file: str, classes: int | None = None) -> tuple[str, ...]:
    """Class names, one a line; empty lines are left out. Raises SourceError for a file that cannot be read, a name
    given twice, a row for the background, and where the network tells another number of `classes` apart.

    Without `classes` (a model that looks for what is named): each line must name something.
    """
    path = Path(file).expanduser()
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the class names at {path} cannot be read; give a text file with one name a line") from error
    names = [(number, line) for number, line in enumerate(lines, 1) if line]
    if not names:
        raise SourceError(f"{path.name} names no class; give a text file with one name a line")
    _check(path.name, names, classes)
    if classes is not None and len(names) != classes:
        blank = f" (and has {len(lines) - len(names)} empty lines)" if len(names) < len(lines) else ""
        raise SourceError(
            f"{path.name} names {len(names)} classes{blank}, and this network tells {classes} apart; give one name a "
            "line for each, in the order it was trained with and without the background"
        )
    return tuple(name for _, name in names)


def _check(file: str, names: Sequence[tuple[int, str]], classes: int | None) -> None:
    """Raises SourceError for a row that no class of its own belongs to."""
    seen: dict[str, int] = {}
    for number, name in names:
        plain = name.casefold()
        if plain in BACKGROUND:
            raise SourceError(
                f"line {number} of {file} is the background ({name}), which is no class; delete that line"
            )
        if classes is None and (plain in NAMELESS or not any(sign.isalnum() for sign in name)):
            raise SourceError(
                f"line {number} of {file} ({name}) names nothing that can be looked for; delete that line"
            )
        if plain not in NAMELESS and plain in seen:
            raise SourceError(
                f"lines {seen[plain]} and {number} of {file} give the same name ({name}); give each class a name of "
                "its own"
            )
        seen[plain] = number
