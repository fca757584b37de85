"""How often does the captioner say of a box what people say of it?

    OMP_NUM_THREADS=1 python tests/benchmarks/captions_photos.py [--data FOLDER] [--test 150] [--checked 120]

Photos whose number ends in 0 taught nothing and chose nothing; --test of them are drawn with one seed. Of each box that
a person tied a phrase
to, the captioner's sentence is right where it shares half its content words (F1) with what one of them said. Beside it: the one sentence
that is right most often of training photos, and the name of the detector's class there. The same of the --checked first photos for choosing
(01, 21, ... 81), on which confidence was calibrated. Then, of one whole sentence a photo, how many words that mean a
box point into it, beside the middle of the photo.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import model_cache  # noqa: E402
from grounding.data import Boxes, iou  # noqa: E402
from grounding.data.media import open_image  # noqa: E402
from grounding.learning.captioning.examples import CaptionedPhoto, read_captioned_photos  # noqa: E402
from grounding.learning.captioning.train import MIN_CORRECT_F1, content_f1, is_reserved  # noqa: E402
from grounding.learning.examples.flickr30k import is_held_out, is_validation  # noqa: E402
from grounding.models.detection.ssd import CLASS_NAMES  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).parent / "results" / "captions_photos.json"
TAUGHT, CANDIDATES = 300, 40  # training photos on which the constant sentence is chosen, among so many of the commonest phrases
SMALL = 0.1  # share of the photo below which a box is small
SEEN, OVERLAP = 0.2, 0.5  # score of a detection and overlap from which its class names a box


def boxes_of(photo: CaptionedPhoto) -> dict[bytes, tuple[np.ndarray, list[str]]]:
    """Each box of a photo that somebody said something of: the box (4,), a fraction, and what was said."""
    found: dict[bytes, tuple[np.ndarray, list[str]]] = {}
    for row in photo.annotations:
        if row.kind != "sentence":
            found.setdefault(row.box.tobytes(), (row.box, []))[1].append(row.text)
    return found


def constant(photos: Sequence[CaptionedPhoto]) -> str:
    """The one sentence that is right most often of these photos."""
    said = [texts for photo in photos for _, texts in boxes_of(photo).values()]
    common = Counter(text.lower() for texts in said for text in texts).most_common(CANDIDATES)
    return max((text for text, _ in common), key=lambda text: sum(best(text, texts) >= MIN_CORRECT_F1 for texts in said))


def best(said: str, texts: Sequence[str]) -> float:
    return max(content_f1(said, text) for text in texts)


def named(features, box: np.ndarray, person: str) -> str:
    """The class of the detection that lies there, or that of a person where there is none."""
    sure = features.scores >= SEEN
    overlap = iou(Boxes(box[None]), Boxes(features.boxes[sure]))[0] if sure.any() else np.zeros(0)
    name = CLASS_NAMES[features.classes[sure][overlap.argmax()]] if overlap.max(initial=0) >= OVERLAP else "person"
    return f"a {person if name == 'person' else name}"


def asked(photos: Sequence[CaptionedPhoto], captioner, always: str) -> dict:
    """What is measured of these photos."""
    ways: dict[str, list[list[float]]] = {name: [] for name in ("captioner", f"always {always!r}", "class of the detection there",
                                                                "the same, a person called a man")}
    points: dict[str, list[tuple[bool, float, float]]] = {"captioner": [], "middle of the photo": []}
    scores: list[float] = []
    for photo in photos:
        seen, rows = captioner.encode(open_image(photo.path)), list(boxes_of(photo).values())
        if rows:
            unit = np.stack([box for box, _ in rows])
            captions = captioner.describe_in(seen, Boxes(unit * np.tile(np.float32(seen.size), 2)))
            told = [
                [caption.text for caption in captions],
                [always] * len(rows),
                *([named(seen.features, box, person) for box in unit] for person in ("person", "man")),
            ]
            for way, texts in zip(ways.values(), told):
                way.append([best(text, said) for text, (_, said) in zip(texts, rows)])
            scores += [caption.score for caption in captions]
        _point(photo, captioner, seen, points)
    right = np.concatenate(ways["captioner"]) >= MIN_CORRECT_F1
    return {
        "photos": len(photos),
        "boxes": int(sum(map(len, ways["captioner"]))),
        "ways": {name: _said(rows) for name, rows in ways.items()},
        "mean chance it gave itself": round(float(np.mean(scores)), 4),
        "right where it gave itself 0.6 or more": _share(right[np.array(scores) >= 0.6]),
        "so sure": int((np.array(scores) >= 0.6).sum()),
        "words": len(points["captioner"]),
        "points": {name: _pointed(rows) for name, rows in points.items()},
    }


def _point(photo: CaptionedPhoto, captioner, seen, points: dict[str, list[tuple[bool, float, float]]]) -> None:
    """Asks where the words of the photo's first sentence point; those in a phrase with a box count: (inside it, distance from its middle
    as a share of the photo's diagonal, share of the photo that the box covers)."""
    told = next((row for row in photo.annotations if row.kind == "sentence" and row.span_boxes), None)
    if told is None:
        return
    size, at = np.float32(seen.size), 0
    for word in captioner.locate_words_in(seen, told.text).words:
        at = told.text.index(word.text, at)
        box = next((box for start, end, box in told.span_boxes if start <= at and at + len(word.text) <= end), None)
        at += len(word.text)
        if box is not None:
            for name, place in (("captioner", np.float32([word.x, word.y]) / size), ("middle of the photo", np.float32([0.5, 0.5]))):
                away = float(np.linalg.norm((place - (box[:2] + box[2:]) / 2) * size) / np.linalg.norm(size))
                points[name].append((bool((box[:2] <= place).all() and (place <= box[2:]).all()), away, float((box[2:] - box[:2]).prod())))


