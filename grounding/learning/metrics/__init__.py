"""Metrics: how good boxes, captions and tracks are, as plain numbers."""
