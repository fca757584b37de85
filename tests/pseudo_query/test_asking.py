"""What a typed phrase asks for, what it denies, and what is declined."""

import pytest

from grounding.data import Boxes, Regions, Size
from pseudo_query import build_scene, find_fitting_regions, lint
from pseudo_query.asking import plan_query
from pseudo_query.caption import noun_phrases
from pseudo_query.negation import split_negation
from pseudo_query.parse import named_colours, named_location

DOGS = Regions(
    Boxes([[10, 50, 60, 150], [200, 40, 260, 150], [400, 50, 460, 160], [300, 10, 340, 60]]), [0.9] * 4, ("dog", "dog", "dog", "cat")
)
SCENE = build_scene(DOGS, Size(500, 300))


@pytest.mark.parametrize(
    "text, positive, denied",
    [
        ("the sheep that is not on the left", "the sheep", ("the sheep on the left",)),
        ("the sheep which isn't on the left", "the sheep", ("the sheep on the left",)),
        ("sheep that's not black", "sheep", ("the black sheep",)),
        ("The man not wearing a hat", "The man", ("The man wearing a hat",)),
        ("the man without a hat", "the man", ("the man with a hat",)),
        ("a man with no hat", "a man", ("a man with hat",)),
        ("dog that has no collar", "dog", ("dog with collar",)),
        ("the man who doesn't wear glasses", "the man", ("the man wearing glasses",)),
        ("the dogs except the black one", "the dogs", ("the black dogs",)),
        ("the dog other than the left one", "the dog", ("the left dog",)),
        ("all dogs but the black one", "dogs", ("the black dogs",)),
        ("the dog, not the cat", "the dog", ("the cat",)),
        ("the dog but not the cat", "the dog", ("the cat",)),
        ("the non-red car", "the car", ("the red car",)),
        ("the not red car", "the car", ("the red car",)),
        ("the dog that is neither on the left nor on the right", "the dog", ("the dog on the left", "the dog on the right")),
        ("the dog not on the left and not on the right", "the dog", ("the dog on the left", "the dog on the right")),
        ("the dog not on the left but on the right", "the dog on the right", ("the dog on the left",)),
        ("find the man without a hat, please", "the man", ("the man with a hat",)),
        ("any dog but the black one", "dog", ("the black dog",)),
        ("dogs but the black one", "dogs", ("the black dogs",)),
        ("the dog that is not black or white", "the dog", ("the black dog", "the white dog")),
        ("people who aren't sitting or standing", "people", ("the sitting people", "the standing people")),
        ("all people excluding children", "all people", ("children",)),
        ("people not including children", "people", ("children",)),
        ("animals, except dogs and cats", "animals", ("dogs", "cats")),
        ("the dogs, ignoring the red one", "the dogs", ("the red dogs",)),
        ("find the dog, ignore the cat", "the dog", ("the cat",)),
        ("horses but no zebras", "horses", ("zebras",)),
        ("the man in neither red nor blue", "the man", ("the man in red", "the man in blue")),
        ("the man not in red but in blue", "the man in blue", ("the man in red",)),
        ("the dog on no leash", "the dog", ("the dog on leash",)),
        ("a man who's got no tie", "a man", ("a man with tie",)),
        ("cars which have not been parked", "cars", ("the parked cars",)),
        ("the dog that is nowhere near the cat", "the dog", ("the dog near the cat",)),
        ("the man not standing near the car", "the man", ("the man standing near the car",)),
        ("the dog that is not orange", "the dog", ("the orange dog",)),
        ("the fruit that is not an orange", "the fruit", ("an orange",)),
    ],
)
def test_what_a_phrase_denies_is_told_apart_from_what_it_says(text, positive, denied):
    found = plan_query(text)
    assert (found.subqueries, found.excluded, found.kind) == ((positive,), denied, "negation")


@pytest.mark.parametrize("text", [
    "not the dog", "no dogs", "nothing", "anything but the dog", "there is no dog", "the bench nobody sits on",
    "neither the dog nor the cat", "the man who is never not here", "not just the dog",
    "not only the dog but also the cat", "not all dogs", "do not find the cat", "please don't show me the dog",
    "cars that aren't any colour but red",
])
def test_a_negation_that_is_not_understood_is_declined(text):
    assert plan_query(text).declined and plan_query(text).kind == "negation" and "say what it is" in plan_query(text).message


