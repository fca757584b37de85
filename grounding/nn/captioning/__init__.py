"""Captioning: the network that writes a sentence about a region."""
