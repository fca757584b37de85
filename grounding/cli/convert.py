"""Shell, convert: weights of other programs become safetensors files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grounding.cli.choice import JsonOption
from grounding.cli.terminal import print_result, reporting_errors


def convert_weights(
    path: Annotated[Path, typer.Argument(metavar="MODEL.pkl", help="Weights of Detectron2's model zoo.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.safetensors", help="Where the weights go.")],
    as_json: JsonOption = False,
) -> None:
    """Turn a .pkl of Detectron2's model zoo into .safetensors, which can be used as weights=OUT.safetensors.

    The file is read without unpickling it: only arrays of numbers come over, and a file that would call anything is
    refused.

    \b
    python -m grounding convert-weights model_final_280758.pkl faster_rcnn.safetensors
    """
    with reporting_errors(as_json):
        from grounding.models.adapters.detectron2.pickled import convert_to_safetensors

        count = convert_to_safetensors(path, out)
        print_result({"out": str(out), "tensors": count}, as_json, [f"{count} tensors in {out}"])
