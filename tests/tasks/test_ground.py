"""Asking a picture: the answer, what it cost, and what is said where a phrase is no good."""

import numpy as np
import pytest

from grounding.data import Boxes, Query, Regions
from grounding.data.media import Image
from grounding.models.scripted import ScriptedGrounder
from grounding.tasks.encodings import Encodings
from grounding.tasks.ground import ground

PICTURE = Image(np.zeros((40, 60, 3), np.uint8), "black")
DOG = Regions(Boxes([[1, 2, 30.126, 40]]), [0.75], ["dog"])
MODEL = ScriptedGrounder({"the dog": DOG}, delay_s=0.02)


def test_the_answer_as_json_is_in_pixels_with_two_decimals():
    answer = ground(PICTURE, "  the dog ", MODEL).to_json()
    assert answer["query"] == "the dog"
    assert answer["regions"] == [{"box": [1.0, 2.0, 30.13, 40.0], "score": 0.75, "label": "the dog"}]
    assert set(answer["ms"]) == {"encode", "phrase"} and "note" not in answer


def test_a_second_phrase_about_the_same_picture_does_not_encode_again():
    encodings = Encodings()
    first, second = (ground(PICTURE, text, MODEL, encodings, key="item") for text in ("the dog", "a cat"))
    assert first.ms["encode"] > 15 > second.ms["encode"]
    assert len(second.regions) == 0


@pytest.mark.parametrize("text", ["", "  ", "?!"])
def test_nothing_to_look_for_is_a_sentence(text):
    with pytest.raises(ValueError, match="type what to look for"):
        ground(PICTURE, text, MODEL)


def test_a_query_of_several_phrases_keeps_the_callers_words():
    query = Query("The dog and a cat", ((0, 7), (12, 17)))
    assert ground(PICTURE, query, MODEL).regions.labels == ("The dog",)
