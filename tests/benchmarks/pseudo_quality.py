"""How good are the phrases? 200 of each mode, on held-out photos, judged by rules.

    python tests/benchmarks/pseudo_quality.py [FOLDER] [--phrases 200] [--out FILE] [--list]

Boxes come from the embedded detector. A phrase is held against what people wrote about the same place of the photo (their
box with IoU >= 0.5): is the grammar right, is it the right thing, is it the right colour, is it unique among the boxes?
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding.data import Boxes, Regions, iou
from grounding.data.media_image import open_image
from grounding.model_cache import make
from pseudo_query import DEFAULT, FAITHFUL, TRAINING, build_scene, generate, is_unique, version
from pseudo_query.colours import COLOURS
from pseudo_query.grammar import GrammarChecker
from pseudo_query.lexicon import english_lexicon
from pseudo_query.parse import parse_phrase

ROOT = Path(__file__).resolve().parents[2]
MODES = {"default": DEFAULT, "faithful": FAITHFUL, "teaching": TRAINING}


def held_out(folder: Path):
    with gzip.open(folder / "entities.jsonl.gz", "rt") as lines:
        for photo in map(json.loads, lines):
            if int(photo["id"]) % 10 == 0 and photo["fullres"]:
                yield photo, folder / "photos_full" / photo["file"]


def people_said(photo, box) -> list[str]:
    """The phrases of people's boxes at the same place."""
    texts = defaultdict(list)
    for sentence in photo["sentences"]:
        for phrase in sentence["phrases"]:
            texts[phrase["chain"]].append(phrase["phrase"].lower())
    rows = [(chain, boxes[0]) for chain, boxes in photo["boxes"].items() if len(boxes) == 1]
    if not rows:
        return []
    shared = iou(Boxes([box]), Boxes([row[1] for row in rows]))[0]
    return [text for (chain, _), overlap in zip(rows, shared.tolist()) if overlap >= 0.5 for text in texts[chain]]


def verdict(candidate, regions, photo, grammar) -> dict:
    """True, False, or None where nothing people wrote could tell."""
    nouns = [
        concept
        for text in people_said(photo, regions.boxes.xyxy[candidate.targets[0]].tolist())
        if (meaning := parse_phrase(text).meaning)
        for concept in english_lexicon().concepts_of(meaning.noun)[:1]
    ]
    mine = english_lexicon().concepts_of(candidate.meaning.noun) or (english_lexicon().find(candidate.meaning.noun),)
    kin = any(
        english_lexicon().possibly_named(candidate.meaning.noun, concept)
        or any(english_lexicon().possibly_named(concept.name, own) for own in mine)
        for concept in nouns
    )
    colours = {
        word
        for text in people_said(photo, regions.boxes.xyxy[candidate.targets[0]].tolist())
        for word in re.findall(r"[a-z]+", text)
        if word in COLOURS
    }
    said = [word for word in candidate.meaning.attributes if word in COLOURS]
    return {"grammar": not grammar.problems(candidate), "class": kin if nouns else None,
            "colour": said[0] in colours if said and colours else None}


def judge(folder: Path, count: int, show: bool) -> dict:
    """mode -> shares of good phrases, over `count` phrases drawn from all held-out photos at original size."""
    detector, grammar = make("detector"), GrammarChecker()
    seen = []
    for photo, path in held_out(folder):
        image = open_image(path)
        regions = detector.detect(image).above(0.4)
        seen.append((photo, image, Regions(regions.boxes, regions.scores, regions.labels)))
    result = {"photos": len(seen), "split": "int(id) % 10 == 0, original size"}
    for name, mode in MODES.items():
        rows = [(candidate, photo, regions, image) for photo, image, regions in seen
                for candidate in generate(regions, image.size, image.pixels, replace(mode, max_plurals=0)) if candidate.targets]
        rows = random.Random(0).sample(rows, min(count, len(rows)))
        verdicts = [verdict(candidate, regions, photo, grammar) for candidate, photo, regions, _ in rows]
        unique = [is_unique(candidate, build_scene(regions, image.size, image.pixels)) for candidate, _, regions, image in rows]
        result[name] = {"phrases": len(rows), **{key: share([v[key] for v in verdicts]) for key in ("grammar", "class", "colour")},
                        "unique": share(unique), "different texts": len({row[0].query for row in rows})}
        for row, found in zip(rows, verdicts) if show else ():
            print(f"{name:9} {row[1]['file']:28} {row[0].query:60} {found}")
    return result


def share(values) -> dict:
    """How many could be judged, and the share of them that is good."""
    known = [value for value in values if value is not None]
    return {"judged": len(known), "good": round(sum(known) / len(known), 3) if known else None}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("folder", nargs="?", type=Path, default=data / "flickr8k_entities")
    parser.add_argument("--phrases", type=int, default=200)
    parser.add_argument("--list", action="store_true", help="print every phrase with its verdict")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    result = judge(args.folder, args.phrases, args.list)
    print(json.dumps(result, indent=1))
    if args.out:
        stamped.write(args.out, result, version)


if __name__ == "__main__":
    main()
