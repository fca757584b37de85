"""Phrases for scenes drawn by hand, good and bad."""

from dataclasses import replace

import numpy as np
import pytest

from grounding.data import Boxes, Regions, Size
from pseudo_query import (
    DEFAULT,
    TRAINING,
    Settings,
    build_scene,
    filter_reliable,
    generate,
    generate_phrases,
    generate_with_skipped,
    score_reliability,
    version,
)
from pseudo_query.lexicon import english_lexicon
from pseudo_query.meanings import list_relations

SIZE = Size(640, 480)
ALL = replace(DEFAULT, max_per_object=100, nouns_per_object=20, other_name_rate=4.0, relation_share=1.0)


def regions(*rows):
    """From (label, x0, y0, x1, y1)."""
    return Regions(Boxes([row[1:] for row in rows]), [0.9] * len(rows), tuple(row[0] for row in rows))


def texts(found, *targets):
    return {c.query for c in found if c.targets == targets}


TWO_DOGS = regions(("dog", 50, 200, 200, 400), ("dog", 400, 200, 550, 400))


def test_two_dogs_are_told_apart_by_side_and_named_together():
    found = generate(TWO_DOGS, SIZE, settings=ALL)
    assert {"the left dog", "the left animal"} <= texts(found, 0) and "the right dog" in texts(found, 1)
    assert texts(found, 0) & {"the dog on the left", "the dog on the left side", "the dog to the left"}
    assert "the dog" not in texts(found, 0) | texts(found, 1)
    assert texts(found, 0, 1) & {"the dogs", "both dogs", "two dogs", "the animals", "both animals", "two animals"}


def test_a_lone_thing_is_on_a_side_but_not_the_left_one():
    found = texts(generate(regions(("cup", 20, 20, 120, 120)), SIZE, settings=ALL), 0)
    assert any(" on the left" in text or " to the left" in text for text in found) and any(text.endswith("left corner") for text in found)
    assert not {"the left cup", "the top left cup", "the upper left cup"} & found


def test_several_targets_are_kept_when_asked():
    found = generate(TWO_DOGS, SIZE, settings=replace(ALL, ambiguous="all", max_plurals=0))
    assert "the dogs" in texts(found, 0, 1) and not any(c.unique for c in found if len(c.targets) > 1)
    assert not [c for c in found if c.targets == (0, 1) and not c.query.removeprefix("the ").startswith(("dogs", "animals", "pets"))]


def test_ambiguous_phrases_can_be_let_pass_with_one_target_and_half_the_score():
    found = [
        c
        for c in generate(TWO_DOGS, SIZE, settings=replace(ALL, ambiguous="ignore"))
        if c.query in ("the dog", "a dog") and c.targets == (0,)
    ]
    assert found and not found[0].unique and found[0].score == pytest.approx(0.45)


def test_an_object_that_one_fact_does_not_single_out_is_described_by_more():
    pixels = np.full((480, 640, 3), 200, np.uint8)
    rows = []
    for x, y, colour in (
        (20, 20, (200, 20, 30)),
        (40, 250, (30, 60, 200)),
        (300, 20, (30, 60, 200)),
        (310, 240, (200, 20, 30)),
        (520, 130, (20, 140, 40)),
    ):
        pixels[y:y + 100, x:x + 100] = colour
        rows.append(("ball", x, y, x + 100, y + 100))
    found = generate(regions(*rows), SIZE, pixels, replace(ALL, extended_locations=False, relations=False))
    assert all(texts(found, k) for k in range(5)) and "the left red ball" in texts(found, 0)


def test_two_alike_in_everything_get_no_phrase_of_their_own_and_the_reason_is_told():
    alike = regions(("cup", 100, 100, 200, 200), ("cup", 108, 104, 208, 204))
    found, silent = generate_with_skipped(build_scene(alike, SIZE, settings=replace(DEFAULT, nms_iou=0.99)), replace(DEFAULT, nms_iou=0.99))
    assert {c.targets for c in found} == {(0, 1)} and [d.reason for d in silent] == ["nothing tells it from others like it"] * 2


def test_clothes_a_detector_found_belong_to_their_wearer():
    dressed = regions(("person", 100, 50, 250, 450), ("hat", 150, 50, 200, 90), ("person", 400, 50, 550, 450))
    found = generate(dressed, SIZE, settings=ALL)
    assert texts(found, 0) & {"the person with a hat", "the person wearing a hat"} and not [t for t in texts(found, 2) if "hat" in t]


