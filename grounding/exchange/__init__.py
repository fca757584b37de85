"""Exchange: formats in and out. Each file is one format; `archive`, `names` and `outlet` keep all of them safe."""