def _pointed(rows: Sequence[tuple[bool, float, float]]) -> dict:
    small = [inside for inside, _, share in rows if share < SMALL]
    return {"inside": _share([inside for inside, _, _ in rows]), "mean distance": _share([away for _, away, _ in rows]),
            "inside small boxes": _share(small), "words of small boxes": len(small)}


def _said(rows: Sequence[Sequence[float]]) -> dict:
    """The share that is right, with where it lies 19 times of 20 over drawings of the photos, and the mean agreement."""
    every, rng = np.concatenate(rows), np.random.default_rng(0)
    draws = [np.concatenate([rows[row] for row in rng.integers(len(rows), size=len(rows))]) for _ in range(400)]
    low, high = np.quantile([(draw >= MIN_CORRECT_F1).mean() for draw in draws], (0.025, 0.975))
    return {
        "right": _share(every >= MIN_CORRECT_F1),
        "from": round(float(low), 4),
        "to": round(float(high), 4),
        "f1": round(float(every.mean()), 4),
    }


def _share(rows) -> float | None:
    return round(float(np.mean(rows)), 4) if len(rows) else None


def drawn(photos: Sequence[CaptionedPhoto], count: int) -> list[CaptionedPhoto]:
    """So many of them, the same each time."""
    rows = np.sort(np.random.default_rng(0).permutation(len(photos))[:count])
    return [photos[row] for row in rows]


def main() -> None:
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data / "flickr8k_entities")
    parser.add_argument("--test", type=int, default=150)
    parser.add_argument("--checked", type=int, default=120)
    parser.add_argument("--captioner", default="")
    options = parser.parse_args()
    began, captioner = time.process_time(), model_cache.make("captioner", options.captioner)
    told = [photo for photo in read_captioned_photos(options.data) if photo.annotations]
    always = constant(drawn([photo for photo in told if not is_reserved(photo.id)], TAUGHT))
    splits: dict[str, Callable[[], list[CaptionedPhoto]]] = {
        "test": lambda: drawn([photo for photo in told if is_held_out(photo.id)], options.test),
        "validation": lambda: [photo for photo in told if is_validation(photo.id)][:options.checked]}
    report: dict = {"question": __doc__.splitlines()[0], "captioner": captioner.version, "constant": always}
    for name, photos in splits.items():
        report[name] = asked(photos(), captioner, always)
        print(name, json.dumps(report[name], indent=1), flush=True)
    report["cpu_s"] = round(time.process_time() - began)
    stamped.write(RESULT, report, captioner)


if __name__ == "__main__":
    main()
