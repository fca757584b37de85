"""Pseudo queries: phrases for every object of a picture, made from detections without a human word."""

from pseudo_query.generate import generate, phrases_of
from pseudo_query.phrases import Candidate, Meaning
from pseudo_query.prompt import PROMPTS, wrap
from pseudo_query.scenes import Scene, scene_of
from pseudo_query.settings import DEFAULT, FAITHFUL, TEACHING, Settings

version = "pseudo-query@1"

__all__ = ["Candidate", "DEFAULT", "FAITHFUL", "Meaning", "PROMPTS", "Scene", "Settings", "TEACHING", "generate",
           "phrases_of", "scene_of", "version", "wrap"]
