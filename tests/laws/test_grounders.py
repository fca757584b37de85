"""What every grounder must do, embedded or scripted."""

import functools

import numpy as np
import pytest

from grounding import catalog, model_cache
from grounding.data import Boxes, Query, Regions
from grounding.data.media import Image
from grounding.models.adapters.source import PRECISIONS
from grounding.models.scripted import ScriptedGrounder
from grounding.protocols import BatchGrounder, RankingGrounder
from tests.models import tiny

DOGS = Regions(Boxes([[5, 5, 60, 50], [-20, -20, 30, 30]]), [0.4, 0.9], ["x", "x"])
ADAPTED = {
    "grounding-dino": "grounding_dino",
    "owl-vit": "owlvit",
    "owlv2": "owlv2",
    "florence": "florence",
    "zero-shot": "omdet",
}  # tiny networks
NAMES = ["scripted", *catalog.builtin_names("grounder"), *[f"{name} in {precision}" for name in ADAPTED for precision in PRECISIONS]]
PICTURE = Image(np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8), "noise")


def member(name):
    if name == "scripted":
        return ScriptedGrounder({"The dog": DOGS, "a cat": DOGS.keep([0])})
    return adapted(*name.split(" in ")) if " in " in name else model_cache.make("grounder", name)


@functools.cache
def adapted(name, precision):
    """A model of other people, tiny and untrained, brought through the catalog as a person would."""
    return catalog.GROUNDERS[name].build(model_cache.make, f"{getattr(tiny, ADAPTED[name])()},score=0.0,precision={precision}")


@pytest.mark.parametrize("name", NAMES)
def test_regions_lie_in_the_picture_best_first_with_the_callers_words(name):
    model, text = member(name), "The dog and a cat"
    query = Query(text, ((0, 7), (12, 17)))
    found = model.ground(PICTURE, query)
    assert (found.boxes.xyxy >= 0).all() and (found.boxes.xyxy <= np.tile(PICTURE.size, 2)).all()
    assert (np.diff(found.scores) <= 0).all()
    assert set(found.labels) <= {"The dog", "a cat"}


@pytest.mark.parametrize("name", NAMES)
def test_the_version_names_the_model_and_its_weights(name):
    kind, _, digest = member(name).version.partition("@")
    assert kind and len(digest) == 8


@pytest.mark.parametrize("name", NAMES)
def test_the_same_twice_and_encoded_once_as_together(name):
    model, query = member(name), Query("the dog")
    encoded = model.encode(PICTURE)
    first, again, together = model.ground_in(encoded, query), model.ground_in(encoded, query), model.ground(PICTURE, query)
    assert first.boxes == again.boxes == together.boxes
    assert np.array_equal(first.scores, together.scores)


@pytest.mark.parametrize("name", NAMES)
def test_a_phrase_alone_is_answered_as_in_company(name):
    model = member(name)
    encoded = model.encode(PICTURE)
    both = model.ground_in(encoded, Query("the dog, a cat in a red hat", ((0, 7), (9, 27))))
    alone = model.ground_in(encoded, Query("the dog"))
    company = both.keep(np.array([label == "the dog" for label in both.labels], bool))
    np.testing.assert_allclose(company.boxes.xyxy, alone.boxes.xyxy, atol=0.05)
    np.testing.assert_allclose(company.scores, alone.scores, atol=1e-4)


@pytest.mark.parametrize("name", catalog.builtin_names("grounder"))
def test_each_phrase_of_a_batch_is_answered_as_alone(name):
    model, phrases = member(name), ["the dog", "a cat in a red hat"]
    encoded = model.encode(PICTURE)
    assert isinstance(model, BatchGrounder) and model.ground_batch(encoded, []) == []
    for phrase, found in zip(phrases, model.ground_batch(encoded, phrases), strict=True):
        alone = model.ground_in(encoded, Query(phrase))
        np.testing.assert_allclose(found.boxes.xyxy, alone.boxes.xyxy, atol=0.05)


@pytest.mark.parametrize("name", catalog.builtin_names("grounder"))
def test_a_ranking_holds_boxes_that_differ_best_first_however_low_their_scores(name):
    model = member(name)
    encoded = model.encode(PICTURE)
    assert isinstance(model, RankingGrounder) and 0 <= model.min_score <= 1 and 0 <= model.extra_box_score <= 1
    assert model.rank_batch(encoded, [], 5) == []
    [ranked] = model.rank_batch(encoded, ["the zebra"], 5)
    assert 0 < len(ranked) <= 5 and (np.diff(ranked.scores) <= 0).all() and len(np.unique(ranked.boxes.xyxy, axis=0)) == len(ranked)


def test_a_grounder_that_only_answers_is_not_taken_for_one_that_ranks():
    assert not isinstance(member("scripted"), RankingGrounder) and not isinstance(member("scripted"), BatchGrounder)


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize("phrase", ["", "   ", "...", "x" * 10_000])
def test_what_is_no_phrase_is_refused_in_a_sentence(name, phrase):
    model = member(name)
    with pytest.raises(ValueError, match="phrase"):
        model.ground_in(model.encode(PICTURE), Query(phrase))


def test_a_long_phrase_is_cut_and_says_so():
    from grounding.tasks.label.ground import ground

    model = member("default")
    long = "the dog " + "that runs and runs " * 20
    answer = ground(PICTURE, long, model)
    assert "forty" in answer.note
    assert ground(PICTURE, "the dog", model).note == ""


def test_an_encoding_of_another_grounder_is_refused():
    import dataclasses

    model = member("default")
    foreign = dataclasses.replace(model.encode(PICTURE), version="other@00000000")
    with pytest.raises(ValueError, match="encode it again"):
        model.ground_in(foreign, Query("the dog"))
