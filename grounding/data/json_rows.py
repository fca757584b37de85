"""JSON rows: frozen dataclasses as JSON objects and back. None is a key left out; unknown keys stay in the field `extra`."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

Row = TypeVar("Row")


def row_to_json(row: Any) -> dict:
    """The fields that are not None in their order, then the keys of `extra`; tuples become lists, rows in them objects."""
    values = zip(_field_names(type(row)), _reader(type(row))(row))
    kept = {name: _plain(value) if type(value) is tuple else value for name, value in values if value is not None}
    return kept | dict(row.extra) if row.extra else kept


def row_from_json(cls: type[Row], data: dict, rows: dict[str, Any] | None = None) -> Row:
    """The row of this JSON object; `rows` are the classes of lists of objects, by key. Raises ValueError where a key is missing."""
    names, known, extra = _field_names(cls), {}, []
    for key, value in data.items():
        if key not in names:
            extra.append((key, value))
        elif type(value) is list:
            known[key] = tuple(map(rows[key].from_json, value)) if rows and key in rows else tuple(value)
        elif value is not None:
            known[key] = value
    if extra:
        known["extra"] = tuple(extra)
    try:
        return cls(**known)
    except TypeError:
        raise ValueError(f"the JSON of a {cls.__name__} lacks a key; got the keys {', '.join(data)[:100] or 'none'}") from None


def _plain(values: tuple) -> list:
    return [row_to_json(value) for value in values] if values and hasattr(values[0], "extra") else list(values)


@cache
def _reader(cls: type) -> attrgetter:
    return attrgetter(*_field_names(cls))


@cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls) if field.name != "extra")  # type: ignore[arg-type]
