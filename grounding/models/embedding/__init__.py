"""Embedding: the frozen vision backbone that the embedded models share."""