def test_relations_name_the_other_thing():
    found = generate(
        regions(("person", 100, 50, 250, 450), ("bicycle", 260, 200, 450, 450), ("person", 500, 40, 630, 460)), SIZE, settings=ALL
    )
    assert texts(found, 0) & {
        "the person next to the bike",
        "the person beside the bike",
        "the person by the bike",
        "the person left of the bike",
        "the person to the left of the bike",
    }


def test_attributes_of_a_reader_are_said_when_sure_and_clear():
    def reader(pixels, seen):
        return [[("wooden", 0.8, "material"), ("metal", 0.1, "material"), ("broken", 0.55, "state"), ("closed", 0.5, "state")], []]

    found = generate(regions(("chair", 50, 200, 200, 400), ("chair", 400, 200, 550, 400)), SIZE, settings=ALL, predict_attributes=reader)
    assert "the wooden chair" in texts(found, 0) and not [c for c in found if "broken" in c.query or "metal" in c.query]


def test_negatives_name_what_is_not_there():
    found = [c for c in generate(TWO_DOGS, SIZE, settings=replace(DEFAULT, max_negatives=5)) if not c.targets]
    assert len(found) == 5 and all(c.template == "nothing" and "dog" not in c.query and not c.unique for c in found)


def test_teaching_says_what_somebody_might_be_and_trusts_it_half():
    found = [c for seed in range(20) for c in generate(regions(("person", 100, 50, 250, 450)), SIZE, settings=TRAINING, seed=seed)]
    guessed = [c for c in found if c.meaning.noun in ("man", "woman", "girl", "boy")]
    assert guessed and all(c.score == pytest.approx(0.45) for c in guessed)
    assert not any(
        c.meaning.noun == "woman" for seed in range(20) for c in generate(regions(("person", 100, 50, 250, 450)), SIZE, seed=seed)
    )


def test_one_thing_with_two_names_is_spoken_of_once_by_the_surer():
    twice = Regions(Boxes([[100, 100, 400, 400], [102, 98, 400, 404]]), [0.6, 0.9], ("bear", "dog"))
    found, silent = generate_with_skipped(build_scene(twice, SIZE))
    assert {c.targets for c in found} == {(1,)}
    assert [(d.region_index, d.reason) for d in silent] == [(0, "it overlaps region 1, which is like it and surer")]
    assert {t for c in generate(regions(("horse", 100, 200, 400, 470), ("person", 180, 60, 330, 420)), SIZE) for t in c.targets} == {0, 1}
    on_a_plate = regions(("dining table", 100, 100, 400, 400), ("pizza", 102, 98, 400, 404))
    assert {t for c in generate(on_a_plate, SIZE) for t in c.targets} == {0, 1}


def test_a_pronoun_is_understood_but_takes_no_article_so_it_is_not_said():
    found = [
        c
        for seed in range(30)
        for c in generate(regions(("person", 100, 50, 250, 450), ("person", 400, 50, 550, 450)), SIZE, settings=TRAINING, seed=seed)
    ]
    assert "human" in {c.meaning.noun for c in found} and not {"someone", "somebody"} & {c.meaning.noun for c in found}
    assert english_lexicon().certainly_named("someone", english_lexicon().find("person"))


def test_relations_are_not_looked_up_before_one_is_wanted(monkeypatch):
    scene = build_scene(regions(("person", 100, 50, 250, 450), ("bicycle", 260, 200, 450, 450)), SIZE)
    asked_for = []
    monkeypatch.setattr("pseudo_query.drawing.list_relations", lambda row, facts: asked_for.append(row) or list_relations(row, facts))
    for seed in range(40):
        generate_phrases(scene, replace(DEFAULT, max_per_photo=2, max_plurals=0), seed)
    assert 0 < len(asked_for) < 40
    asked_for.clear()
    assert any(c.meaning.relation for c in generate_phrases(scene, ALL)) and len(asked_for) == 2


