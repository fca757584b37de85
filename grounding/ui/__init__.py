"""The page a person works on: Gradio lives here and nowhere else."""

from grounding.ui.context import UIContext

__all__ = ["UIContext"]
