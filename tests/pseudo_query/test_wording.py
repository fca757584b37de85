"""Words: mirrors, articles, prompts, and the grammar check."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudo_query import PROMPTS, Meaning, PseudoQuery, apply_prompt, mirror_words
from pseudo_query.grammar import GrammarChecker, neutralize_locations
from pseudo_query.wording import determiner


@pytest.mark.parametrize("text, mirrored", [
    ("left dog", "right dog"), ("bright upright dog on the right", "bright upright dog on the left"),
    ("leftmost", "rightmost"), ("Left-hand man, RIGHT!", "Right-hand man, LEFT!"),
    ("leftover copyright", "leftover copyright"), ("the righthand cup", "the lefthand cup"),
    ("left, right and left", "right, left and right"), ("the top left corner", "the top right corner"), ("", ""),
])
def test_mirrored_words(text, mirrored):
    assert mirror_words(text) == mirrored


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="lefrightmosbup -LR", max_size=30))
def test_mirroring_twice_changes_nothing(text):
    assert mirror_words(mirror_words(text)) == text


def test_prompts():
    assert apply_prompt("left dog", "refcoco") == "find the region that corresponds to the description left dog"
    assert apply_prompt("left dog", "referit") == "Which region does the text left dog describe?"
    assert apply_prompt("left dog") == "left dog" and apply_prompt("x", lambda query: f"[V1] {query}") == "[V1] x"
    assert apply_prompt("x", "see {query}!") == "see x!"
    with pytest.raises(ValueError, match="refcoco"):
        apply_prompt("left dog", "refcok")
    assert set(PROMPTS) == {"none", "refcoco", "referit"}


@pytest.mark.parametrize("noun, text, definite, word", [
    ("dog", "dog", True, "the "), ("dog", "old dog", False, "an "), ("dog", "dog", False, "a "),
    ("broccoli", "broccoli", False, ""), ("scissors", "scissors", False, ""), ("people", "people", False, ""),
])
def test_determiners(noun, text, definite, word):
    assert determiner(noun, text, definite) == word


def candidate(text, noun, *attributes, **facts):
    return PseudoQuery(text, (0,), True, 1.0, ("noun",), meaning=Meaning(noun, attributes, **facts))


@pytest.fixture(scope="module")
def grammar():
    return GrammarChecker()


GOOD = [
    candidate("the left dog", "dog"),
    candidate("the dog left of the man", "dog"),
    candidate("the brown dog on the far left", "dog", "brown"),
    candidate("the second man from the left", "man"),
    candidate("the person in red", "person", wearing=("red", "")),
    candidate("a man wearing a black hat next to the bicycle", "man", wearing=("black", "hat")),
    candidate("both dogs", "dog"),
    candidate("an 8-wheeler", "8-wheeler"),
    candidate("the left FBI agent", "FBI agent"),
    candidate("both pairs of scissors", "scissors", plural=True),
    candidate("the people on the left", "people"),
    candidate("the elephant farthest away", "elephant"),
    candidate("left brown dog", "dog", "brown"),
    candidate("dog to the left of a car", "dog"),
]
BAD = [
    candidate("a people", "people"), candidate("a FBI agent", "FBI agent"), candidate("dog left", "dog"),
    candidate("man in the behind", "man"), candidate("man hat", "man", wearing=("", "hat")),
    candidate("a orange cup", "cup", "orange"), candidate("the a dog", "dog"),
    candidate("the dog in the red car", "dog", "red"), candidate("the cat on the dog", "dog"),
]


@pytest.mark.parametrize("good", GOOD, ids=lambda c: c.query)
def test_good_grammar_passes(grammar, good):
    assert grammar.problems(good) == []


@pytest.mark.parametrize("bad", BAD, ids=lambda c: c.query)
def test_bad_grammar_is_told(grammar, bad):
    assert grammar.problems(bad)


def test_the_good_are_sifted_from_the_bad(grammar):
    kept, refused = grammar.partition([*GOOD, *BAD])
    assert kept == GOOD and [c for c, _ in refused] == BAD and grammar.partition([]) == ([], [])


def test_words_of_place_are_hidden_from_the_parser():
    assert neutralize_locations("the dog left of the man on the right") == "the dog near the man in the corner"
