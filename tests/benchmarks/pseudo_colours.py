"""How well colour names read from pixels agree with people's: precision and recall by colour, on photos held out.

    python tests/benchmarks/pseudo_colours.py [FOLDER] [--photos held-out|others] [--out FILE]

A person's word counts where a phrase of a caption names one colour and points at one box ("a red car"); the truth of a
box is every colour word any of the five captions gives it. Numbers are reported on photos with int(id) % 10 == 0;
`--photos others` looks at the rest, for tuning.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import stamped
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pseudo_query import version as generator
from pseudo_query.attributes import extract_colours
from pseudo_query.colours import COLOURS
from pseudo_query.facts import select_attributes
from pseudo_query.scenes import torso_box
from pseudo_query.settings import DEFAULT

ROOT = Path(__file__).resolve().parents[2]
WORDS = {**{colour: colour for colour in COLOURS}, "grey": "gray", "tan": "brown", "beige": "brown", "maroon": "red", "navy": "blue",
         "teal": "blue", "golden": "yellow", "violet": "purple", "silver": "gray"}
UPPER = re.compile(r"\b(shirt|t-shirt|jacket|coat|sweater|sweatshirt|jersey|top|dress|vest|hoodie|blouse|suit|uniform)\b")


def truths(photo):
    """chain -> (type, set of colours people said, all its phrases), of chains with one box and a colour."""
    said_of, kinds = defaultdict(set), {}
    for sentence in photo["sentences"]:
        for phrase in sentence["phrases"]:
            boxes = photo["boxes"].get(phrase["chain"], ())
            colours = {WORDS[word] for word in re.findall(r"[a-z-]+", phrase["phrase"].lower()) if word in WORDS}
            if len(boxes) == 1 and colours:
                said_of[phrase["chain"]] |= colours
                kinds.setdefault(phrase["chain"], (phrase["types"][0], phrase["phrase"].lower()))
    return {chain: (*kinds[chain], colours) for chain, colours in said_of.items()}


def judged(photo, pixels, scale):
    """(what, predicted word or None, truth) of every coloured box; people are read at their upper body."""
    boxes = photo["boxes"]
    people = {
        p["chain"] for s in photo["sentences"] for p in s["phrases"] if p["types"][0] == "people" and len(boxes.get(p["chain"], ())) == 1
    }
    for chain, (kind, phrase, colours) in truths(photo).items():
        box = np.array(boxes[chain][0], float)
        if kind not in ("people", "scene", "bodyparts"):
            yield kind, _word(extract_colours(pixels, box[None] * scale)), colours
        if kind == "clothing" and UPPER.search(phrase):
            wearer = [person for person in people if _inside(box, boxes[person][0]) > 0.75]
            if len(wearer) == 1:
                patch = np.array(torso_box(boxes[wearer[0]][0]))
                yield "torso", _word(extract_colours(pixels, patch[None] * scale, subtract_background=False)), colours


def _word(found):
    return next((attribute.word for attribute in select_attributes(found[0], DEFAULT)), None)


def _inside(a, b):
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(wide, 0) * max(high, 0) / max((a[2] - a[0]) * (a[3] - a[1]), 1e-6)


def measure(folder: Path, held_out: bool, limit: int | None = None):
    """kind -> list of (predicted or None, truth) over the photos asked for."""
    rows, photos = defaultdict(list), 0
    with gzip.open(folder / "entities.jsonl.gz", "rt") as lines:
        for photo in map(json.loads, lines):
            if (int(photo["id"]) % 10 == 0) != held_out:
                continue
            photos += 1
            if limit and photos > limit:
                break
            pixels = np.array(Image.open(folder / ("photos_full" if photo["fullres"] else "photos_224") / photo["file"]).convert("RGB"))
            scale = np.array([pixels.shape[1] / photo["width"], pixels.shape[0] / photo["height"]] * 2)
            for kind, word, colours in judged(photo, pixels, scale):
                rows[kind].append((word, colours))
    return photos, rows


def table(rows) -> dict:
    """Precision (of the words said, how many a person said too) and recall (of people's, how many were said) by colour."""
    told, right, truth, found = Counter(), Counter(), Counter(), Counter()
    for word, colours in rows:
        told[word] += word is not None
        right[word] += word in colours
        for colour in colours:
            truth[colour] += 1
            found[colour] += word == colour
    by_colour = {colour: {"said": told[colour], "people": truth[colour],
                          "precision": _share(right[colour], told[colour]), "recall": _share(found[colour], truth[colour])}
                 for colour in COLOURS}
    said_at_all = sum(told[colour] for colour in COLOURS)
    return {"boxes": len(rows), "said": said_at_all, "precision": _share(sum(right[c] for c in COLOURS), said_at_all),
            "recall": _share(sum(found.values()), sum(truth.values())), "by_colour": by_colour}


def _share(part, whole):
    return round(part / whole, 3) if whole else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("folder", nargs="?", type=Path, default=data / "flickr8k_entities")
    parser.add_argument("--photos", choices=("held-out", "others"), default="held-out")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    photos, rows = measure(args.folder, args.photos == "held-out", args.limit)
    everything = [row for kind, found in rows.items() if kind != "torso" for row in found]
    result = {"photos": photos, "split": "int(id) % 10 == 0" if args.photos == "held-out" else "int(id) % 10 != 0",
              "say_attribute": DEFAULT.min_certain_confidence, "things": table(everything),
              "by_kind": {kind: table(found) for kind, found in sorted(rows.items())}}
    for kind, values in (("things", result["things"]), *result["by_kind"].items()):
        print(f"{kind:12} boxes {values['boxes']:5}  said {values['said']:5}  precision {values['precision']}  recall {values['recall']}")
    for colour, values in result["things"]["by_colour"].items():
        print(f"  {colour:8} {values}")
    if args.out:
        stamped.write(args.out, result, generator)


if __name__ == "__main__":
    main()
