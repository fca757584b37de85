"""Labels: files of class names that a person gives, checked against what the network tells apart before anything
runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grounding.models.adapters.answers import BACKGROUND_NAMES, PLACEHOLDER_NAMES
from grounding.models.adapters.source import ModelSourceError


def read_class_names(file: str, num_classes: int | None = None) -> tuple[str, ...]:
    """Class names, one a line; empty lines are left out. Raises ModelSourceError for a file that cannot be read, a name
    given twice, a row for the background, and where the network does not have `num_classes` classes.

    Without `num_classes` (a model that looks for what is named): each line must name something.
    """
    path = Path(file).expanduser()
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise ModelSourceError(f"the class names at {path} cannot be read; give a text file with one name a line") from error
    names = [(number, line) for number, line in enumerate(lines, 1) if line]
    if not names:
        raise ModelSourceError(f"{path.name} names no class; give a text file with one name a line")
    _check(path.name, names, num_classes)
    if num_classes is not None and len(names) != num_classes:
        blank = f" (and has {len(lines) - len(names)} empty lines)" if len(names) < len(lines) else ""
        raise ModelSourceError(
            f"{path.name} names {len(names)} classes{blank}, and this network tells {num_classes} apart; give one name a "
            "line for each, in the order it was trained with and without the background"
        )
    return tuple(name for _, name in names)


def _check(file: str, names: Sequence[tuple[int, str]], num_classes: int | None) -> None:
    """Raises ModelSourceError for a row that no class of its own belongs to."""
    line_numbers: dict[str, int] = {}
    for number, name in names:
        plain = name.casefold()
        if plain in BACKGROUND_NAMES:
            raise ModelSourceError(
                f"line {number} of {file} is the background ({name}), which is no class; delete that line"
            )
        if num_classes is None and (plain in PLACEHOLDER_NAMES or not any(sign.isalnum() for sign in name)):
            raise ModelSourceError(
                f"line {number} of {file} ({name}) names nothing that can be looked for; delete that line"
            )
        if plain not in PLACEHOLDER_NAMES and plain in line_numbers:
            raise ModelSourceError(
                f"lines {line_numbers[plain]} and {number} of {file} give the same name ({name}); give each class a name of "
                "its own"
            )
        line_numbers[plain] = number
