"""Would another engine than plain PyTorch make a phrase cheaper, and does it still say the same?

    OMP_NUM_THREADS=1 python tests/benchmarks/grounding_engines.py [--rounds 60] [--grounder assets/grounder-default]

The language model on one phrase of eight word pieces, and the grounder's `ask` for 1 and 10 phrases, in one thread, engines interleaved:
PyTorch float32, bfloat16 and dynamic int8, ONNX Runtime and OpenVINO (float32 and dynamic int8). Engines that are not installed are left
out and named: pip install onnx onnxruntime onnxscript openvino. "cosine": the least over word pieces, against PyTorch float32.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import stamped
import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path += [folder for folder in os.environ.get("DEIXIS_ENGINES", "").split(os.pathsep) if folder]  # packages beside the environment

from grounding.nn.files.features import ImageFeatures  # noqa: E402
from grounding.nn.files.storage import load_network  # noqa: E402
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import (
    GroundingNet,  # noqa: E402
    build_grounder,
)
from grounding.nn.hosts import minilm  # noqa: E402
from grounding.nn.parts.packed import pack_linear_layers  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_engines.json"
PHRASE = "the small dog on the left"  # eight pieces with the opening and closing marks
SIDES = {"ssd19": 19, "ssd10": 10, "eff28": 28, "eff14": 14, "eff7": 7, "tint": 28}
Run = Callable[..., np.ndarray]


class Asking(nn.Module):
    """`ask` and the certainty as a function of tensors alone, the picture's part fixed, so that engines can trace it."""

    def __init__(self, net: GroundingNet, seen, words: batches.TextBatch):
        super().__init__()
        self.net, self.seen, self.words = net, seen, words

    def forward(self, states: Tensor) -> Tensor:
        words = batches.TextBatch(states, self.words.phrase_ids, self.words.cls_positions, self.words.valid)
        answer = self.net.ground(self.seen, words)
        return torch.cat([answer.boxes, self.net.calibrated_scores(answer)[..., None]], -1)


def engines(net: nn.Module, inputs: tuple[Tensor, ...], folder: Path) -> Iterator[tuple[str, Run | str]]:
    """(name, how to run it), or (name, why it cannot be run)."""
    yield "torch float32", lambda: net(*inputs).numpy()
    yield "torch float32, packed", running(lambda: pack_linear_layers(twin(net)), inputs)
    yield "torch int8 (dynamic)", running(lambda: torch.ao.quantization.quantize_dynamic(twin(net), {nn.Linear: chosen_int8()}), inputs)
    floats = tuple(part.bfloat16() if part.is_floating_point() else part for part in inputs)
    yield "torch bfloat16", running(lambda: halved(net), floats)
    if missing := [name for name in ("onnx", "onnxruntime", "onnxscript") if importlib.util.find_spec(name) is None]:
        yield "ONNX Runtime", f"not installed: {', '.join(missing)}"
        return
    try:
        file = exported(net, inputs, folder)
    except Exception as error:  # whatever an exporter of another project raises is the finding
        yield "ONNX", f"cannot be exported: {type(error).__name__}: {str(error).splitlines()[0][:150]}"
        return
    yield "ONNX Runtime", tried(lambda: with_onnxruntime(file, inputs))
    yield "ONNX Runtime int8 (dynamic)", tried(lambda: with_onnxruntime(in_bytes(file), inputs))
    yield "OpenVINO", tried(lambda: with_openvino(file, inputs)) if importlib.util.find_spec("openvino") else "not installed: openvino"


def tried(make: Callable[[], Run]) -> Run | str:
    try:
        run = make()
        run()
    except Exception as error:  # whatever an engine of another project raises is the finding
        return f"does not run: {type(error).__name__}: {' '.join(str(error).split())[:150]}"
    return run


def twin(net: nn.Module) -> nn.Module:
    """The same weights in other modules."""
    if isinstance(net, Asking):
        return Asking(copy.deepcopy(net.net), net.seen, net.words)
    return copy.deepcopy(net)


def chosen_int8():
    return torch.ao.quantization.per_channel_dynamic_qconfig


def running(make: Callable[[], nn.Module], inputs) -> Run | str:
    def prepared() -> Run:
        net = make()
        return lambda: net(*inputs).float().numpy()

    return tried(prepared)


def halved(net: nn.Module) -> nn.Module:
    if isinstance(net, Asking):
        raise TypeError("what is kept of a picture is float32, and boxes need its precision")
    return copy.deepcopy(net).bfloat16()


