"""Does the grounder tell the black dog from the brown one?

    python tests/benchmarks/grounding_colours.py [--data ../shared/data/flickr8k_entities] [--grounders default pseudo]

Phrases of held-out photos (their number ends in 0) that people told apart by colour: two phrases with one box each, the
same noun, each with
a colour word that the other lacks ("a black dog", "a brown dog"). Right is an answer nearer to the meant box than to the other (IoU) that
overlaps it at all; chance is a half. Baseline: the best detection of that class.
"""

import argparse
import json
import os
import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import stamped

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding import catalog, model_cache  # noqa: E402
from grounding.data import Boxes, Query, iou  # noqa: E402
from grounding.data.media import open_image  # noqa: E402
from grounding.learning.examples.flickr30k import Photo, Phrase, is_held_out, read_entities  # noqa: E402
from grounding.tasks.improve import baselines  # noqa: E402
from pseudo_query.parse import parse_phrase  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_colours.json"
COLOURS = frozenset("black white gray grey red orange yellow green blue purple pink brown tan golden blond blonde".split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "flickr8k_entities"
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--grounders", nargs="+", default=catalog.builtin_names("grounder"))
    chosen = parser.parse_args()
    models = {name: model_cache.make("grounder", name) for name in chosen.grounders}
    detector, right = model_cache.make("detector"), {name: [] for name in (*chosen.grounders, "class_name")}
    for photo in read_entities(chosen.data):
        asked = twins(photo) if is_held_out(photo.id) else []
        if not asked:
            continue
        image = open_image(photo.path)
        encoded, seen = {name: model.encode(image) for name, model in models.items()}, detector.detect(image)
        scale = np.tile(np.float32(image.size), 2)
        for meant, other in asked:
            answers = {name: model.ground_in(encoded[name], Query(meant.text)).boxes for name, model in models.items()}
            answers["class_name"] = baselines.baseline_boxes(meant.text, seen, image.size)["class_name"]
            for name, found in answers.items():
                right[name].append(nearer(found[:1], Boxes(np.concatenate([meant.boxes, other.boxes]) * scale)))
    report = {name: round(float(np.mean(hits)), 4) for name, hits in right.items()} | {"phrases": len(right["class_name"]), "chance": 0.5}
    stamped.write(RESULTS, {"script": Path(__file__).name, **report}, *models.values())
    print(json.dumps(report))


def twins(photo: Photo) -> list[tuple[Phrase, Phrase]]:
    """(meant, other) of every pair that only colour tells apart, both ways round, each text once."""
    told = [
        (phrase, parse_phrase(phrase.text).meaning, set(phrase.text.lower().split()) & COLOURS)
        for phrase in photo.phrases
        if len(phrase.boxes) == 1
    ]
    told = [row for row in told if row[1] and row[2]]
    found = {}
    for (one, first, ours), (two, second, theirs) in permutations(told, 2):
        apart = iou(Boxes(one.boxes), Boxes(two.boxes)).item() < 0.3
        if first.noun == second.noun and not ours & theirs and apart:
            found.setdefault(one.text, (one, two))
    return list(found.values())


def nearer(answer: Boxes, pair: Boxes) -> bool:
    if not len(answer):
        return False
    meant, other = iou(answer, pair)[0]
    return bool(meant > other)


if __name__ == "__main__":
    main()