@pytest.mark.parametrize("text", [
    "the no parking sign", "do not enter sign", "the notebook", "the nonstick pan", "the knot", "the unripe banana",
    "can of soda", "give way sign", "show jumping horse", "the black and white dog", "the man with a hat and glasses",
    "the dog between the cat and the bird", "box on the table", "the mother-in-law", "BMW", "tv",
    "the color of the door", "the man's hat", "some people", "the jalapeño", "a café on the left", "the piñata", "die",
    "the first dog from the left", "the grobnik", "someone on the left", "the orange and white cat", "the minus sign",
    "a small but fast one", "a pair of jeans", "half of the pizza", "boeing 747", "St. Bernard", "two wheeler",
])
def test_a_plain_phrase_is_asked_as_it_is(text):
    assert plan_query(text)[:3] == ((text,), (), 0) and not plan_query(text).message


@pytest.mark.parametrize("text, plain", [
    ("find the dog", "the dog"), ("Please show me the dog on the left in the picture.", "the dog on the left"),
    ("can you find the red car, please?", "the red car"), ("where is the dog?", "the dog"),
    ("Where's the dog", "the dog"), ("show me where the dog is", "the dog"),
    ("which dog is on the left?", "the dog on the left"), ("who is wearing a hat?", "the person wearing a hat"),
    ("is there a dog?", "a dog"), ("I'm looking for a bus", "a bus"),
    ("could you point to the man with a hat", "the man with a hat"), ("there is a dog", "a dog"),
    ("  the   dog ", "the dog"),
])
def test_commands_and_polite_words_are_left_out(text, plain):
    assert plan_query(text).subqueries == (plain,)


@pytest.mark.parametrize(
    "text, parts",
    [
        ("the dog and the cat", ("the dog", "the cat")),
        ("the dog, the cat and the bird", ("the dog", "the cat", "the bird")),
        ("man & woman", ("man", "woman")),
        ("both the man and the dog", ("the man", "the dog")),
        ("the man in red and the woman in blue", ("the man in red", "the woman in blue")),
        ("the black dog and the white one", ("the black dog", "the white dog")),
        ("the black and the white dog", ("the black dog", "the white dog")),
        ("the dog on the left and the cat on the right", ("the dog on the left", "the cat on the right")),
        ("the red car and blue car", ("the red car", "blue car")),
        ("the man on the left and the right", ("the man on the left", "the right man")),
        ("dog. cat. tree.", ("dog", "cat", "tree")),
        ("dog; cat", ("dog", "cat")),
        ("the second man and the third man from the left", ("the second man from the left", "the third man from the left")),
    ],
)
def test_things_named_side_by_side_are_asked_for_one_by_one(text, parts):
    assert plan_query(text).subqueries == parts and plan_query(text).kind == "several"


def test_what_may_be_one_thing_or_two_is_read_as_one_and_that_is_said():
    assert plan_query("the dog next to the cat and the bird").kind == "joined"
    assert "Shift+Enter" in plan_query("the man holding a cup and a plate").message


@pytest.mark.parametrize("text, count, part", [
    ("two dogs", 2, "dogs"), ("the three men in red", 3, "men in red"), ("both dogs", 2, "dogs"),
    ("2 sheep", 2, "sheep"), ("two wolves", 2, "wolves"), ("two pairs of scissors", 2, "pairs of scissors"),
    ("exactly two dogs", 2, "dogs"), ("the left two dogs", 2, "left dogs"), ("a couple of dogs", 2, "dogs"),
    ("a dozen eggs", 12, "eggs"),
])
def test_a_number_of_things_is_counted(text, count, part):
    assert plan_query(text)[:3] == ((part,), (), count)


@pytest.mark.parametrize("text", ["at least two dogs", "more than three dogs", "up to two dogs"])
def test_a_bound_of_a_number_asks_for_all_that_there_are(text):
    assert plan_query(text)[:3] == (("dogs",), (), 0) and not plan_query(text).message


