"""Files: weights and features on disk, checked by their sha256."""
