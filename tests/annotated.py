"""Annotations from the JSON of their values, for tests."""

from grounding.data import Annotation, value_from_json


def annotation(media: str, kind: str, value: dict | None, *rest, **named) -> Annotation:
    return Annotation(media, kind, value_from_json(kind, value), *rest, **named)
