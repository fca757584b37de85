"""What every captioner must do. A member is a row of MEMBERS, the embedded ones are those of the catalog."""

import functools

import numpy as np
import pytest

from grounding import catalog, model_cache
from grounding.data import Boxes
from grounding.data.media import Image
from grounding.models.scripted import ScriptedCaptioner
from grounding.protocols import Captioner

MEMBERS = {
    "scripted": ScriptedCaptioner,
    **{name: functools.partial(model_cache.make, "captioner", name) for name in catalog.builtin_names("captioner")},
}
every = pytest.mark.parametrize("make", MEMBERS.values(), ids=list(MEMBERS))
IMAGE = Image(np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8), "noise")
BOXES = Boxes([[5, 5, 60, 50], [0, 0, 80, 60], [30, 10, 40, 20]])


@every
def test_it_is_a_captioner_whose_version_names_it_and_its_weights(make):
    kind, _, digest = make().version.partition("@")
    assert isinstance(make(), Captioner) and kind and len(digest) == 8


@every
def test_one_sentence_a_box_in_order_none_of_none_and_the_same_twice(make):
    model = make()
    found = model.describe(IMAGE, BOXES)
    assert (
        len(found) == len(BOXES)
        and all(caption.text.strip() for caption in found)
        and model.describe(IMAGE, Boxes([])) == []
    )
    assert found == model.describe(IMAGE, BOXES)
    backwards = model.describe(IMAGE, Boxes(BOXES.xyxy[::-1]))[::-1]
    assert [caption.text for caption in backwards] == [caption.text for caption in found]


@every
def test_scores_are_chances_and_words_point_into_the_image_in_the_order_of_the_sentence(make):
    for caption in make().describe(IMAGE, BOXES):
        assert 0 <= caption.score <= 1
        assert all(0 <= word.x <= IMAGE.size.width and 0 <= word.y <= IMAGE.size.height for word in caption.words)
        rest = caption.text
        for word in caption.words:
            assert word.text in rest
            rest = rest[rest.index(word.text) + len(word.text) :]
