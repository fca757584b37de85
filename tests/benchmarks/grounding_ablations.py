"""What is each part of the grounder worth, and what does the paper's form do on the same material?

    OMP_NUM_THREADS=1 python tests/benchmarks/grounding_ablations.py --cache FOLDER [--data FOLDER] [--seeds 0 1] [--arms NAME ...]

Every arm is a small network, taught the same one-box phrases of the same photos in the same order for the same number of steps: what
people said, and, since they seldom say "left", phrases of place about the boxes they drew. Asked are one-box phrases about the photos for
choosing (their number ends in 01, 21, ...; held-out ones are not looked at). The last weights answer. What was run is
not run again. docs/ablations.py writes the table of the method page.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import stamped
import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding.learning.examples.feature_cache import FeatureCache, file_sha256  # noqa: E402
from grounding.learning.examples.flickr30k import is_held_out, is_validation, read_entities  # noqa: E402
from grounding.learning.examples.samples import BatchLoader, Example, SamplingConfig, all_texts  # noqa: E402
from grounding.learning.examples.spatial_phrases import generate_spatial_phrases  # noqa: E402
from grounding.learning.examples.text_cache import TextEmbeddingCache  # noqa: E402
from grounding.learning.finetune import Schedule, finetune  # noqa: E402
from grounding.learning.grounding.validation import evaluate_phrases  # noqa: E402
from grounding.models.embedding.backbone import VisionBackbone  # noqa: E402
from grounding.nn.grounding import batches
from grounding.nn.grounding.candidates import EXTRA_CLASS_NAMES  # noqa: E402
from grounding.nn.grounding.network import GroundingConfig, GroundingNet  # noqa: E402
from grounding.nn.hosts import minilm  # noqa: E402
from tests.benchmarks.reference import ablation  # noqa: E402
from tests.benchmarks.reference.paper_net import PseudoQConfig, PseudoQNet, add_prompt  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_ablations.json"
SMALL = GroundingConfig(grid_size=10, width=128, feedforward_width=256, scorer_width=64)


@dataclass(frozen=True)
class Trial:
    """All numbers of a run, the same for every arm."""

    photos: int = 1600  # of the training photos, drawn once
    asked: int = 400  # photos the questions are about
    steps: int = 360
    batch: int = 12  # photos a step
    phrases: int = 6  # of a photo a step, at most
    rate: float = 7e-4
    warmup: int = 40
    smooth: float = 0.98


@dataclass(frozen=True)
class Arm:
    """`make` gives fresh weights; the language model is read `depth` layers deep, with the paper's prompt or without."""

    make: Callable[[], nn.Module]
    depth: int = minilm.LAYERS
    prompt: bool = False
    rate: float = 1.0  # times the trial's


def ours(change: Callable[[GroundingNet], nn.Module] = lambda net: net, **sizes) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        net = GroundingNet(replace(SMALL, **sizes))
        net.name_embeddings.copy_(name_states(net.config.text_layers))
        return change(net)
    return make


def paper(**sizes) -> Callable[[], nn.Module]:
    """As deep as the paper's, as wide as ours."""
    shape = {"grid_size": SMALL.grid_size, "width": SMALL.width, "feedforward_width": 512} | sizes
    return lambda: PseudoQNet(PseudoQConfig.on_minilm(**shape))


ARMS = {
    "shipped form": Arm(ours()),
    "without candidates (only the box drawn freely)": Arm(ours(ablation.without_candidates)),
    "without cells and heat": Arm(ours(ablation.without_grid)),
    "without the box drawn freely": Arm(ours(ablation.without_box_regression)),
    "without ranks": Arm(ours(ablation.without_relative_positions)),
    "without tints": Arm(ours(ablation.without_colours)),
    "two decoders, not three": Arm(ours(decoder_layers=2)),
    "MiniLM read three layers deep, not six": Arm(ours(text_layers=3), depth=3),
    "half as wide": Arm(ours(width=64, feedforward_width=128, scorer_width=32)),
    "the paper's form": Arm(paper(), prompt=True, rate=0.36),  # 2.5e-4, the paper's
}


def name_states(depth: int) -> torch.Tensor:
    from grounding.models.detection.ssd import CLASS_NAMES

    states = minilm.encode_phrases(minilm.MiniLM.pretrained(depth), [*CLASS_NAMES, *EXTRA_CLASS_NAMES])
    return torch.stack([torch.from_numpy(state.astype("float32")).mean(0) for state in states])


@dataclass(frozen=True)
class Material:
    cache: FeatureCache
    taught: list[Example]
    said: list[Example]  # asked: what people said
    placed: list[Example]  # asked: where a thing lies among its like
    names: int


def material(data: Path, cache: Path, trial: Trial) -> Material:
    photos = [photo for photo in read_entities(data) if not is_held_out(photo.id)]
    order = np.random.default_rng(0).permutation(len(photos))
    learns = [photos[i] for i in order if not is_validation(photos[i].id)][: trial.photos]
    asked = [photo for photo in photos if is_validation(photo.id)][: trial.asked]
    eyes = VisionBackbone()

    def lessons(chosen, *parts) -> list[Example]:
        rows = zip(chosen, zip(*parts))
        return [Example(file_sha256(photo.path), tuple(p for part in row for p in part if len(p.boxes) == 1)) for photo, row in rows]

    return Material(FeatureCache(cache, eyes.version), lessons(learns, [p.phrases for p in learns], generate_spatial_phrases(learns, 0)),
                    lessons(asked, [p.phrases for p in asked]), lessons(asked, generate_spatial_phrases(asked, 0)), len(eyes.class_names))


