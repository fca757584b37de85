"""Association: which detections of a clip are the same thing."""
