"""How often is a grounder's first box right, beside answers that need no understanding?

    python tests/benchmarks/grounding_accuracy.py [--data ../shared/data/flickr8k_entities] [--grounders default pseudo] [--photos N]

One-box phrases of the held-out photos (their number ends in 0), IoU 0.5; every grounder and the baselines in one run.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import stamped

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding import catalog, model_cache  # noqa: E402
from grounding.data.progress import run_to_end  # noqa: E402
from grounding.tasks.improve.evaluate import evaluate_grounding  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_accuracy.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "flickr8k_entities"
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--grounders", nargs="+", default=catalog.builtin_names("grounder"))
    parser.add_argument("--photos", type=int, help="at most so many")
    chosen = parser.parse_args()
    before = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {"grounders": {}}
    found, models = before["grounders"], {
        name: model_cache.make("grounder", name) for name in chosen.grounders
    }  # the others keep their last numbers
    detector = model_cache.make("detector")
    for number, (name, model) in enumerate(models.items()):
        report = run_to_end(evaluate_grounding(chosen.data, model, None if number else detector, True, chosen.photos))
        found[name] = report
        print(
            name, report["grounder"], report["accuracy"], json.dumps(report["by_type"]), report["by_size"], "referring", report["referring"]
        )
        for baseline, share in report["baselines"].items():
            print("  ", baseline, share, json.dumps(report["baselines_by_type"][baseline]))
    kept = before if set(found) - set(models) else None
    stamped.write(RESULTS, {"script": Path(__file__).name, "grounders": found}, *models.values(), kept=kept)


if __name__ == "__main__":
    main()
