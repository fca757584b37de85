"""Value models: what the door demands of JSON, derived from the value classes and their constraints."""

from __future__ import annotations

import unicodedata
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pydantic
from pydantic import AfterValidator, AllowInfNan, BaseModel, ConfigDict, Strict, create_model

from grounding.data.constraints import Pattern, State


def printable(text: str) -> str:
    """Text without line ends around it; refuses control characters and halves of characters."""
    text = text.strip()
    odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs")), None)
    if odd is not None:
        raise ValueError(f"the text holds the control character U+{ord(odd):04X}; remove it")
    return text


@cache
def value_model(cls: type) -> type[BaseModel]:
    """The pydantic model of a value class or of its rows: unknown keys are refused; an absent state is "accepted"."""
    types = get_type_hints(cls, include_extras=True)
    stored = [field for field in fields(cls) if field.name != "extra"]
    known: dict[str, Any] = {field.name: (checked_type(types[field.name]), _default(field)) for field in stored}
    if "state" in known:
        known["state"] = (State, "accepted")
    return create_model(f"{cls.__name__.removesuffix('Value')}Value", __config__=ConfigDict(extra="forbid"), **known)


def checked_type(annotation: Any) -> Any:
    """The same type for pydantic: numbers and texts strict, numbers finite, tuples as lists; texts are checked for their
    length, then stripped, then checked for control characters."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _constrained(*arguments)
    if origin in (Union, UnionType):
        return Union[tuple(map(checked_type, arguments))]  # noqa: UP007  (of types that are known at run time alone)
    if origin is tuple:
        return list[checked_type(arguments[0])]
    if origin is Literal or annotation is type(None):
        return annotation
    if is_dataclass(annotation):
        return value_model(annotation)  # type: ignore[arg-type]
    return Annotated[annotation, Strict(), AllowInfNan(False)] if annotation is float else Annotated[annotation, Strict()]


def _constrained(base: Any, *constraints: Any) -> Any:
    limits = [pydantic.Field(pattern=limit.regex) if isinstance(limit, Pattern) else limit for limit in constraints]
    is_text = base is str and not any(isinstance(limit, Pattern) for limit in constraints)
    return Annotated[(checked_type(base), *limits, *([AfterValidator(printable)] if is_text else []))]


def _default(field: Field) -> Any:
    if field.default is MISSING:
        return ...
    return list(field.default) if isinstance(field.default, tuple) else field.default
