"""Places, counted out on rows of squares."""

from grounding.data import Size
from pseudo_query import DEFAULT
from pseudo_query.facts import bit_indices
from pseudo_query.relations import find_locations

SIZE = Size(1000, 500)


def squares(*xs, y=200, side=80):
    return [(x, y, x + side, y + side) for x in xs]


def said(boxes, name, size=SIZE):
    return bit_indices(find_locations(range(len(boxes)), boxes, size, DEFAULT).get(name, (0, 0))[0])


def fit(boxes, name, size=SIZE):
    return bit_indices(find_locations(range(len(boxes)), boxes, size, DEFAULT).get(name, (0, 0))[1])


def test_two_apart_are_left_and_right():
    boxes = squares(100, 600)
    assert said(boxes, "left") == [0] and said(boxes, "right") == [1] and said(boxes, "middle") == []


def test_two_close_together_have_no_sides():
    boxes = squares(100, 170)
    assert not said(boxes, "left") and not fit(boxes, "right")


def test_the_spread_is_a_share_of_the_picture():
    assert said(squares(0, 100), "left", Size(1000, 500)) == [0]
    assert said(squares(0, 100), "left", Size(4000, 2000)) == []


def test_two_equally_far_left_are_both_meant_and_neither_is_said():
    boxes = [*squares(100, 110), *squares(700)]
    assert said(boxes, "left") == [] and fit(boxes, "left") == [0, 1] and said(boxes, "right") == [2]


def test_the_one_between_two_is_the_middle():
    assert said(squares(100, 450, 800), "middle") == [1]


def test_of_five_the_outer_quarters_are_sides_and_the_outermost_leftmost():
    boxes = squares(20, 120, 450, 780, 900)
    assert said(boxes, "left") == [0, 1] and said(boxes, "leftmost") == [0] and said(boxes, "middle") == [2]


def test_ordinals_count_from_both_sides_and_stop_in_the_middle():
    boxes = squares(50, 250, 450, 650, 850)
    assert said(boxes, "second from the left") == [1] and said(boxes, "second from the right") == [3]
    assert said(boxes, "third from the left") == [2] and said(boxes, "third from the right") == [2]
    assert said(boxes, "fourth from the left") == []


def test_ordinals_need_clear_steps_up_to_the_one_counted():
    boxes = squares(50, 60, 450, 850)
    assert said(boxes, "second from the left") == [] and said(boxes, "second from the right") == [2]


def test_only_things_of_like_height_make_a_row():
    boxes = [*squares(50, 450), (800, 20, 990, 480)]
    assert said(boxes, "second from the left") == []


def test_what_is_in_front_is_larger_and_stands_lower():
    near, far = (100, 100, 400, 480), (600, 100, 700, 200)
    assert said([near, far], "front") == [0] and said([near, far], "behind") == [1]
    hanging = (600, 400, 700, 490)
    assert said([near, hanging], "front") == []


def test_larger_is_half_as_large_again():
    assert said([(0, 0, 100, 100), (300, 0, 430, 100)], "larger") == []
    assert said([(0, 0, 100, 100), (300, 0, 460, 100)], "larger") == [1]
    three = [(0, 0, 100, 100), (300, 0, 460, 100), (600, 0, 900, 100)]
    assert said(three, "largest") == [2] and said(three, "smallest") == [0] and said(three, "larger") == []


def test_corners():
    boxes = [(10, 10, 90, 90), (900, 400, 990, 490), (400, 200, 600, 300)]
    assert said(boxes, "top left corner") == [0] and said(boxes, "bottom right corner") == [1] and said(boxes, "top right corner") == []


def test_a_lone_thing_in_the_outer_third_is_on_that_side():
    assert said(squares(50), "left, alone") == [0] and said(squares(900), "right, alone") == [0]
    assert said(squares(450), "left, alone") == [] and said(squares(50), "left") == []


def test_nothing_has_no_place():
    assert find_locations([], [], SIZE, DEFAULT) == {}
