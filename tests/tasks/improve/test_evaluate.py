"""Evaluation counts what can be counted by hand, beside its baselines."""

import gzip
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data import Boxes, Regions, Size
from grounding.data.progress import run_to_end
from grounding.learning.examples.flickr30k import DatasetFormatError
from grounding.models.scripted import ScriptedDetector, ScriptedGrounder
from grounding.tasks.improve import baselines
from grounding.tasks.improve.evaluate import evaluate_grounding

DOG, CAT = [10, 10, 50, 50], [60, 0, 100, 80]


def phrase(chain, kind, text):
    return {"chain": chain, "types": [kind], "phrase": text, "span": [0, len(text)]}


@pytest.fixture
def folder(tmp_path):
    rows = []
    for number, full in ((10, True), (11, False)):
        said = [phrase("1", "animals", "the dog"), phrase("1", "animals", "The dog"), phrase("2", "animals", "a big cat"),
                phrase("3", "scene", "the room"), phrase("4", "animals", "two pets")]
        rows.append({"id": str(number), "file": f"{number}_x.png", "width": 100, "height": 80, "fullres": full, "split": "train",
                     "boxes": {"1": [DOG], "2": [CAT], "3": [[0, 0, 100, 80]], "4": [DOG, CAT]},
                     "sentences": [{"text": "the dog", "phrases": said}]})
        place = tmp_path / ("photos_full" if full else "photos_224")
        place.mkdir()
        Pillow.new("RGB", (100, 80) if full else (224, 224)).save(place / f"{number}_x.png")
    with gzip.open(tmp_path / "entities.jsonl.gz", "wt") as file:
        file.write("\n".join(map(json.dumps, rows)))
    return tmp_path


DETECTOR = ScriptedDetector({"10_x.png": Regions(Boxes([DOG]), [0.9], ["dog"])})
GROUNDER = ScriptedGrounder({"the dog": Regions(Boxes([DOG]), [0.9], ["x"]), "a big cat": Regions(Boxes([[0, 0, 10, 10]]), [0.9], ["x"]),
                             "the room": Regions(Boxes([[0, 0, 224, 224]]), [0.9], ["x"])})


def test_the_numbers_are_those_counted_by_hand(folder):
    report = run_to_end(evaluate_grounding(folder, GROUNDER, DETECTOR))
    assert (report["phrases"], report["photos"]) == (6, 2)  # the dog once; two pets have two boxes
    assert report["accuracy"] == 0.5  # dog and room of the whole photo; room of the squashed one
    assert report["by_type"] == {"animals": 0.25, "scene": 1.0}
    assert report["by_size"] == {"full": 0.6667, "224": 0.3333}
    assert report["baselines"]["whole_image"] == 0.3333
    assert report["baselines"]["class_name_else_whole"] == 0.5  # both rooms, and the dog that was detected
    assert report["phrases_per_s"] > 0


def test_only_held_out_photos_if_asked_and_none_is_a_sentence(folder):
    assert run_to_end(evaluate_grounding(folder, GROUNDER, only_held_out=True))["photos"] == 1
    assert run_to_end(evaluate_grounding(folder, GROUNDER, limit=1))["photos"] == 1
    with pytest.raises(DatasetFormatError, match="entities.jsonl.gz"):
        run_to_end(evaluate_grounding(folder / "photos_full", GROUNDER))


def test_a_size_that_is_not_there_has_no_share(folder):
    report = run_to_end(evaluate_grounding(folder, GROUNDER, only_held_out=True))
    assert report["by_size"]["224"] is None and report["baselines"] == {}


SEEN = Regions(Boxes([[0, 0, 5, 5], [10, 10, 30, 30], [40, 40, 60, 60]]), [0.9, 0.8, 0.7], ["person", "dog", "dog"])


@pytest.mark.parametrize("text, row", [("a small puppy", 1), ("the woman", 0), ("two dogs", 1), ("the animal", 1), ("a mountain", None),
                                       ("a man with a dog", 1)])
def test_the_class_name_that_fits_a_phrase(text, row):
    assert baselines.match_class_name(text, SEEN) == row


def test_what_fits_nothing_is_the_whole_picture_or_the_best_detection():
    found = baselines.baseline_boxes("a mountain", SEEN, Size(70, 70))
    assert found["class_name_else_whole"].xyxy.tolist() == [[0, 0, 70, 70]] == found["whole_image"].xyxy.tolist()
    assert found["class_name"].xyxy.tolist() == [[0, 0, 5, 5]]
    assert baselines.baseline_boxes("a dog", Regions.empty(), Size(7, 7))["class_name"].xyxy.tolist() == [[0, 0, 7, 7]]
    assert np.array_equal(baselines.baseline_boxes("a dog", SEEN, Size(70, 70))["class_name"].xyxy, SEEN.boxes.xyxy[[1]])
