"""The page a person works on: Gradio lives here and nowhere else."""
