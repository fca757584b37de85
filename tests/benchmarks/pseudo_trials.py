"""Trials: one small grounder is taught again and again in the same way, each time with other phrases, and asked what people say.

Shared by pseudo_training.py and annotation_saving.py. Everything but the phrases is equal: photos, steps, order, first weights.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import stamped
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding.data import Boxes, Regions, Size  # noqa: E402
from grounding.learning.examples.flickr30k import Photo, Phrase  # noqa: E402
from grounding.learning.examples.samples import collate_targets  # noqa: E402
from grounding.learning.examples.text_cache import TextEmbeddingCache  # noqa: E402
from grounding.learning.finetune import Schedule, finetune  # noqa: E402
from grounding.models.detection.ssd import CLASS_NAMES  # noqa: E402
from grounding.models.embedding.backbone import VisionBackbone  # noqa: E402
from grounding.nn.files.features import ImageFeatures  # noqa: E402
from grounding.nn.grounding import batches
from grounding.nn.grounding.candidates import EXTRA_CLASS_NAMES, make_candidates  # noqa: E402
from grounding.nn.grounding.network import GroundingConfig, GroundingNet  # noqa: E402
from grounding.nn.hosts import minilm  # noqa: E402
from grounding.nn.parts.geometry import pair_iou  # noqa: E402
from grounding.tasks.improve.baselines import baseline_boxes, match_class_name  # noqa: E402

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Trial:
    """All numbers of a run; the same for every arm."""

    photos: int = 2400  # of the training photos, drawn once
    seeds: tuple[int, ...] = (0, 1, 2)
    steps: int = 600
    batch: int = 16  # photos a step
    phrases: int = 6  # of a photo a step, at most
    rate: float = 1e-3
    warmup: int = 50
    smooth: float = 0.99
    proposals: int = 12  # of the detector, offered to the grounder
    people: int = 2
    grids: tuple[tuple[str, int, int], ...] = (
        ("ssd19", 576, 10),
        ("eff28", 40, 7),
        ("eff14", 112, 7),
    )  # name, channels, kept as so many cells a side
    tints: int = 14  # cells a side that colours are kept in
    side: int = 5
    width: int = 64
    heads: int = 2
    wide: int = 128
    encoders: int = 0
    decoders: int = 2
    narrow: int = 32
    sure: float = 0.3  # detections from this score on are spoken of

    @property
    def sides(self) -> dict[str, int]:
        """How many cells a side of everything the network reads."""
        return {name: side for name, _, side in self.grids} | {"tint": self.tints}

    def network(self, seed: int) -> GroundingNet:
        """Fresh weights, the same for the same seed."""
        torch.manual_seed(seed)
        names = [*CLASS_NAMES, *EXTRA_CLASS_NAMES]
        net = GroundingNet(
            GroundingConfig(
                levels=tuple(row[:2] for row in self.grids),
                grid_size=self.side,
                width=self.width,
                heads=self.heads,
                feedforward_width=self.wide,
                encoder_layers=self.encoders,
                decoder_layers=self.decoders,
                scorer_width=self.narrow,
                num_classes=len(names),
            )
        )
        net.name_embeddings.copy_(_meanings(tuple(names)))
        return net


@lru_cache(maxsize=1)
def _meanings(names: tuple[str, ...]) -> torch.Tensor:
    """(names, 384) what the language model says of each name."""
    states = minilm.encode_phrases(minilm.MiniLM.pretrained(), names)
    return torch.stack([torch.from_numpy(state.astype("float32")).mean(0) for state in states])


class Seen:
    """What the grounder sees of all photos of the trial, in memory: small grids and candidates."""

    def __init__(self, features: dict[str, ImageFeatures], trial: Trial):
        self.rows = {photo: row for row, photo in enumerate(features)}
        offers = [make_candidates(found, len(CLASS_NAMES), trial.proposals, trial.people) for found in features.values()]
        self.levels = {name: torch.from_numpy(np.stack([found.levels[name] for found in features.values()])) for name in trial.sides}
        self.columns = {field.name: torch.from_numpy(np.stack([getattr(offer, field.name) for offer in offers]))
                        for field in fields(batches.ImageBatch) if field.name != "levels"}

    def __call__(self, photos: Sequence[str]) -> batches.ImageBatch:
        rows = torch.tensor([self.rows[photo] for photo in photos])
        return batches.ImageBatch(
            levels={name: grid[rows].float() for name, grid in self.levels.items()},
            **{name: column[rows] for name, column in self.columns.items()},
        )


def shrunk(features: ImageFeatures, trial: Trial) -> ImageFeatures:
    """Only the grids of the trial, as coarse as it wants them."""
    levels = {}
    for name, side in trial.sides.items():
        grid = torch.from_numpy(features.levels[name]).float()[None]
        levels[name] = torch.nn.functional.interpolate(grid, (side, side), mode="bilinear", antialias=True)[0].half().numpy()
    return ImageFeatures(levels, features.boxes, features.classes, features.scores, features.aspect_ratio)


def taught(
    lessons: dict[str, Sequence[Phrase]], seen: Seen, book: TextEmbeddingCache, trial: Trial, seed: int
) -> tuple[GroundingNet, float]:
    """The last weights after all steps (no checkpoint is chosen), and the last loss."""
    photos = sorted(photo for photo, phrases in lessons.items() if phrases)

    def batch_at(step: int):
        epoch, place = divmod(step * trial.batch, len(photos) // trial.batch * trial.batch)
        order = np.random.default_rng([seed, epoch]).permutation(len(photos))[place:place + trial.batch]
        rng = np.random.default_rng([seed, 7, step])
        chosen = [photos[row] for row in order]
        asked = [_drawn(lessons[photo], trial.phrases, rng) for photo in chosen]
        return seen(chosen), batches.batch_texts([[book[phrase.text] for phrase in row] for row in asked]), collate_targets(asked)

    schedule = Schedule(trial.steps, trial.rate, trial.warmup, ema_decay=trial.smooth, seed=seed)
    note = ""
    for progress in finetune(trial.network(seed), batch_at, schedule):
        note = progress.note if progress.result is None else note
    return progress.result, float(note.split()[-1])


def _drawn(phrases: Sequence[Phrase], most: int, rng) -> list[Phrase]:
    weights = np.array([phrase.weight for phrase in phrases])
    return [phrases[row] for row in rng.choice(len(phrases), min(most, len(phrases)), replace=False, p=weights / weights.sum())]


@torch.inference_mode()
def hits(net: GroundingNet, asked: dict[str, Sequence[Phrase]], seen: Seen, book: TextEmbeddingCache) -> list[bool]:
    """Of every phrase in order: does the best box overlap its box by half (IoU)?"""
    right: list[bool] = []
    net.eval()
    photos = list(asked)
    for start in range(0, len(photos), 16):
        some = photos[start:start + 16]
        answer = net.ground(net.encode(seen(some)), batches.batch_texts([[book[phrase.text] for phrase in asked[photo]] for photo in some]))
        for row, photo in enumerate(some):
            best = answer.logits[row].argmax(-1)
            for k, phrase in enumerate(asked[photo]):
                right.append(bool(pair_iou(answer.boxes[row, k, best[k]][None], torch.from_numpy(phrase.boxes)).max() >= 0.5))
    return right


def subsets(asked: dict[str, Sequence[Phrase]], detections: dict[str, Regions]) -> dict[str, np.ndarray]:
    """Name -> which of the phrases: of each type; of things the detector names; of things of which it names several."""
    kinds, named, several = [], [], []
    for photo, phrases in asked.items():
        found = detections[photo]
        for phrase in phrases:
            first = match_class_name(phrase.text, found)
            kinds.append(phrase.category)
            named.append(first is not None)
            several.append(first is not None and found.labels.count(found.labels[first]) > 1)
    return {"all": np.ones(len(kinds), bool), "named by the detector": np.array(named), "several of the name": np.array(several),
            **{kind: np.array([own == kind for own in kinds]) for kind in sorted(set(kinds))}}


def shares(right: Sequence[bool], parts: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: round(float(np.mean(np.array(right)[part])), 4) for name, part in parts.items() if part.any()}


def baselines(asked: dict[str, Sequence[Phrase]], detections: dict[str, Regions], parts: dict[str, np.ndarray]) -> dict[str, dict]:
    """What needs no teaching, on the same phrases."""
    right: dict[str, list[bool]] = {}
    for photo, phrases in asked.items():
        for phrase in phrases:
            for name, box in baseline_boxes(phrase.text, detections[photo], Size(1, 1)).items():
                overlap = pair_iou(torch.from_numpy(np.array(box.xyxy)), torch.from_numpy(phrase.boxes)).max()
                right.setdefault(name, []).append(bool(overlap >= 0.5))
    return {name: shares(found, parts) for name, found in right.items()}


def detections_of(features: ImageFeatures, trial: Trial) -> Regions:
    """What the detector says of a photo, boxes as fractions of it; doubles are left out as in the app."""
    from grounding.models.detection.ssd import batched_nms

    found = Regions(Boxes(features.boxes), features.scores, [CLASS_NAMES[i] for i in features.classes])
    return batched_nms(found.above(trial.sure), 0.5)


def run_cells(file: Path, head: dict, cells: Sequence[tuple[str, int]], run: Callable[[str, int], dict]) -> dict:
    """Runs what is not in the file yet and writes it after each; a file made with other settings is begun anew."""
    page = json.loads(file.read_text()) if file.exists() else {}
    if page.get("trial") != json.loads(json.dumps(head["trial"])):
        page = {"runs": []}
    before, page = (page if page["runs"] else None), {**head, "runs": list(page["runs"])}
    done = {(row["arm"], row["seed"]) for row in page["runs"]}
    for arm, seed in cells:
        if (arm, seed) in done:
            continue
        started = time.perf_counter()
        page["runs"].append({"arm": arm, "seed": seed, **run(arm, seed), "seconds": round(time.perf_counter() - started)})
        print(time.strftime("%H:%M"), json.dumps(page["runs"][-1]), flush=True)
        stamped.write(file, page, VisionBackbone(), minilm.VERSION, kept=before)
    return page


def summary(page: dict, arm: str, part: str = "all") -> tuple[float, float, list[float]]:
    """Mean, standard error and the single values of an arm over its seeds; (nan, nan, []) where it was not run."""
    values = [row["accuracy"][part] for row in page["runs"] if row["arm"] == arm]
    if not values:
        return float("nan"), float("nan"), []
    return float(np.mean(values)), float(np.std(values, ddof=1) / len(values) ** 0.5) if len(values) > 1 else 0.0, values


def command(description: str, run: Callable[[argparse.Namespace], None], draw: Callable[[], None]) -> None:
    """A trial from a shell: runs the cells that are missing, then draws all of them."""
    chosen = arguments(description)
    torch.set_num_threads(1)
    if not chosen.only_draw:
        run(chosen)
    draw()


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=data / "flickr8k_entities")
    parser.add_argument("--cache", type=Path, required=True, help="folder of features; missing ones are made (a tenth of a second a photo)")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for what both scripts make once: small features, phrases, word states"
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="only these of the seeds now; the others may follow later")
    parser.add_argument("--only-draw", action="store_true", help="print and draw what was run before")
    return parser.parse_args()


def head_of(script: str, trial: Trial, asked: dict[str, Sequence[Phrase]], **more) -> dict:
    import pseudo_query

    return {
        "script": Path(script).name,
        "trial": asdict(trial),
        "generator": pseudo_query.version,
        "photos_asked": len(asked),
        "phrases_asked": sum(map(len, asked.values())),
        "split": "trained: neither held out nor validation nor int(id) % 10 == 1; asked: int(id) % 10 == 0, one-box phrases",
        **more,
    }


def one_box(photo: Photo) -> list[Phrase]:
    return [phrase for phrase in photo.phrases if len(phrase.boxes) == 1]