class Prompted:
    """A phrasebook that looks a phrase up in the paper's prompt."""

    def __init__(self, book: TextEmbeddingCache):
        self.book = book

    def __getitem__(self, phrase: str) -> np.ndarray:
        return self.book[add_prompt(phrase)]


def book_of(arm: Arm, found: Material, kept: Path):
    texts = all_texts([*found.taught, *found.said, *found.placed])
    if arm.prompt:
        return Prompted(TextEmbeddingCache(map(add_prompt, texts), kept, arm.depth))
    return TextEmbeddingCache(texts, kept, arm.depth)


def taught(arm: Arm, found: Material, book, trial: Trial, seed: int) -> tuple[nn.Module, float]:
    """The trained network and the seconds of processor time it took."""
    torch.manual_seed(seed)
    net = arm.make()
    diet = SamplingConfig(photos_per_batch=trial.batch, phrases_per_photo=trial.phrases, negatives_per_photo=0, seed=seed)
    schedule = Schedule(trial.steps, trial.rate * arm.rate, trial.warmup, ema_decay=trial.smooth, seed=seed)
    began = time.process_time()
    for progress in finetune(net, BatchLoader(found.taught, found.cache, book, found.names, diet), schedule):
        if progress.done % 50 == 0:
            print(f"  {progress.done}/{progress.total} {progress.note} {time.process_time() - began:.0f} s", flush=True)
    return net, time.process_time() - began


def run(chosen, trial: Trial) -> dict:
    page = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if page.get("trial") != asdict(trial):
        page = {"script": Path(__file__).name, "trial": asdict(trial), "shape": asdict(SMALL), "arms": {}}
    before = dict(page) if page["arms"] else None
    found = None
    for seed in chosen.seeds:
        for name in chosen.arms:
            row = page["arms"].setdefault(name, {})
            if str(seed) in row:
                continue
            print(name, seed, flush=True)
            found = found or material(chosen.data, chosen.cache, trial)
            book = book_of(ARMS[name], found, chosen.books)
            net, seconds = taught(ARMS[name], found, book, trial, seed)
            said, placed = (evaluate_phrases(net, lessons, found.cache, book, found.names) for lessons in (found.said, found.placed))
            row[str(seed)] = {"said": said["accuracy"], "placed": placed["accuracy"], "seconds": round(seconds)}
            page |= {
                "phrases": {"said": said["phrases"], "placed": placed["phrases"], "taught": sum(len(one.phrases) for one in found.taught)}
            }
            stamped.write(RESULTS, page, VisionBackbone(), minilm.VERSION, kept=before)
            print("  ", row[str(seed)], flush=True)
    return page


@torch.inference_mode()
def speeds(names: list[str], cache: FeatureCache, digest: str, rounds: int = 30) -> dict[str, dict]:
    """Milliseconds (median) of encoding a photo's features and of a phrase never read before, the language model
    included; arms interleaved."""
    from itertools import count

    nets = {name: ARMS[name].make().eval() for name in names}
    languages = {depth: minilm.MiniLM.pretrained(depth) for depth in {arm.depth for arm in ARMS.values()}}
    features, number, times = cache.read(digest), count(), {name: ([], []) for name in names}
    for turn in range(rounds + 5):
        for name, net in nets.items():
            began = time.perf_counter()
            seen = net.encode(batches.batch_images([features], 80))
            middle = time.perf_counter()
            phrase = f"the red dog number {next(number)}"
            states = minilm.encode_phrases(languages[ARMS[name].depth], [add_prompt(phrase) if ARMS[name].prompt else phrase])
            net.ground(seen, batches.batch_texts([[states[0].astype(np.float32)]]))
            for kept, spent in zip(times[name], (middle - began, time.perf_counter() - middle)):
                kept += [spent * 1e3] if turn >= 5 else []
    return {
        name: {
            "parameters": sum(weight.numel() for weight in nets[name].parameters()),
            "see_ms": round(statistics.median(see), 1),
            "phrase_ms": round(statistics.median(ask), 1),
        }
        for name, (see, ask) in times.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "flickr8k_entities"
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--cache", type=Path, required=True, help="features of all photos, as training leaves them")
    parser.add_argument("--books", type=Path, help="where word states are kept between runs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--no-speed", action="store_true")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    page = run(chosen, Trial())
    if not chosen.no_speed:
        photo = next(photo for photo in read_entities(chosen.data) if is_validation(photo.id))
        page["speed"] = speeds(list(page["arms"]), FeatureCache(chosen.cache, VisionBackbone().version), file_sha256(photo.path))
        stamped.write(RESULTS, page, VisionBackbone(), minilm.VERSION, kept=page)
    for name, runs in page["arms"].items():
        print(name, runs, page.get("speed", {}).get(name, ""))


if __name__ == "__main__":
    main()
