"""Which numbers and ids a file may hold."""

import math
from itertools import permutations

import pytest

from grounding.exchange.values import are_numbers, as_integer, is_id, is_number, normalize_id, parse_integer, parse_number

NONE = [math.nan, math.inf, -math.inf, 10**400, -(10**400), 1e30, True, "1", None, [1], {}]


@pytest.mark.parametrize("value", NONE, ids=lambda value: str(value)[:12])
def test_one_value_that_is_no_number_is_found_wherever_it_stands(value):
    assert not is_number(value) and are_numbers([1, 2.5, -3])
    assert not any(are_numbers(list(order)) for order in permutations([1, 2.5, -3, value]))
    assert not any(are_numbers([value, other]) or are_numbers([1, value, other]) for other in NONE)


def test_nothing_is_no_list_of_numbers():
    assert not are_numbers([])


@pytest.mark.parametrize("one, other", [(7, 7.0), (7, "7"), (-1, "-1"), (0, "0"), (0, -0.0), ((1 << 63) - 1, str((1 << 63) - 1))])
def test_an_id_is_the_same_however_it_is_written(one, other):
    assert is_id(one) and is_id(other) and normalize_id(one) == normalize_id(other)


@pytest.mark.parametrize("one, other", [(7, "07"), (7, " 7"), (7, "7.0"), (7, "\u0667"), (10**30, str(10**30)), ("a", "A")])
def test_other_texts_are_other_ids(one, other):
    assert is_id(one) and is_id(other) and normalize_id(one) != normalize_id(other)


@pytest.mark.parametrize("value", [None, True, "", 1.5, math.nan, math.inf, [], {}])
def test_what_names_nothing_is_no_id(value):
    assert not is_id(value)


@pytest.mark.parametrize("text, number", [
    ("7", 7), (" 7.0 ", 7), ("0", 0), ("7.5", None), ("-7", None), ("1e3", None), ("", None), (None, None),
    ("9" * 400, None), ("1_0", None),
])
def test_a_text_holds_a_whole_number_or_none(text, number):
    assert parse_integer(text) == number


@pytest.mark.parametrize("text", ["", None, "x", "nan", "inf", "1e30", "9" * 400, "1_0", "\u0667"])
def test_a_text_that_holds_no_coordinate_is_not_a_number(text):
    assert math.isnan(parse_number(text)) and parse_number(" -1.5e2 ") == -150


@pytest.mark.parametrize("value, number", [
    (7, 7), (7.0, 7), (-1, -1), (7.5, None), ("7", None), (True, None), (None, None), (10**400, None), (math.nan, None),
])
def test_a_value_is_a_whole_number_or_none(value, number):
    assert as_integer(value) == number
