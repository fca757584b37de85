"""Detection: the embedded detector."""
