"""Exchange: formats in and out. Each file is one format; `archive`, `names` and `atomic_writer` keep all of them safe."""
