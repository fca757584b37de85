"""Captioning: the examples, losses and training of the caption network."""
