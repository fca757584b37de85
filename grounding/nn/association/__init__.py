"""Association: which detections of a clip show the same object."""
