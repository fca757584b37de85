"""Detectron2: its detectors behind our seam, its configurations read as data, its weights converted without unpickling."""