def exported(net: nn.Module, inputs: tuple[Tensor, ...], folder: Path) -> Path:
    file = folder / f"{type(net).__name__}-{'x'.join(map(str, inputs[0].shape))}.onnx"
    torch.onnx.export(net, inputs, str(file), dynamo=True, verbose=False)
    return file


def in_bytes(file: Path) -> Path:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    small = file.with_suffix(".int8.onnx")
    quantize_dynamic(str(file), str(small), per_channel=True, weight_type=QuantType.QInt8)
    return small


def with_onnxruntime(file: Path, inputs) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    told = {place.name: part.numpy() for place, part in zip(session.get_inputs(), inputs)}
    return lambda: session.run(None, told)[0]


def with_openvino(file: Path, inputs) -> Run:
    import openvino

    compiled = openvino.Core().compile_model(str(file), "CPU", {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY",
                                                                "INFERENCE_PRECISION_HINT": "f32"})
    request, told = compiled.create_infer_request(), [part.numpy() for part in inputs]
    return lambda: next(iter(request.infer(told).values()))


@torch.inference_mode()
def compared(net: nn.Module, inputs: tuple[Tensor, ...], folder: Path, rounds: int) -> dict[str, dict | str]:
    runs, found = {}, {}
    for name, run in engines(net, inputs, folder):
        if isinstance(run, str):
            found[name] = run
        else:
            runs[name] = run
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for turn in range(rounds + 5):
        for name, run in runs.items():
            began, busy = time.perf_counter(), time.process_time()
            run()
            if turn >= 5:
                times[name].append(((time.perf_counter() - began) * 1e3, (time.process_time() - busy) * 1e3))
    plain = runs["torch float32"]()
    for name, run in runs.items():
        wall, busy = (statistics.median(values) for values in zip(*times[name]))
        found[name] = {"ms": round(wall, 2), "processor_ms": round(busy, 2), **agreement(plain, run())}
    return found


def agreement(plain: np.ndarray, other: np.ndarray) -> dict[str, float]:
    a, b = plain.reshape(-1, plain.shape[-1]), other.reshape(-1, plain.shape[-1])
    cosine = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    return {"cosine": round(float(cosine.min()), 4), "largest_difference": round(float(np.abs(a - b).max()), 4)}


def picture(shape) -> ImageFeatures:
    rng = np.random.default_rng(0)
    levels = {
        name: rng.standard_normal((channels, SIDES[name], SIDES[name])).astype(np.float16)
        for name, channels in (*shape.levels, ("tint", shape.colour_channels))
    }
    corners = np.sort(rng.random((20, 2, 2)), 1).reshape(20, 4).astype(np.float32)
    return ImageFeatures(levels, corners, rng.integers(0, 80, 20), np.sort(rng.random(20).astype(np.float32))[::-1].copy(), 1.5)


@torch.inference_mode()
def asking(net: GroundingNet, language: minilm.MiniLM, count: int) -> tuple[nn.Module, tuple[Tensor, ...]]:
    seen = net.encode(batches.batch_images([picture(net.config)], 80))
    states = minilm.encode_phrases(language, [PHRASE])[0].astype(np.float32)
    words = batches.batch_texts([[states] * count])
    return Asking(net, seen, words).eval(), (words.states,)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--grounder", type=Path, help="its weights; speed does not depend on them, agreement does")
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    language = minilm.MiniLM.pretrained()
    net = load_network(chosen.grounder, build_grounder)[0] if chosen.grounder else GroundingNet().eval()
    ids = torch.tensor([minilm.tokenizer().encode(PHRASE).ids])
    report: dict = {"script": Path(__file__).name, "pieces": ids.shape[1]}
    with tempfile.TemporaryDirectory() as folder:
        cases = {"language model, one phrase": (language, (ids, torch.ones_like(ids, dtype=torch.bool)))}
        cases |= {f"ask, {count} phrase{'s' * (count > 1)}": asking(net, language, count) for count in (1, 10)}
        for case, (part, inputs) in cases.items():
            report[case] = compared(part, inputs, Path(folder), chosen.rounds) | {"load_average": round(os.getloadavg()[0], 1)}
            stamped.write(RESULTS, report, minilm.VERSION)
            print(case, json.dumps(report[case], indent=1), flush=True)


if __name__ == "__main__":
    main()
