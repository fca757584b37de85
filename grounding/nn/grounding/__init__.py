"""Grounding: the network that finds the box of a phrase."""
