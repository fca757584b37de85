"""How fast is our grounder beside the large ones, on the same photos in the same run?

    python tests/benchmarks/grounding_rivals.py [--photos 10] [--phrases 5] [--minutes 15] [--only ours owl-vit grounding-dino]

Median milliseconds with two threads on photos of coco_train2017_128 at their original size: encoding a photo, a phrase
on an encoded photo, and a photo
with its first phrase. The large ones are Grounding DINO tiny and OWL-ViT base/32 as the defaults of their
configurations in transformers build them, with
random weights: speed does not depend on weights, answers do, so nothing is said of those. They run through our adapters
as they would in the app.
All are asked about one photo before the next, so that whatever else the machine does slows them alike; each warms up
with a phrase on another photo, which is
not counted. After --minutes no further photo is begun; how many were counted is written down. The ratio is that of the
other to ours, and all compute on the processor.
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

from grounding import catalog, model_cache  # noqa: E402
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
    parser.add_argument("--photos", type=int, default=10)
    parser.add_argument("--phrases", type=int, default=5, help="of each photo")
    parser.add_argument("--minutes", type=float, default=15, help="after these no further photo is begun")
    parser.add_argument("--only", nargs="+", choices=["ours", *RIVALS], default=["ours", *RIVALS])
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    torch.set_num_threads(THREADS)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    photos = [open_image(path) for path in sorted((data / "coco_train2017_128/photos").glob("*"))[: chosen.photos + 1]]
    with tempfile.TemporaryDirectory() as room:
        grounders = {name: model(name, Path(room)) for name in chosen.only}
        times = measured(grounders, photos, chosen.phrases, time.monotonic() + 60 * chosen.minutes)
    report = {name: summed_up(rows) | {"version": grounders[name].version.partition("@")[0]} for name, rows in times.items()}
    whole = {
        "script": Path(__file__).name,
        "threads": THREADS,
        "photos": len(times[chosen.only[0]]),
        "phrases": chosen.phrases,
        "weights": "ours trained, the others random",
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "transformers": version("transformers"),
        "models": report,
        "ratios": ratios(report),
    }
    stamped.write(chosen.out, whole, model_cache.make("grounder"))
    print(json.dumps(whole["ratios"]))


def model(name: str, room: Path):
    """Ours, or another from a folder that is filled for it; no score is too low, so that all of the answering is paid for."""
    if name == "ours":
        return model_cache.make("grounder")
    folder = room / name
    torch.manual_seed(0)
    RIVALS[name](folder)
    return catalog.GROUNDERS[name].build(model_cache.make, f"{folder},score=0.0,device=cpu")


def measured(grounders: dict, photos: list, phrases: int, until: float) -> dict[str, list[dict]]:
    """For each grounder its times on each photo but the first; phrases differ from photo to photo, so that none was read before."""
    times: dict[str, list[dict]] = {name: [] for name in grounders}
    for grounder in grounders.values():
        grounder.ground(photos[0], Query("something to warm up with"))
    for number, image in enumerate(photos[1:]):
        if number and time.monotonic() > until:
            break
        for name, grounder in grounders.items():
            times[name].append(asked(grounder, image, [f"{phrase} {number}" for phrase in PHRASES[:phrases]]))
            print(json.dumps({"photo": number, "model": name, **times[name][-1]}), flush=True)
    return times


def asked(grounder, image, phrases: list[str]) -> dict[str, float]:
    """Milliseconds of one photo and its phrases."""
    encode, encoded = timed(lambda: grounder.encode(image))
    each = [timed(lambda: grounder.ground_in(encoded, Query(phrase)))[0] for phrase in phrases]
    return {"encode_ms": encode, "phrase_ms": statistics.median(each), "first_phrase_ms": encode + each[0]}


def summed_up(rows: list[dict]) -> dict[str, float]:
    """Medians over the photos, and the slowest encoding."""
    return {name: round(statistics.median(row[name] for row in rows), 1) for name in ("encode_ms", "phrase_ms", "first_phrase_ms")} | {
        "slowest_encode_ms": round(max(row["encode_ms"] for row in rows), 1)}


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
