"""Captioning: the embedded captioner."""
