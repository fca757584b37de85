"""Command line: the commands' shared parts: progress and errors in a terminal, choice of store and models, training, restore."""
