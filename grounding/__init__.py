"""Deixis: point with words. Annotation and grounding of photos and videos."""

__version__ = "0.3.0"
