"""How long does the first phrase on a photo take, and each further one?

    python tests/benchmarks/grounding_speed.py [--photos 40] [--grounder default]

Median milliseconds with two threads on photos at their original size: the detector alone, encoding (the detector's pass is part of it),
and a phrase on an encoded photo that was never asked before. Warm-up is not counted.
"""

import argparse
import itertools
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

import stamped
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding import model_cache  # noqa: E402
from grounding.data import Query  # noqa: E402
from grounding.data.media import open_image  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_speed.json"
WARM = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--grounder", default="default")
    chosen = parser.parse_args()
    torch.set_num_threads(2)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    photos = [open_image(path) for path in sorted((data / "flickr8k_entities/photos_full").glob("*"))[: chosen.photos + WARM]]
    grounder, detector = model_cache.make("grounder", chosen.grounder), model_cache.make("detector")
    phrases = (f"the {colour} {noun} {number}" for number in itertools.count() for colour in ("red", "small", "left")
               for noun in ("dog", "man", "shirt"))
    times: dict[str, list[float]] = {"detect": [], "encode": [], "phrase": []}
    for number, image in enumerate(photos):
        took = {"detect": timed(lambda: detector.detect(image))[0]}
        took["encode"], encoded = timed(lambda: grounder.encode(image))
        took["phrase"] = statistics.median(timed(lambda: grounder.ground_in(encoded, Query(next(phrases))))[0] for _ in range(5))
        if number >= WARM:
            for name, value in took.items():
                times[name].append(value)
    report = {
        f"{name}_ms": {"median": round(statistics.median(values), 1), "slowest": round(max(values), 1)} for name, values in times.items()
    }
    report |= {
        "photos": len(times["encode"]),
        "grounder": grounder.version,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    stamped.write(RESULTS, {"script": Path(__file__).name, **report}, grounder)
    print(json.dumps(report))


def timed(work):
    """(milliseconds, what it gave)."""
    began = time.perf_counter()
    value = work()
    return (time.perf_counter() - began) * 1e3, value


if __name__ == "__main__":
    main()
