"""Asking a picture: the answer, what it cost, and what is said where a phrase is no good."""

import numpy as np
import pytest

from grounding.data import Boxes, Query, Regions
from grounding.data.media import Image
from grounding.models.scripted import ScriptedGrounder
from grounding.tasks.label.encodings import EncodingCache
from grounding.tasks.label.ground import ground, ground_caption

PICTURE = Image(np.zeros((40, 60, 3), np.uint8), "black")
DOG = Regions(Boxes([[1, 2, 30.126, 40]]), [0.75], ["dog"])
MODEL = ScriptedGrounder({"the dog": DOG}, delay_s=0.02)


def test_the_answer_as_json_is_in_pixels_with_two_decimals():
    answer = ground(PICTURE, "  the dog ", MODEL).to_json()
    assert answer["query"] == "the dog"
    assert answer["regions"] == [{"box": [1.0, 2.0, 30.13, 40.0], "score": 0.75, "label": "the dog"}]
    assert set(answer["ms"]) == {"encode", "phrase"} and "note" not in answer


def test_a_second_phrase_about_the_same_picture_does_not_encode_again():
    encodings = EncodingCache()
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


def test_each_phrase_of_a_caption_is_answered_in_its_place():
    answer = ground_caption(PICTURE, "A bird looks at the dog.", MODEL)
    assert answer.query.phrase_texts() == ("A bird", "the dog") and [len(found) for found in answer.regions] == [0, 1]
    told = answer.to_json()
    assert told["phrases"][1] == {
        "text": "the dog",
        "span": [16, 23],
        "regions": [{"box": [1.0, 2.0, 30.13, 40.0], "score": 0.75, "label": "the dog"}],
    }


def test_the_callers_spans_are_kept_and_the_picture_is_seen_once():
    query = Query("the dog, THE DOG", ((0, 7), (9, 16)))
    opened = []
    answer = ground_caption(lambda: opened.append(1) or PICTURE, query, MODEL)
    assert answer.query.phrases == query.phrases and opened == [1]
    with pytest.raises(ValueError, match="names nothing"):
        ground_caption(PICTURE, "Hello!", MODEL)
