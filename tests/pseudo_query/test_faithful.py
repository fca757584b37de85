"""The paper's mode on scenes small enough to count by hand."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from grounding.data import Boxes, Regions, Size
from pseudo_query import FAITHFUL, build_scene, generate

EVERYTHING = replace(FAITHFUL, max_per_photo=None)


def regions(*rows):
    """From (label, x0, y0, x1, y1[, score])."""
    return Regions(Boxes([row[1:5] for row in rows]), [row[5] if len(row) > 5 else 0.9 for row in rows], tuple(row[0] for row in rows))


def queries(found, target=None):
    return [c.query for c in found if target is None or c.targets == (target,)]


def test_a_lonely_thing_gives_one_phrase():
    assert queries(generate(regions(("clock", 100, 100, 300, 300)), Size(640, 480), settings=EVERYTHING)) == ["clock"]


def test_a_person_with_two_garments_and_three_place_words_gives_68():
    three = regions(("man", 10, 100, 110, 260), ("man", 200, 20, 400, 380), ("man", 500, 90, 600, 260),
                    ("hat", 280, 20, 320, 50), ("jacket", 230, 120, 370, 250))
    found = generate(three, Size(640, 480), settings=EVERYTHING)
    middle = queries(found, 1)
    assert len(middle) == 1 + 3 * 3 + 2 * 2 + 6 * 9 == 68
    assert {"man", "middle man", "man center", "man in the front", "man hat", "jacket man", "man front hat",
            "hat man in the middle", "man in the center jacket"} <= set(middle)
    assert not [text for text in middle if "behind" in text or "left" in text]


def test_two_things_side_by_side_give_the_papers_three_forms_of_each_side():
    two = regions(("cup", 50, 100, 250, 300), ("cup", 400, 100, 600, 300))
    assert sorted(queries(generate(two, Size(640, 480), settings=EVERYTHING))) == sorted(
        ["cup", "cup left", "left cup", "cup on the left", "cup", "cup right", "right cup", "cup on the right"])


def test_top_and_bottom_have_no_preposition():
    two = regions(("cup", 200, 10, 400, 190), ("cup", 200, 290, 400, 470))
    assert sorted(queries(generate(two, Size(640, 480), settings=EVERYTHING))) == sorted(
        ["cup", "cup top", "top cup", "cup", "cup bottom", "bottom cup"])


def test_fifty_pixels_are_the_same_in_a_picture_of_any_size():
    near = regions(("cup", 1000, 1000, 3000, 3000), ("cup", 1060, 1000, 2960, 2000))
    texts = queries(generate(near, Size(4000, 4000), settings=replace(EVERYTHING, nms_iou=0.99)))
    assert not [text for text in texts if "left" in text or "right" in text] and [text for text in texts if "top" in text]


def test_six_of_the_pool_are_drawn_without_replacement_and_only_of_three_objects_people_first():
    many = regions(*[("man", 10 + 150 * i, 50, 140 + 150 * i, 300, 0.5 + 0.1 * i) for i in range(4)], ("dog", 200, 320, 400, 470, 1.0))
    found = generate(many, Size(640, 480), settings=FAITHFUL, seed=3)
    assert len(found) == 6 and {c.targets[0] for c in found} <= {1, 2, 3}
    assert max(Counter((c.query, c.targets) for c in found).values()) == 1
    few = generate(regions(("man", 10, 50, 300, 300, 0.2), ("dog", 320, 50, 600, 470, 0.9), ("cat", 10, 310, 300, 470, 0.8),
                           ("cow", 310, 300, 318, 470, 0.99)), Size(640, 480), settings=EVERYTHING)
    assert {c.targets for c in few} == {(0,), (1,), (2,)}  # the cow is below 1/64 of the picture


def test_clothes_are_never_targets_and_worn_only_where_they_are_worn():
    dressed = regions(
        ("woman", 100, 50, 300, 450), ("hat", 180, 380, 220, 440), ("boots", 150, 400, 250, 445), ("jeans", 140, 60, 260, 200)
    )
    texts = queries(generate(dressed, Size(640, 480), settings=EVERYTHING))
    assert sorted(texts) == sorted(["woman", "woman boots", "boots woman", "woman jeans", "jeans woman"])  # jeans count as a shirt


@pytest.mark.parametrize("label, said", [("car", "red car"), ("red car", "red car")])
def test_an_attribute_is_said_once_even_when_the_class_holds_it(label, said):
    found = generate(regions((label, 100, 100, 300, 300)), Size(640, 480), settings=EVERYTHING,
                     predict_attributes=lambda pixels, all_regions: [[("red", 0.8), ("wooden", 0.1)]])
    assert queries(found) == [said]


def test_an_attribute_below_0_3_is_not_said():
    found = generate(regions(("car", 100, 100, 300, 300)), Size(640, 480), settings=EVERYTHING,
                     predict_attributes=lambda pixels, all_regions: [[("red", 0.29)]])
    assert queries(found) == ["car"]


def test_the_bare_noun_is_kept_for_each_of_three_alike_and_is_not_unique():
    three = regions(*[("dog", 10 + 200 * i, 100, 150 + 200 * i, 300) for i in range(3)])
    bare = [c for c in generate(three, Size(640, 480), settings=EVERYTHING) if c.query == "dog"]
    assert sorted(c.targets for c in bare) == [(0,), (1,), (2,)] and not any(c.unique for c in bare)


def test_a_removed_box_still_removes_others():
    chain = regions(("cup", 0, 100, 200, 300, 0.9), ("bowl", 60, 100, 260, 300, 0.8), ("cup", 120, 100, 320, 300, 0.7))
    assert [thing.region_index for thing in build_scene(chain, Size(640, 480), settings=FAITHFUL).objects] == [0]
    ours = build_scene(chain, Size(640, 480))
    assert [thing.region_index for thing in ours.objects] == [0, 1, 2] and np.isclose(ours.objects[1].score, 0.8)


def test_more_than_three_get_sides_from_the_quarters_of_the_picture():
    row = regions(*[("dog", x, 100, x + 100, 300) for x in (0, 80, 270, 440, 540)])
    found = generate(row, Size(640, 480), settings=replace(EVERYTHING, max_targets=None))
    assert "left dog" in queries(found, 0) and "left dog" in queries(found, 1)
    assert "middle dog" in queries(found, 2) and "center dog" in queries(found, 2)
    assert "right dog" in queries(found, 3) and "right dog" in queries(found, 4)
