"""A folder in the form of Flickr30k Entities is read as fractions of the image, each phrase once."""

import gzip
import json

import numpy as np
import pytest

from grounding.learning.examples.flickr30k import DatasetFormatError, is_held_out, read_entities, read_photos

ROW = {
    "id": "120",
    "file": "120_a.webp",
    "width": 200,
    "height": 100,
    "fullres": False,
    "boxes": {"7": [[20, 10, 60, 50], [0, 0, 200, 100]]},
    "sentences": [
        {"text": "A dog runs .", "phrases": [{"chain": "7", "types": ["animals"], "phrase": "A dog", "span": [0, 5]}]},
        {
            "text": "a dog .",
            "phrases": [
                {"chain": "7", "types": ["animals"], "phrase": "a dog", "span": [0, 5]},
                {"chain": "9", "types": ["other"], "phrase": "it", "span": [0, 2]},
            ],
        },
    ],
}


def write(folder, text):
    with gzip.open(folder / "entities.jsonl.gz", "wt") as file:
        file.write(text)


def test_phrases_are_distinct_and_boxes_fractions(tmp_path):
    write(tmp_path, json.dumps(ROW) + "\n")
    photo = read_entities(tmp_path)[0]
    assert [(p.text, p.category, p.chain) for p in photo.phrases] == [("A dog", "animals", "7")]
    np.testing.assert_allclose(photo.phrases[0].boxes, [[0.1, 0.1, 0.3, 0.5], [0, 0, 1, 1]], atol=1e-6)
    assert photo.path == tmp_path / "photos_224" / "120_a.webp" and not photo.full_resolution
    assert photo.captions == ("a dog runs .", "a dog .")


def test_every_tenth_photo_is_held_out():
    assert is_held_out("120") and is_held_out("0") and not is_held_out("121")


def test_what_is_missing_or_damaged_is_a_sentence(tmp_path):
    with pytest.raises(DatasetFormatError, match="entities.jsonl.gz is missing"):
        read_entities(tmp_path)
    with pytest.raises(DatasetFormatError, match="no photos"):
        read_photos(tmp_path)
    write(tmp_path, "{broken\n")
    with pytest.raises(DatasetFormatError, match="cannot be read"):
        read_entities(tmp_path)
    write(tmp_path, json.dumps({"id": "1"}) + "\n")
    with pytest.raises(DatasetFormatError, match="cannot be read"):
        read_entities(tmp_path)
