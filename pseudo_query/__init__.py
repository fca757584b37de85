"""Pseudo queries: phrases for every object of a picture, made from detections without a human word."""

from pseudo_query.generate import generate, generate_phrases, generate_with_skipped
from pseudo_query.lint import LintIssue, find_fitting_regions, lint
from pseudo_query.phrases import Meaning, PseudoQuery
from pseudo_query.prompt import PROMPTS, apply_prompt
from pseudo_query.scenes import Scene, build_scene
from pseudo_query.settings import DEFAULT, FAITHFUL, TRAINING, Settings
from pseudo_query.verify import filter_reliable, is_unique, score_reliability
from pseudo_query.wording import mirror_words

version = "pseudo-query@9"
generate.version = version  # like every model that proposes, so that what it said can be told apart

__all__ = [
    "PseudoQuery", "DEFAULT", "FAITHFUL", "Meaning", "PROMPTS", "LintIssue", "Scene", "Settings", "TRAINING",
    "score_reliability", "generate_with_skipped", "find_fitting_regions", "generate", "is_unique", "lint",
    "mirror_words", "generate_phrases", "filter_reliable", "build_scene", "version", "apply_prompt",
]
