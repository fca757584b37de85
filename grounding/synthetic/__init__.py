"""Worlds: drawn scenes and films whose truth is known; for tests, benchmarks and the demo project."""

from grounding.synthetic.backgrounds import PLACES
from grounding.synthetic.scenes import Scene, draw_scene
from grounding.synthetic.videos import Film, Sentence, draw_film

__all__ = ["PLACES", "Film", "Scene", "Sentence", "draw_film", "draw_scene"]
