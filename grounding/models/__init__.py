"""Models: detectors, grounders, captioners and trackers, each in its own file behind a protocol of `grounding.protocols`."""
