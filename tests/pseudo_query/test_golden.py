"""What is written stays what it was, to the byte, until somebody means to change it.

A change on purpose raises `pseudo_query.version` and writes the files anew:  python tests/pseudo_query/test_golden.py
"""

import random
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dataclasses import replace

from grounding.data import Size
from pseudo_query import DEFAULT, FAITHFUL, TRAINING
from pseudo_query.sources import Photo
from pseudo_query.stream import GenerationConfig, generate_lines

GOLDEN = Path(__file__).parent / "golden"
RECIPES = {
    "default": GenerationConfig(replace(DEFAULT, max_per_photo=10, max_negatives=1)),
    "faithful": GenerationConfig(FAITHFUL, seed=1),
    "teaching": GenerationConfig(replace(TRAINING, max_per_photo=12), seed=2),
    "all": GenerationConfig(replace(DEFAULT, max_per_photo=10, ambiguous="all")),
}
CLASSES = (
    "person", "person", "person", "dog", "dog", "car", "man", "hat", "bicycle", "chair", "dining table", "cup",
    "umbrella", "skateboard", "broccoli", "scissors", "old fire truck", "grobnik",
)


def photos() -> list[Photo]:
    """Twelve drawn photos of 0 to 16 boxes, some of them tiny, doubled or half outside."""
    drawn = []
    for number in range(12):
        rng = random.Random(number)
        size = Size(*rng.choice(((640, 480), (333, 500), (2048, 1536))))
        rows = []
        for _ in range((0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16)[number]):
            width, height = rng.uniform(0.02, 0.5) * size.width, rng.uniform(0.02, 0.6) * size.height
            x, y = rng.uniform(-0.1, 1) * (size.width - width), rng.uniform(-0.1, 1) * (size.height - height)
            rows.append((rng.choice(CLASSES), round(x, 2), round(y, 2), round(width, 2), round(height, 2), round(rng.uniform(0.1, 1), 3)))
            if rng.random() < 0.1:
                rows.append((rows[-1][0], round(x + 2, 2), *rows[-1][2:]))
        drawn.append(Photo(f"drawn/{number:02d} \"ä\".jpg", None, size, tuple(rows)))
    return drawn


def written(mode: str) -> str:
    return "".join(line for photo in photos() for line in generate_lines(photo, RECIPES[mode])[0])


@pytest.mark.parametrize("mode", RECIPES)
def test_the_same_lines_as_ever(mode):
    assert written(mode) == (GOLDEN / f"{mode}.jsonl").read_text("utf-8")


if __name__ == "__main__":
    for name in RECIPES:
        (GOLDEN / f"{name}.jsonl").write_text(written(name), "utf-8")
