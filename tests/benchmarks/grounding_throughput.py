"""How many phrases a second, and does memory stay flat?

    python tests/benchmarks/grounding_throughput.py [--photos 200] [--phrases 1000] [--grounders default fast]

Photos never trained on, in order; of each the first of people's phrases, as many as make up the number. Once from the files (reading,
detection, encoding, phrases), once on photos already encoded, with all phrases of a photo asked together and one by one.
"""

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

import stamped
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding import catalog, model_cache  # noqa: E402
from grounding.data import Query  # noqa: E402
from grounding.data.media import open_image  # noqa: E402
from grounding.learning.examples.flickr30k import is_held_out, read_entities  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_throughput.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--phrases", type=int, default=1000)
    parser.add_argument("--grounders", nargs="+", default=[name for name in ("default", "fast") if name in catalog.GROUNDERS])
    chosen = parser.parse_args()
    torch.set_num_threads(2)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "flickr8k_entities"
    photos = [photo for photo in read_entities(data) if is_held_out(photo.id)][: chosen.photos]
    each = -(-chosen.phrases // len(photos))
    asked = [(photo.path, [phrase.text for phrase in photo.phrases][:each]) for photo in photos]
    models = {name: model_cache.make("grounder", name) for name in chosen.grounders}
    report = {name: measured(model, asked) for name, model in models.items()}
    stamped.write(RESULTS, {"script": Path(__file__).name, **report}, *models.values())
    print(json.dumps(report, indent=1))


def measured(grounder, asked) -> dict:
    """Warm-up on the first photo is not counted; its word states are forgotten with it."""
    grounder.ground(open_image(asked[0][0]), Query("something to warm up with"))
    asked, total = asked[1:], sum(len(texts) for _, texts in asked[1:])
    peaks, began = [], time.perf_counter()
    for path, texts in asked:
        grounder.ground_batch(grounder.encode(open_image(path)), texts)
        peaks.append(peak_mb())
    whole = time.perf_counter() - began
    kept = [(grounder.encode(open_image(path)), [f"{text} there" for text in texts]) for path, texts in asked]
    together = timed(lambda: [grounder.ground_batch(encoded, texts) for encoded, texts in kept])
    alone = timed(lambda: [grounder.ground_in(encoded, Query(f"{text} now")) for encoded, texts in kept for text in texts])
    return {"phrases": total, "photos": len(asked), "phrases_per_s": round(total / whole, 1),
            "phrases_per_s_encoded": round(total / together, 1), "phrases_per_s_encoded_one_by_one": round(total / alone, 1),
            "peak_mb_after_a_quarter": peaks[len(peaks) // 4], "peak_mb": peaks[-1], "grounder": grounder.version}


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
