"""Grounding: the embedded grounder."""
