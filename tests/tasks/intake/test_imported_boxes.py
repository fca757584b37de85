"""Boxes of a turned photo lie where they were drawn, and what nothing tells is said."""

import json

import pytest

from grounding.data import run_to_end
from grounding.tasks.intake.load import load
from tests import drawn
from tests.coco_sets import annotation, coco_json


def came(folder, store, orientation, size, drawn_size, **told):
    folder.mkdir()
    drawn.write_photo(folder / "a.jpg", orientation=orientation, size=size)
    row = {"id": 1, "file_name": "a.jpg"} | told
    (folder / "instances.json").write_text(json.dumps(coco_json(images=[row], annotations=[annotation(bbox=drawn_size)])))
    project = store.create_project("P")
    report = run_to_end(load(store, project.id, [folder]))
    [item] = store.items(project.id)
    return [list(a.value.box) for a in store.current(item.id)], " | ".join(why for _, why in report.skipped + report.notes)


@pytest.mark.parametrize("orientation, size, told", [
    (3, (64, 48), {"width": 64, "height": 48}), (2, (64, 48), {"width": 64, "height": 48}),
    (6, (64, 64), {"width": 64, "height": 64}), (6, (64, 48), {}), (8, (64, 48), {}),
])  # fmt: skip
def test_where_nothing_tells_on_which_side_up_boxes_were_drawn_that_is_said(tmp_path, store, orientation, size, told):
    kept, said = came(tmp_path / "in", store, orientation, size, [8, 12, 16, 8], **told)
    assert kept == [[8, 12, 24, 20]] and said.count("nothing tells whether its boxes were drawn on the turned or the unturned one") == 1


@pytest.mark.parametrize("orientation, told", [(1, {}), (1, {"width": 64, "height": 48}), (6, {"width": 64, "height": 48})])
def test_where_it_is_told_there_is_nothing_to_say(tmp_path, store, orientation, told):
    assert came(tmp_path / "in", store, orientation, (64, 48), [8, 12, 16, 8], **told) == ([[8, 12, 24, 20]], "")
