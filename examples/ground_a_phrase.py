"""Grounds phrases in a drawn picture with the embedded grounder.

    python examples/ground_a_phrase.py ["the dog" ...]
"""

import sys

from grounding import model_cache
from grounding.data import Query
from grounding.synthetic import draw_scene

PHRASES = ("the dog", "the person on the left")


def main(phrases: list[str]) -> None:
    scene = draw_scene(3)
    grounder = model_cache.make("grounder")
    encoded = grounder.encode(scene.image)  # once a picture; each phrase is then cheap
    for phrase in phrases or PHRASES:
        found = grounder.ground_in(encoded, Query(phrase))
        if not len(found):
            print(f"{phrase}: nothing")
        for box, score in zip(found.boxes.xyxy.tolist(), found.scores.tolist()):
            print(f"{phrase}: {[round(value) for value in box]} with score {score:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
