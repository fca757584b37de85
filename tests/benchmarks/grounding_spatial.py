"""Does the grounder tell the left one from the right one?

    python tests/benchmarks/grounding_spatial.py [--grounders default pseudo]

Phrases written from the ground-truth boxes of coco_train2017_128: pairs of one class that are apart (left, right, top, bottom) or of
clearly different size (front, behind). Right is an answer nearer to the meant box than to the other of the pair (IoU) that overlaps it
at all; chance is a half. Baselines: the best detection of that class; "counted", the outermost (front: largest) detection of that class.
"within_reach" is no answer but a ceiling: whether, of the proposals the grounder may choose from, one of that class
overlaps the meant box by half.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
import stamped

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding import catalog, model_cache  # noqa: E402
from grounding.data import Boxes, Query, containment_nms, iou  # noqa: E402
from grounding.data.media import open_image  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "grounding_spatial.json"
WORDS = {"left": "the left {}", "right": "the {} on the right", "top": "the top {}", "bottom": "the bottom {}",
         "front": "the {} in front", "behind": "the {} behind"}
ORDER = {"left": lambda box: box[:, 0] + box[:, 2], "right": lambda box: -box[:, 0] - box[:, 2], "top": lambda box: box[:, 1] + box[:, 3],
         "bottom": lambda box: -box[:, 1] - box[:, 3], "front": lambda box: -areas(box), "behind": lambda box: areas(box)}
OFFERED = 60  # proposals the grounder is offered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grounders", nargs="+", default=catalog.builtin_names("grounder"))
    chosen = parser.parse_args()
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "coco_train2017_128"
    right: dict[str, dict[str, list[bool]]] = {name: {} for name in (*chosen.grounders, "class_name", "counted", "within_reach")}
    backbone = model_cache.load_backbone()
    for image, pairs in photos(data):
        proposed = backbone.encode(image)
        encoded = {name: model_cache.make("grounder", name).encode(image) for name in chosen.grounders}
        seen = model_cache.make("detector").detect(image)
        for label, meant, other in pairs:
            same = seen.keep(np.array([one == label for one in seen.labels], bool)).best_first().boxes
            of_class = proposed.classes[:OFFERED] == backbone.class_names.index(label)
            offered = proposed.boxes[:OFFERED][of_class] * np.tile(np.float32(image.size), 2)
            for word, target, rival in asked(meant, other, image.size):
                for name in chosen.grounders:
                    answer = model_cache.make("grounder", name).ground_in(encoded[name], Query(WORDS[word].format(label)))
                    right[name].setdefault(word, []).append(nearer(answer.boxes[:1], target, rival))
                right["class_name"].setdefault(word, []).append(nearer(same[:1], target, rival))
                right["counted"].setdefault(word, []).append(nearer(outermost(same, word), target, rival))
                right["within_reach"].setdefault(word, []).append(bool((iou(Boxes(offered), Boxes([target])) >= 0.5).any()))
    report = {name: {"all": share([hit for hits in found.values() for hit in hits]), **{word: share(hits) for word, hits in found.items()}}
              for name, found in right.items()}
    report["phrases"] = {word: len(hits) for word, hits in right["class_name"].items()}
    before = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    models = [model_cache.make("grounder", name) for name in chosen.grounders]
    kept = before if set(catalog.builtin_names("grounder")) & set(before) - set(report) else None  # the others keep their last numbers
    stamped.write(RESULTS, {**before, **report, "script": Path(__file__).name, "chance": 0.5}, *models, kept=kept)
    print(json.dumps(report, indent=1))


def photos(data: Path):
    """(image, [(class name, box, box)]) of photos where a class has exactly two boxes, neither tiny."""
    table = json.loads((data / "instances.json").read_text())
    names = {row["id"]: row["name"] for row in table["categories"]}
    for row in table["images"]:
        found: dict[str, list] = {}
        for a in (a for a in table["annotations"] if a["image_id"] == row["id"]):
            found.setdefault(names[a["category_id"]], []).append(a["bbox"])
        pairs = [(label, *map(tuple, Boxes.from_xywh(boxes).xyxy.tolist())) for label, boxes in found.items()
                 if len(boxes) == 2 and min(w * h for _, _, w, h in boxes) > 0.005 * row["width"] * row["height"]]
        if pairs:
            yield open_image(data / "photos" / row["file_name"]), pairs


def asked(one, other, size):
    """(word, box meant, box not meant) for everything that can be said of a pair."""
    for first, second in ((one, other), (other, one)):
        (x, y, area), (u, v, rest) = facts(first), facts(second)
        if u - x > 0.15 * size.width:
            yield from (("left", first, second), ("right", second, first))
        if v - y > 0.15 * size.height:
            yield from (("top", first, second), ("bottom", second, first))
        if rest < 0.4 * area:
            yield from (("front", first, second), ("behind", second, first))


def outermost(boxes: Boxes, word: str) -> Boxes:
    """Of several things, best first, the one a place means; none of none."""
    things = boxes[containment_nms(boxes)]
    return things[ORDER[word](things.xyxy).argsort(kind="stable")[:1]]


def areas(box: np.ndarray) -> np.ndarray:
    return (box[:, 2:] - box[:, :2]).prod(1)


def facts(box):
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, (box[2] - box[0]) * (box[3] - box[1])


def nearer(answer: Boxes, target, rival) -> bool:
    if not len(answer):
        return False
    meant, other = iou(answer, Boxes([target, rival]))[0]
    return bool(meant > other)


def share(hits) -> float:
    return round(float(np.mean(hits)), 4) if hits else 0.0


if __name__ == "__main__":
    main()
