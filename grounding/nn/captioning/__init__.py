"""Captioning: the network that describes a region or a track in one sentence."""
