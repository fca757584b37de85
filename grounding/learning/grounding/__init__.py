"""Grounding: the losses, training, calibration and validation of the grounding network."""
