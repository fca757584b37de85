"""Things that see: detectors, grounders, trackers, each in its own file behind a seam of `grounding.protocols`."""
