"""Mistakes: the surest of the wrong answers come first, right ones never, and each can be seen."""

import gzip
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data import Boxes, Regions
from grounding.data.progress import run_to_end
from grounding.learning.examples.flickr30k import DatasetFormatError
from grounding.models.scripted import ScriptedGrounder
from grounding.tasks.improve import mistakes
from tests.annotated import annotation

DOG, CAT = [10, 10, 50, 50], [60, 0, 100, 80]
AWAY = Boxes([[0, 60, 10, 80]])
GROUNDER = ScriptedGrounder({"the dog": Regions(Boxes([DOG]), [0.9], ["x"]), "a cat": Regions(AWAY, [0.8], ["x"]),
                             "big cat": Regions(AWAY, [0.3], ["x"]), "<b>cat</b>": Regions(Boxes([[60, 0, 100, 30]]), [0.9], ["x"])})
SAID = {"the dog": "1", "a cat": "2", "big cat": "2", "<b>cat</b>": "2", "no such cat": "2", "two pets": "3"}


@pytest.fixture
def folder(tmp_path):
    said = [{"chain": chain, "types": ["animals"], "phrase": text, "span": [0, 1]} for text, chain in SAID.items()]
    row = {"id": "10", "file": "10_x.png", "width": 100, "height": 80, "fullres": True, "boxes": {"1": [DOG], "2": [CAT], "3": [DOG, CAT]},
           "sentences": [{"text": "x", "phrases": said}]}
    (tmp_path / "photos_full").mkdir()
    Pillow.new("RGB", (100, 80), "teal").save(tmp_path / "photos_full/10_x.png")
    with gzip.open(tmp_path / "entities.jsonl.gz", "wt") as file:
        file.write(json.dumps(row) + "\n" + json.dumps(row | {"id": "12", "file": "gone.png"}))
    return tmp_path


def test_the_surest_of_the_wrong_come_first_and_right_ones_never(folder):
    report = run_to_end(mistakes.find_in_folder(folder, GROUNDER))
    assert [row.phrase for row in report.rows] == ["a cat", "<b>cat</b>", "big cat", "no such cat"]
    assert (report.photos, report.phrases, report.right) == (1, 5, 1)  # two pets have two boxes
    assert [name for name, _ in report.skipped] == ["gone.png"]
    cat, part, *_, none = report.rows
    np.testing.assert_allclose(cat.truth, [0.6, 0, 1, 1])
    np.testing.assert_allclose(cat.answer, [0, 0.75, 0.1, 1])
    assert (cat.score, cat.iou) == (0.8, 0.0) and part.iou == 0.375
    assert none.answer is None and none.score == 0.0
    assert cat.picture.startswith("data:image/jpeg;base64,") and not cat.item


def test_only_so_many_are_kept_and_all_are_counted(folder):
    report = run_to_end(mistakes.find_in_folder(folder, GROUNDER, count=2))
    assert [row.phrase for row in report.rows] == ["a cat", "<b>cat</b>"] and report.phrases == 5


def test_it_can_be_stopped_between_photos(folder):
    steps = mistakes.find_in_folder(folder, GROUNDER)
    assert [next(steps).done, next(steps).done] == [0, 1]
    steps.close()
    assert list(steps) == []


def test_the_page_holds_every_picture_and_no_markup_of_others(folder):
    page = mistakes.to_html(run_to_end(mistakes.find_in_folder(folder, GROUNDER)))
    assert page.count("<image href=\"data:image/jpeg") == 4 and page.count('class="truth"') == 4 and page.count('class="answer"') == 3
    assert "&lt;b&gt;cat&lt;/b&gt;" in page and "<b>cat</b>" not in page


def test_a_folder_without_one_box_phrases_is_a_sentence(folder):
    with pytest.raises(DatasetFormatError, match="no photo with a one-box phrase"):
        mistakes.find_in_folder(folder, GROUNDER, only_held_out=True, limit=0)


@pytest.fixture
def photo(new_store, tmp_path):
    store = new_store()
    project = store.create_project("Street", ["dog", "cat"]).id
    Pillow.new("RGB", (100, 80), "teal").save(tmp_path / "a.png")
    item = store.add_item(
        project, name="a.png", kind="photo", sha256=store.add_file(tmp_path / "a.png", "png"), ext="png", size=(100, 80)
    )
    return store, project, item


def say(store, item, kind, object, state="accepted", **value):
    store.append(item.id, [annotation(item.id, kind, {"state": state, **value}, "person:ann", id=object)], edit=object)


def test_of_a_project_accepted_phrases_about_one_box_are_asked(photo):
    store, project, item = photo
    with pytest.raises(ValueError, match="accept or write some first"):
        mistakes.find_in_project(store, project, GROUNDER)
    say(store, item, "box", "dog", box=DOG, label="dog", score=1.0)
    say(store, item, "box", "cat", box=CAT, label="cat", score=1.0)
    for number, (text, targets, state) in enumerate(
        [
            ("the dog", ["dog"], "accepted"),
            ("a cat", ["cat"], "accepted"),
            ("big cat", ["cat"], "rejected"),
            ("pets", ["dog", "cat"], "accepted"),
            ("a zebra", [], "accepted"),
        ]
    ):
        say(store, item, "phrase", f"p{number}", state, text=text, targets=targets, origin="person")
    report = run_to_end(mistakes.find_in_project(store, project, GROUNDER))
    assert [(row.phrase, row.item, row.picture) for row in report.rows] == [("a cat", item.id, "")]
    assert (report.phrases, report.right) == (2, 1)
    assert run_to_end(mistakes.find_in_project(store, project, GROUNDER, with_thumbnails=True)).rows[0].picture
