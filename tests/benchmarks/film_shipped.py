"""How well are drawn films tracked and told by the captioner that ships?

    OMP_NUM_THREADS=1 python tests/benchmarks/film_shipped.py [--films 40] [--cache FOLDER]

As `python -m grounding evaluate film --films 40`: plays that taught nothing, boxes as a poor detector would say them, every way of
grounding/learning/captioning/clip_evaluation.py. Painting and seeing them for the first time takes about five minutes
of one core; they are kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import catalog, model_cache  # noqa: E402
from grounding.data.progress import run_to_end  # noqa: E402
from grounding.learning.captioning.clip_cache import CLIPS  # noqa: E402
from grounding.learning.captioning.clip_evaluation import evaluate_captioner  # noqa: E402
from grounding.learning.examples.feature_cache import FeatureCache  # noqa: E402

RESULT = Path(__file__).parent / "results" / "film_shipped.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".local" / "share" / "deixis" / "cache" / "films")
    parser.add_argument("--films", type=int, default=40)
    options = parser.parse_args()
    card = catalog.ASSETS / "captioner.json"
    found = run_to_end(
        evaluate_captioner(
            card, FeatureCache(options.cache, model_cache.load_backbone().version, CLIPS), model_cache.load_backbone, options.films
        )
    )
    captioner = model_cache.make("captioner")
    report = {"question": __doc__.splitlines()[0], **found, "captioner": captioner.version}
    print(json.dumps(report, indent=1))
    stamped.write(RESULT, report, captioner)


if __name__ == "__main__":
    main()
