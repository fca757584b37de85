"""A phrase is answered as it was read: what it denies is left out, several things have an answer each, and what is declined has none."""

import numpy as np
import pytest

from grounding import model_cache
from grounding.data import Boxes, Regions, iou
from grounding.data.media import Image
from grounding.models.scripted import ScriptedGrounder
from grounding.synthetic.scenes import draw_scene
from grounding.tasks.label.ground import ground, ground_caption

PICTURE = Image(np.zeros((100, 300, 3), np.uint8), "black")
LEFT, MIDDLE, RIGHT = [10, 10, 60, 90], [110, 10, 160, 90], [220, 10, 280, 90]


def found(*rows):
    return Regions(Boxes([box for box, _ in rows]), [score for _, score in rows], ["x"] * len(rows))


MODEL = ScriptedGrounder({
    "the sheep": found((LEFT, 0.9), (RIGHT, 0.8)), "the sheep on the left": found((LEFT, 0.98)),
    "the black sheep": found((RIGHT, 0.7)), "the dog": found((MIDDLE, 0.6)),
    "dogs": found((LEFT, 0.9), (MIDDLE, 0.8), (RIGHT, 0.7)), "the sheep that is not on the left": found((LEFT, 0.98)),
})


def boxes(text, model=MODEL):
    answer = ground(PICTURE, text, model)
    return [box.tolist() for box in answer.regions.boxes.xyxy], answer


@pytest.mark.parametrize(
    "text, kept",
    [
        ("the sheep that is not on the left", [RIGHT]),
        ("the sheep not on the right", [LEFT]),
        ("the sheep that isn't black", [LEFT]),
        ("the sheep except the black one", [LEFT]),
    ],
)
def test_what_a_phrase_denies_is_not_answered(text, kept):
    there, answer = boxes(text)
    assert there == kept and answer.to_json()["read"] == ["the sheep"] and answer.regions.labels == ("the sheep",)


def test_where_only_what_is_denied_is_there_the_answer_is_none_and_says_so():
    model = ScriptedGrounder({"the sheep": found((LEFT, 0.9)), "the sheep on the left": found((LEFT, 0.98))})
    answer = ground(PICTURE, "the sheep that is not on the left", model)
    assert len(answer.regions) == 0 and not answer.declined
    assert answer.note.startswith("What fits “the sheep” here fits “the sheep on the left” too")


def test_what_is_denied_of_a_thing_in_part_makes_it_less_sure():
    model = ScriptedGrounder({"the sheep": found((LEFT, 0.9), (RIGHT, 0.8)), "the black sheep": found((MIDDLE, 0.95), (LEFT, 0.4))})
    there, answer = boxes("the sheep that isn't black", model)
    assert there == [RIGHT, LEFT] and answer.regions.scores.tolist() == pytest.approx([0.8, 0.54])


def test_each_of_several_things_has_its_answer():
    there, answer = boxes("the sheep and the dog")
    assert sorted(there) == [LEFT, MIDDLE, RIGHT] and set(answer.regions.labels) == {"the sheep", "the dog"}
    assert ground(PICTURE, "the dog and the zebra", MODEL).note == "Nothing here fits “the zebra”; the rest was found."


def test_one_thing_is_not_a_dog_and_a_cat_at_once():
    """The surer keeps the box; the other has its next candidate, or none. A shirt lies where its man is."""
    dog, cat, man, shirt = found((LEFT, 0.9)), found((LEFT, 0.7)), found((RIGHT, 0.9)), found((RIGHT, 0.8))
    model = ScriptedGrounder({"the dog": dog, "the cat": cat, "the man": man, "the shirt": shirt, "the puppy": cat})
    answer = ground(PICTURE, "the dog and the cat", model)
    assert answer.regions.labels == ("the dog",) and answer.note == "Nothing here fits “the cat”; the rest was found."
    assert len(ground(PICTURE, "the man and the shirt", model).regions) == 2
    assert len(ground(PICTURE, "the dog and the puppy", model).regions) == 2


def test_a_number_of_things_are_as_many_boxes_or_a_sentence():
    assert boxes("two dogs")[0] == [LEFT, MIDDLE] and boxes("two dogs")[1].note == "3 fit; these are the 2 surest."
    assert boxes("three dogs")[1].note == "" and boxes("five dogs")[1].note == "5 are asked for; only 3 were found."


def test_a_declined_phrase_has_no_boxes_and_a_reason_and_the_picture_is_not_opened():
    opened = []
    answer = ground(lambda: opened.append(1) or PICTURE, "man no. 5", MODEL).to_json()
    assert answer["regions"] == [] and answer["kind"] == "number" and answer["declined"].startswith("Numbers") and opened == []
    assert "declined" not in ground(PICTURE, "the zebra", MODEL).to_json()


def test_a_command_is_answered_by_what_it_names():
    assert boxes("where is the dog?")[0] == [MIDDLE] and boxes("Find the dog, please")[1].to_json()["read"] == ["the dog"]


def test_a_phrase_of_a_caption_is_read_likewise():
    told = ground_caption(PICTURE, "the sheep that is not on the left licks the dog", MODEL).to_json()["phrases"]
    assert [(part["text"], [region["box"] for region in part["regions"]]) for part in told] == [
        ("the sheep that is not on the left", [[220, 10, 280, 90]]),
        ("the dog", [[110, 10, 160, 90]]),
    ]


@pytest.fixture(scope="module")
def grounder():
    return model_cache.make("grounder", "")


@pytest.mark.parametrize("seed, label", [(4, "person"), (6, "car"), (8, "person")])
def test_the_real_grounder_leaves_out_what_is_denied_in_a_drawn_scene(grounder, seed, label):
    scene = draw_scene(seed)
    rows = [row for row, name in enumerate(scene.regions.labels) if name == label]
    left, right = sorted(rows, key=lambda row: scene.regions.boxes.centers[row, 0])
    for side, here, there in (("left", left, right), ("right", right, left)):
        for denial in (
            f"the {label} that is not on the {side}", f"the {label} not on the {side}",
            f"the {label} except the {side} one", f"the {label} that is not the {side}most",
            f"any {label} but the {side} one", f"find the {label}, ignoring the {side} one",
        ):
            overlap = iou(ground(scene.image, denial, grounder).regions.boxes, scene.regions.boxes[[here, there]])
            assert (overlap[:, 0] < 0.3).all(), denial
            assert not len(overlap) or overlap[0, 1] > 0.5, denial
    assert len(ground(scene.image, f"the {label} that is not on the left", grounder).regions)


@pytest.mark.parametrize("seed, text", [(9, "two bicycles"), (4, "two boats"), (25, "both birds"), (27, "two balls")])
def test_a_doubtful_box_does_not_make_up_the_number_that_was_asked_for(grounder, seed, text):
    answer = ground(draw_scene(seed).image, text, grounder)
    assert len(answer.regions) == 1 and answer.note == "2 are asked for; only 1 was found."


@pytest.mark.parametrize("seed", [2, 4, 8, 28])
def test_beside_the_best_box_a_denial_shows_only_boxes_from_the_grounders_own_threshold_on(grounder, seed):
    for text in ("the bird not in red", "the book that is not red", "the dog and the bird"):
        answer = ground(draw_scene(seed).image, text, grounder).regions
        for label in set(answer.labels):
            scores = sorted((score for score, name in zip(answer.scores, answer.labels) if name == label), reverse=True)
            assert all(score >= grounder.extra_box_score for score in scores[1:]), text
