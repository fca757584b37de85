"""Plurals, articles and capitals of any label."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grounding.data import Boxes, Regions, Size
from pseudo_query import DEFAULT, build_scene, generate
from pseudo_query.inflection import article_by_sound, article_by_spelling, plural_by_spelling, pluralize
from pseudo_query.lexicon import COUNTABLE, english_lexicon, indefinite_article
from pseudo_query.lint import lint
from pseudo_query.names import spoken_form
from pseudo_query.wording import determiner, plural

ROOT = Path(__file__).resolve().parents[2]
SIZE = Size(640, 480)
EVERY_WORDING = replace(DEFAULT, max_per_object=100, max_plurals=3, nouns_per_object=9, other_name_rate=4.0, articles="mixed")


def two(label):
    return Regions(Boxes([[20, 100, 200, 400], [400, 100, 600, 400]]), [0.9, 0.9], (label, label))


def phrases(label, settings=EVERY_WORDING):
    return {c.query for seed in range(4) for c in generate(two(label), SIZE, settings=settings, seed=seed) if c.targets}


@pytest.mark.parametrize("one, many", [
    ("tomato", "tomatoes"), ("potato", "potatoes"), ("wolf", "wolves"), ("leaf", "leaves"), ("tooth", "teeth"),
    ("thief", "thieves"), ("giraffe", "giraffes"), ("human", "humans"), ("gentleman", "gentlemen"),
    ("German", "Germans"), ("talisman", "talismans"), ("bookshelf", "bookshelves"), ("aircraft", "aircraft"),
    ("computer mouse", "computer mice"), ("ox", "oxen"), ("fish", "fish"), ("quiz", "quizzes"), ("burrito", "burritos"),
    ("photo", "photos"), ("café", "cafés"), ("8-wheeler", "8-wheelers"), ("hourglass", "hourglasses"),
    ("FBI agent", "FBI agents"), ("BMW", "BMWs"), ("SUV", "SUVs"), ("T-shirt", "T-shirts"),
    ("mother-in-law", "mothers-in-law"), ("passer-by", "passers-by"), ("cup of tea", "cups of tea"),
    ("sheet of paper", "sheets of paper"), ("pair of scissors", "pairs of scissors"),
    ("person on bike", "people on bike"), ("man walking", "men walking"),
    ("woman holding umbrella", "women holding umbrella"), ("traffic light", "traffic lights"),
    ("swimming pool", "swimming pools"), ("white walking stick", "white walking sticks"),
    ("binoculars", "pairs of binoculars"), ("headphones", "pairs of headphones"), ("jeans", "pairs of jeans"),
    ("rhinoceros", "rhinoceroses"), ("waltz", "waltzes"), ("drinking straw", "drinking straws"), ("shrimp", "shrimp"),
    ("ski", "skis"), ("skis", "pairs of skis"), ("tennis", None), ("fruit juice", None), ("asparagus", None),
    ("duct tape", None), ("tape measure", "tape measures"), ("toothpaste", None), ("people", None), ("dogs", None),
    ("grapes", None), ("people walking", None), ("furniture", None), ("luggage", None), ("grass", None), ("news", None),
    ("собака", None), ("犬", None),
])
def test_the_plural_of_any_name(one, many):
    assert plural(one) == many


@pytest.mark.parametrize("text, word", [
    ("8-wheeler", "an"), ("11th floor sign", "an"), ("18-wheeler", "an"), ("80s car", "an"), ("1st prize", "a"),
    ("100 m sign", "a"), ("hourglass", "an"), ("heir", "an"), ("FBI agent", "an"), ("fbi agent", "an"),
    ("MRI scanner", "an"), ("SUV", "an"), ("suv", "an"), ("LED lamp", "an"), ("UFO", "a"), ("URL", "a"), ("BMW", "a"),
    ("NASA cap", "a"), ("X-ray", "an"), ("x-ray", "an"), ("Xbox", "an"), ("xylophone", "a"), ("T-shirt", "a"),
    ("U-turn sign", "a"), ("e-bike", "an"), ("F-16", "an"), ("MP3 player", "an"), ("UPS truck", "a"),
    ("SOS sign", "an"), ("ouija board", "a"), ("hors d'oeuvre", "an"), ("urn", "an"), ("iPhone", "an"),
    ("European", "a"), ("one-way sign", "a"), ("unicorn", "a"), ("unusual hat", "an"), ("usher", "an"),
    ("utensil", "a"), ("umbrella", "an"), ("école", "an"),
])
def test_the_article_of_any_name(text, word):
    assert indefinite_article(text) == word


@pytest.mark.parametrize("label, spoken", [
    ("FBI agent", "FBI agent"), ("T-shirt", "T-shirt"), ("iPhone", "iPhone"), ("BMW", "BMW"), ("European", "European"),
    ("Persian cat", "Persian cat"), ("statue of David", "statue of David"), ("TRAFFIC_LIGHT", "traffic light"),
    ("FireTruck", "fire truck"), ("Traffic Light", "traffic light"), (" Dog\t", "dog"), ("DOG", "dog"),
    ("Stop_Sign", "stop sign"), ("TVMonitor", "TV monitor"), ("NASA cap", "NASA cap"), ("FBI AGENT", "FBI agent"),
    ("A", "A"), ("the dog", "dog"), ("An Apple", "apple"), ("a", "a"), ("cap_(headwear)", "cap"), ("dog 🐶", "dog"),
    ("<b>dog</b>", "b dog b"), ("do\0g\u200f", "dog"), ("cafe\u0301", "café"), ("catcher's mitt", "catcher's mitt"),
    ("FedEx truck", "FedEx truck"),
])
def test_a_label_is_said_without_the_marks_of_a_label_set_and_with_the_capitals_of_a_name(label, spoken):
    assert spoken_form(label) == spoken


def test_a_name_that_the_lexicon_does_not_know_is_called_as_it_is_written():
    assert english_lexicon().spoken_name("Eiffel Tower") == "Eiffel Tower"
    assert english_lexicon().spoken_name("Old Fire Truck") == "old fire truck"
    assert english_lexicon().spoken_name("Ferrari") == "Ferrari" and "the left Ferrari" in phrases("Ferrari")
    assert "both Ferraris" in phrases("Ferrari")
    assert not any("ferrari" in text for text in phrases("Ferrari"))
    assert "the left FBI agent" in phrases("FBI agent") and "the left BMW" in phrases("BMW")


@pytest.mark.parametrize("label, beside, spoken", [
    ("Ferrari", ["person", "dog"], "Ferrari"), ("Golden Gate Bridge", ["car"], "Golden Gate Bridge"),
    ("Accordion", ["Person", "Wheel"], "accordion"), ("Dairy Product", ["Sea Lion", "Wheel"], "dairy product"),
    ("ACCORDION", ["PERSON"], "accordion"), ("Dog", ["person"], "dog"), ("Persian Cat", ["Dog"], "Persian cat"),
])
def test_whether_a_capital_belongs_to_a_name_is_told_by_the_labels_beside_it(label, beside, spoken):
    assert english_lexicon().spoken_name(label, [label, *beside]) == spoken
    regions = Regions(Boxes([[20, 100, 200, 400]] + [[400, 100, 600, 400]] * len(beside)), [0.9] * (1 + len(beside)), (label, *beside))
    assert build_scene(regions, SIZE).objects[0].label == spoken


@pytest.mark.parametrize("label", [
    "tomato", "8-wheeler", "hourglass", "FBI agent", "UFO", "headphones", "cup of tea", "grapes", "people", "luggage",
    "собака",
])
def test_every_article_and_plural_of_a_phrase_is_right(label):
    found = phrases(label)
    assert found
    for text in found:
        for word, after in re.findall(r"\b(an?) (\S+)", text):
            assert indefinite_article(after) == word, text
        if text.startswith(("both ", "two ", "all the ")):
            assert plural(english_lexicon().spoken_name(label)) and not re.search(r"(oos|fs|ths|ses(es)?)\b", text) or "glasses" in text, (
                text
            )


def test_the_lexicons_own_words_need_no_library_and_agree_with_it():
    for concept in english_lexicon().concepts.values():
        for name in (*concept.names, *concept.recognized_names) if concept.number == COUNTABLE else ():
            known = concept.plural if name == concept.name else plural_by_spelling(name)
            assert known == pluralize(name) or name.startswith("pair of "), name
            assert article_by_spelling(name.split()[0]) == article_by_sound(name.split()[0]), name


def test_nothing_is_imported_for_words_of_the_lexicon():
    code = (
        "import sys; from grounding.data import *; from pseudo_query import *; generate(Regions(Boxes([[9, 9, "
        "99, 99], [200, 9, 299, 99]]), [1, 1], "
        "('dog', 'fire truck')), Size(640, 480), settings=TRAINING); before = 'inflect' in sys.modules; "
        "from pseudo_query.wording import plural; print(before, plural('wolf'), 'inflect' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.split() == ["False", "wolves", "True"], run.stderr


def test_the_plural_of_a_projects_own_label_is_read():
    scene = build_scene(two("tomato"), SIZE)
    assert [r.message for r in lint("three tomatoes", [0, 1], scene)] == ["you wrote 3, 2 boxes are chosen"]
    assert lint("two tomatoes", [0, 1], scene) == []
    assert [r.message for r in lint("the tomato", [0], scene)] == ["fits 1 other"]
    assert lint("the left fbi agent", [0], build_scene(two("FBI agent"), SIZE)) == []


def test_one_of_a_pair_word_takes_the_article_of_a_pair():
    assert determiner("pair of scissors", "pair of scissors", False) == "a " and determiner("scissors", "scissors", False) == ""
