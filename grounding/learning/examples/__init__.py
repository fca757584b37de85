"""Examples: where training examples come from, and the caches of frozen features they are read through."""