def test_one_pool_for_all_things_holds_what_each_would_get_alone():
    scene = build_scene(regions(("person", 100, 50, 250, 450), ("bicycle", 260, 200, 450, 450), ("person", 500, 40, 630, 460)), SIZE)
    pooled, alone = (
        {(c.meaning._replace(noun=""), c.targets) for c in generate_phrases(scene, replace(ALL, max_per_object=count, max_plurals=0))}
        for count in (None, 100)
    )
    assert pooled == alone and {targets for meaning, targets in pooled if meaning.relation} >= {(0,), (1,)}


def test_a_label_a_project_gave_is_what_the_thing_is_called():
    assert texts(generate(regions(("grobnik", 200, 50, 450, 450)), SIZE), 0) == {"the grobnik"}
    assert "the doggy" in texts(generate(regions(("doggy", 100, 50, 250, 450)), SIZE, settings=ALL), 0)


def test_a_grounder_is_asked_and_those_it_agrees_with_are_kept():
    found = generate(TWO_DOGS, SIZE, settings=replace(DEFAULT, max_negatives=1))
    calls = []

    def ground(text):
        calls.append(text)
        return TWO_DOGS.keep([0]) if "left" in text or "both" in text else Regions.empty()

    judged = score_reliability(found + found[:1], TWO_DOGS, ground)
    assert len(calls) == len(set(calls)) and all(c.reliability is not None for c in judged)
    assert all(c.reliability == 1 for c in judged if "left" in c.query and c.targets == (0,))
    assert all(c.reliability == (1 if not c.targets else 0) for c in judged if 0 not in c.targets)
    assert {c.reliability >= 0.5 for c in filter_reliable(judged)} == {True} and filter_reliable(found) == found


def test_bad_input_gives_sensible_phrases_or_none_and_a_reason():
    bad = Regions(Boxes([
        [10, 10, 200, 200], [11, 11, 201, 201], [700, 500, 900, 900], [50, 50, 50, 90], [300, 100, 302, 102],
        [-80, 300, 200, 700], [250, 250, 450, 450],
    ]),
                  [0.9, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9], ("cup", "cup", "dog", "dog", "mouse", "xyzzy", "12"))
    scene = build_scene(bad, SIZE)
    found, silent = generate_with_skipped(scene)
    assert {c.targets for c in found} == {(0,), (5,)} and "the xyzzy" in texts(found, 5)
    reasons = {dropped.region_index: dropped.reason for dropped in silent}
    assert "overlaps region 0" in reasons[1] and "outside the picture" in reasons[2] and "no area" in reasons[3]
    assert "less than" in reasons[4] and "is no word" in reasons[6]


def test_an_empty_photo_gives_nothing():
    assert generate(Regions.empty(), SIZE) == []
    assert generate_phrases(build_scene(Regions.empty(), Size(1, 1), np.zeros((1, 1, 3), np.uint8))) == []


def test_a_group_drawn_as_one_box_is_not_one_of_its_members():
    crowd = regions(("person", 0, 100, 640, 400), *[("person", 50 + 150 * k, 120, 130 + 150 * k, 390) for k in range(4)])
    silent = generate_with_skipped(build_scene(crowd, SIZE))[1]
    assert [d.reason for d in silent if d.region_index == 0] == ["it holds 4 others of its class, so it is a group of them"]


def test_five_hundred_objects_in_one_photo():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 1, (500, 2)) * (3800, 2800)
    boxes = np.concatenate([corners, corners + rng.uniform(40, 200, (500, 2))], 1)
    many = Regions(Boxes(boxes), rng.uniform(0.1, 1, 500), tuple(rng.choice(["person", "dog", "car", "chair"], 500)))
    found, silent = generate_with_skipped(build_scene(many, Size(4000, 3000)), replace(DEFAULT, max_per_photo=50))
    assert 0 < len(found) <= 50 and sum("more than 100 objects" in d.reason for d in silent) >= 300


def test_small_things_get_no_phrase_but_count_when_others_are_called_unique():
    found = generate(regions(("dog", 50, 200, 200, 400), ("dog", 400, 200, 415, 215)), SIZE, settings=ALL)
    assert "the dog" not in texts(found, 0) and "the left dog" in texts(found, 0) and not texts(found, 1)


def test_settings_are_checked_at_the_door():
    with pytest.raises(ValueError, match="articles is one of the, none, mixed; got 'some'"):
        Settings(articles="some")


def test_the_generator_carries_its_version():
    assert generate.version == version and version.startswith("pseudo-query@")
