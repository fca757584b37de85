"""Pseudo queries: phrases for every object of a picture, made from detections without a human word."""

from pseudo_query.generate import explained, generate, phrases_of
from pseudo_query.lint import Remark, fits, lint
from pseudo_query.phrases import Candidate, Meaning
from pseudo_query.prompt import PROMPTS, wrap
from pseudo_query.scenes import Scene, scene_of
from pseudo_query.settings import DEFAULT, FAITHFUL, TEACHING, Settings
from pseudo_query.verify import asked, is_unique, reliable
from pseudo_query.wording import mirror_words

version = "pseudo-query@9"
generate.version = version  # like every model that proposes, so that what it said can be told apart

__all__ = ["Candidate", "DEFAULT", "FAITHFUL", "Meaning", "PROMPTS", "Remark", "Scene", "Settings", "TEACHING", "asked", "explained",
           "fits", "generate", "is_unique", "lint", "mirror_words", "phrases_of", "reliable", "scene_of", "version", "wrap"]
