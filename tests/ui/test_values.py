"""Values of the page: what comes from a browser is made plain, what goes there is text."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from grounding.tasks.improve import weights
from grounding.ui import values

PROJECTS = [SimpleNamespace(id="a", name="Street"), SimpleNamespace(id="b", name="Kitchen")]


def test_the_picker_shows_names_and_carries_ids():
    assert values.project_choices(PROJECTS) == [("Street", "a"), ("Kitchen", "b")]


@pytest.mark.parametrize(("wanted", "found"), [("b", "b"), ("gone", "a"), (None, "a"), ("", "a")])
def test_a_remembered_project_opens_if_it_is_still_there(wanted, found):
    assert values.select_project(wanted, PROJECTS) == found


def test_without_projects_none_is_chosen():
    assert values.select_project("a", []) is None


@pytest.mark.parametrize(("typed", "name"), [
    ("Ann", "Ann"), ("  Ann\n Lee ", "Ann Lee"), ("", "me"), (None, "me"), ("\x00\u202e", "me"), ("x" * 500, "x" * 80),
])  # fmt: skip
def test_a_name_is_one_printable_line(typed, name):
    assert values.person_name(typed) == name


def test_label_names_come_once_in_order_whatever_stands_between_them():
    assert values.label_names("dog, cat;dog\n red bicycle ,,") == ["dog", "cat", "red bicycle"]
    assert values.label_names(None) == []


def test_the_editor_is_told_project_item_and_person():
    assert json.loads(values.editor_value("p", None, " Ann ")) | {"seen": 0} == {"project": "p", "item": None, "user": "Ann", "seen": 0}


def test_a_part_sees_a_new_value_each_time():
    assert values.component_value("p") != values.component_value("p")


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "${alert(1)}", "{{constructor}}", "\"'><script>alert(1)</script>"])
def test_names_never_become_markup(text):
    made = values.table_html([text], [[text]]) + values.stats_html([(text, text)]) + values.heading_html(text, text)
    assert "<img" not in made
    assert "<script" not in made


def test_before_and_after_are_told_for_every_training():
    learned = weights.WeightsVersion("weights-1", "2026-11-22T14:05:00+00:00", 0.5, 0.625, 40, 9, 16, True)
    assert values.weight_choices([learned]) == [
        ("Those that came with Deixis", ""),
        ("Learned 2026-11-22 14:05: 62.5 % right", "weights-1"),
    ]
    shown = values.versions_html([learned])
    assert "50.0 %" in shown and "62.5 %" in shown and "in use" in shown
    assert "Nothing has been learned" in values.versions_html([])


def test_what_was_not_asked_has_no_percentage():
    assert values.percent(None) == "\u2013"
    assert values.percent(0.0) == "0.0 %"


def test_weights_of_a_project_say_what_their_scores_were_calibrated_on():
    for on, words, cell in (
        ("project", "calibrated on the held-out photos of this project", "this project"),
        ("base", "not calibrated on this project", "base"),
    ):
        learned = weights.WeightsVersion("w", "2026-11-22T14:05:33+00:00", 0.5, 0.6, 40, 8, 11, True, on)
        assert words in values.versions_html([learned]) and f"<td>{cell}</td>" in values.versions_html([learned])
        assert words not in values.versions_html([replace(learned, in_use=False)])


def test_the_newest_training_says_whether_its_gain_can_be_told_from_chance():
    learned = weights.WeightsVersion(
        "w", "2026-11-22T14:05:00+00:00", 0.25, 0.5, 40, 8, 4, False, "base", "Too few to tell: 1 of 4 phrases."
    )
    assert values.versions_html([learned]).startswith('<p class="pg-lead">Too few to tell: 1 of 4 phrases.</p>')
