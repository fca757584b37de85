"""Learning: training examples, losses, one plain training loop, metrics."""
