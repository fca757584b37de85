"""Networks and the arithmetic under them; they know tensors and no annotations."""
