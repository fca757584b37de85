"""Things that teach: samples, losses, one visible training loop, measures."""
