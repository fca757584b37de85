"""Worlds: drawn scenes and films whose truth is known; for tests, benchmarks and the demo project."""

from grounding.worlds.films import Film, Sentence, draw_film
from grounding.worlds.places import PLACES
from grounding.worlds.scenes import Scene, draw_scene

__all__ = ["PLACES", "Film", "Scene", "Sentence", "draw_film", "draw_scene"]