@pytest.mark.parametrize(
    "text, kind",
    [
        ("man no. 5", "number"),
        ("player number 7", "number"),
        ("#5", "number"),
        ("track 12", "number"),
        ("person 3", "number"),
        ("5", "number"),
        ("the dog or the cat", "choice"),
        ("red or orange car", "choice"),
        ("three of the dogs", "choice"),
        ("one of the men", "choice"),
        ("how many dogs are there?", "question"),
        ("what is on the left?", "question"),
        ("who is this", "question"),
        ("is the dog black?", "question"),
        ("it", "pronoun"),
        ("him", "pronoun"),
        ("the one", "pronoun"),
        ("the left one", "pronoun"),
        ("the one on the left", "pronoun"),
        ("собака слева", "language"),
        ("狗", "language"),
        ("الكلب", "language"),
        ("el perro", "language"),
        ("perro a la izquierda", "language"),
        ("hund på vänster sida", "language"),
        ("player number seven", "number"),
        ("man no five", "number"),
        ("man five", "number"),
        ("man №5", "number"),
        ("man n° 5", "number"),
        ("man_5", "number"),
        ("dog (2)", "number"),
        ("dogs 1 and 2", "number"),
        ("man whose number is 5", "number"),
        ("the man labelled 5", "number"),
        ("half of the dogs", "choice"),
        ("a couple of the dogs", "choice"),
        ("what color is the dog?", "question"),
        ("what kind of dog is this", "question"),
        ("le chien noir", "language"),
        ("qqqqq", "gibberish"),
        ("sdfghjkl", "gibberish"),
        ("x", "gibberish"),
        ("", "empty"),
        ("?!", "empty"),
        ("🐶", "empty"),
    ],
)
def test_what_cannot_be_looked_for_is_declined_with_one_sentence_and_a_cure(text, kind):
    found = plan_query(text)
    assert found.declined and found.kind == kind and found.message.endswith(".") and len(found.message) < 200


def test_what_cannot_be_measured_is_said_beside_the_answer():
    assert plan_query("the oldest man").subqueries == ("the oldest man",)
    assert "“oldest” cannot be measured" in plan_query("the oldest man").message
    assert plan_query("the largest dog").message == ""


def test_a_denied_place_or_colour_is_not_a_named_one():
    assert named_location("the dog that is not on the left") == "" and named_location("the dog on the left") == "left"
    assert not any(named_colours("the car that is not red")) and any(named_colours("the red car"))


@pytest.mark.parametrize(
    "text, target, message",
    [
        ("the dog not on the left", 0, "you wrote not left, the box is the left one"),
        ("the dog that isn't on the right", 2, "you wrote not right, the box is the right one"),
        ("the dog not on the left", 2, "fits 1 other"),
        ("the dog that is neither on the left nor on the right", 1, None),
        ("the dog without a collar", 1, None),
        ("not a dog", 0, None),
        ("not a dog", 3, None),
    ],
)
def test_a_denied_place_is_checked_against_its_box(text, target, message):
    assert [remark.message for remark in lint(text, [target], SCENE)] == ([message] if message else [])


def test_a_denied_colour_is_checked_against_its_box():
    import numpy as np

    red = build_scene(Regions(Boxes([[0, 0, 500, 300]]), [1.0], ("car",)), Size(500, 300), np.full((300, 500, 3), (200, 20, 30), np.uint8))
    orange = build_scene(
        Regions(Boxes([[0, 0, 500, 300]]), [1.0], ("car",)), Size(500, 300), np.full((300, 500, 3), (255, 140, 0), np.uint8)
    )
    assert [r.message for r in lint("the car that is not orange", [0], orange)] == ["you wrote not orange, the box looks so"]
    assert [r.message for r in lint("the car that is not red", [0], red)] == ["you wrote not red, the box looks so"]
    assert lint("the car that is not blue", [0], red) == []


def test_what_a_denial_fits_are_the_others():
    assert find_fitting_regions("the dog not on the left", SCENE) == (1, 2)
    assert find_fitting_regions("the dog that is neither on the left nor on the right", SCENE) == (1,)
    assert find_fitting_regions("not the dog", SCENE) is None


@pytest.mark.parametrize(
    "text, phrases",
    [
        ("A man without a hat walks his dog", ["A man without a hat", "his dog"]),
        ("The sheep that is not on the left", ["The sheep that is not on the left"]),
        ("a man with no hat and a dog", ["a man with no hat", "a dog"]),
        ("not the dog but the cat", ["the cat"]),
        ("neither the dog nor the cat", []),
    ],
)
def test_what_a_caption_denies_is_no_thing_to_find(text, phrases):
    assert [text[start:end] for start, end in noun_phrases(text)] == phrases


def test_a_very_long_text_is_not_searched_for_denials():
    assert split_negation("not " * 5000).negated == () and plan_query("the dog " * 2000)
