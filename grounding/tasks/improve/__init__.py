"""Improve: models learn from corrections and are measured."""
