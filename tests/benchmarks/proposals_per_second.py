"""How many photos, boxes and phrases a second does the app propose?

    python tests/benchmarks/proposals_per_second.py [--photos 100]

Opening a photo of the usual size, detecting and writing phrases, one photo after the other; the first five are not counted.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import stamped

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding import model_cache  # noqa: E402
from grounding.data.media import open_image  # noqa: E402
from grounding.tasks.label.propose import propose_item  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "proposals_per_second.json"
WARM = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100)
    chosen = parser.parse_args()
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    paths = sorted((data / "flickr8k_entities/photos_full").glob("*"))[: chosen.photos + WARM]
    detector, generator = model_cache.make("detector"), model_cache.make("generator")
    for path in paths[:WARM]:
        propose_item(open_image(path), detector, generator)
    began, said = time.perf_counter(), []
    for path in paths[WARM:]:
        said += propose_item(open_image(path), detector, generator)
    seconds, phrases = time.perf_counter() - began, sum("text" in value for value in map(_value, said))
    report = {"photos": len(paths) - WARM, "boxes": len(said) - phrases, "phrases": phrases,
              "photos_per_s": round((len(paths) - WARM) / seconds, 1), "proposals_per_s": round(len(said) / seconds, 1)}
    stamped.write(RESULTS, {"script": Path(__file__).name, **report}, detector)
    print(json.dumps(report))


def _value(proposal) -> dict:
    return proposal if isinstance(proposal, dict) else proposal.value


if __name__ == "__main__":
    main()
