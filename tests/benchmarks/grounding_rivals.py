"""How fast is our grounder beside the large ones, on the same photos in the same run?

    python tests/benchmarks/grounding_rivals.py [--photos 5] [--phrases 3] [--only ours owl-vit grounding-dino]

Median milliseconds with two threads on photos of coco_train2017_128 at their original size: encoding a photo, a phrase on an encoded photo, and a photo
with its first phrase. The large ones are Grounding DINO tiny and OWL-ViT base/32 as the defaults of their configurations in transformers build them, with
random weights: speed does not depend on weights, answers do, so nothing is said of those. They run through our adapters as they would in the app.
Each model warms up on the first photo, which is not counted there. The ratio is that of the other to ours.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import stamped
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding import catalog  # noqa: E402
from grounding.data import Query  # noqa: E402
from grounding.data.media import open_image  # noqa: E402
from tests.models import tiny  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_rivals.json"
PHRASES = ("the dog on the left", "a man in a red coat", "the second cup from the right", "a small white car", "the woman near the door",
           "an old wooden chair", "the largest bird", "two people on a bench", "a black bag", "the front wheel")
THREADS = 2


def grounding_dino(folder: Path) -> None:
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection, GroundingDinoImageProcessor, GroundingDinoProcessor

    GroundingDinoForObjectDetection(GroundingDinoConfig()).save_pretrained(folder)
    GroundingDinoProcessor(GroundingDinoImageProcessor(), tiny.bert_tokenizer()).save_pretrained(folder)


def owl_vit(folder: Path) -> None:
    from transformers import OwlViTConfig, OwlViTForObjectDetection, OwlViTImageProcessor, OwlViTProcessor

    OwlViTForObjectDetection(OwlViTConfig()).save_pretrained(folder)
    OwlViTProcessor(OwlViTImageProcessor(), tiny.clip_tokenizer()).save_pretrained(folder)


RIVALS = {"owl-vit": owl_vit, "grounding-dino": grounding_dino}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=5)
    parser.add_argument("--phrases", type=int, default=3, help="of each photo")
    parser.add_argument("--only", nargs="+", choices=["ours", *RIVALS], default=["ours", *RIVALS])
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    torch.set_num_threads(THREADS)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    photos = [open_image(path) for path in sorted((data / "coco_train2017_128/photos").glob("*"))[: chosen.photos + 1]]
    report = {}
    with tempfile.TemporaryDirectory() as room:
        for name in chosen.only:
            report[name] = measured(model(name, Path(room)), photos, chosen.phrases)
            print(json.dumps({name: report[name]}), flush=True)
    whole = {"script": Path(__file__).name, "threads": THREADS, "photos": chosen.photos, "phrases": chosen.phrases,
             "transformers": version("transformers"), "models": report, "ratios": ratios(report)}
    stamped.write(chosen.out, whole, catalog.make("grounder"))
    print(json.dumps(whole["ratios"]))


def model(name: str, room: Path):
    """Ours, or another from a folder that is filled for it; no score is too low, so that all of the answering is paid for."""
    if name == "ours":
        return catalog.make("grounder")
    folder = room / name
    torch.manual_seed(0)
    RIVALS[name](folder)
    return catalog.GROUNDERS[name].make(f"{folder},score=0.0")


def measured(grounder, photos: list, phrases: int) -> dict:
    """Medians over all photos but the first; phrases differ from photo to photo, so that none was read before."""
    times: dict[str, list[float]] = {"encode_ms": [], "phrase_ms": [], "first_phrase_ms": []}
    for number, image in enumerate(photos):
        encode, encoded = timed(lambda: grounder.encode(image))
        asked = [f"{phrase} {number}" for phrase in PHRASES[:phrases]]
        each = [timed(lambda: grounder.ground_in(encoded, Query(phrase)))[0] for phrase in asked]
        if number:
            for name, value in zip(times, (encode, statistics.median(each), encode + each[0])):
                times[name].append(value)
    return {name: round(statistics.median(values), 1) for name, values in times.items()} | {
        "slowest_encode_ms": round(max(times["encode_ms"]), 1), "version": grounder.version.partition("@")[0],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def ratios(report: dict) -> dict:
    """How many times longer each of the others takes than ours."""
    if "ours" not in report:
        return {}
    return {name: {what: round(row[what] / max(report["ours"][what], 1e-9), 1) for what in ("encode_ms", "phrase_ms", "first_phrase_ms")}
            for name, row in report.items() if name != "ours"}


def timed(work):
    """(milliseconds, what it gave)."""
    began = time.perf_counter()
    value = work()
    return (time.perf_counter() - began) * 1e3, value


if __name__ == "__main__":
    main()
