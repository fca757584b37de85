"""What we write is COCO as CVAT and pycocotools know it, with phrases as gRefCOCO has them."""

import json

import pytest
from pycocotools.coco import COCO

from grounding.data import Size
from grounding.exchange import coco
from grounding.exchange.atomic_writer import open_atomic_writer
from grounding.exchange.photos import Category, Dataset, FrameReference, ImageAnnotations, ObjectAnnotation, Phrase, VideoFrameTable
from tests import drawn

DOG, CAT = Category(2, "dog"), Category(5, "Kätzchen")
YARD = ImageAnnotations(7, "yard/été 1#%.jpg", Size(64, 48),
               (ObjectAnnotation((8, 12, 24, 20), 2, {"score": 0.5}), ObjectAnnotation((1.005, 2.25, 30.123, 40.5), 5)),
               (Phrase("The left dog!", (0,), {"origin": "person"}), Phrase("both", (0, 1)), Phrase("a zebra")))
EMPTY = ImageAnnotations(9, "empty.jpg", Size(10, 10))


@pytest.fixture
def written(tmp_path):
    photo = drawn.write_photo(tmp_path / "in.jpg")
    coco.write(Dataset((DOG, CAT), (YARD, EMPTY)), tmp_path / "out", {YARD.name: photo, EMPTY.name: photo})
    return tmp_path / "out"


def test_the_layout_is_that_of_cvat(written):
    files = sorted(path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file() and path.name[0] != ".")
    assert files == ["annotations/grefs(default).json", "annotations/instances_default.json", "images/default/empty.jpg",
                     "images/default/yard/été 1#%.jpg"]


def test_pycocotools_loads_it(written):
    loaded = COCO(written / "annotations/instances_default.json")
    assert {c["id"]: c["name"] for c in loaded.loadCats(loaded.getCatIds())} == {2: "dog", 5: "Kätzchen"}
    assert sorted(loaded.getImgIds()) == [7, 9] and loaded.getAnnIds(imgIds=[9]) == []
    [dog] = loaded.loadAnns(loaded.getAnnIds(imgIds=[7], catIds=[2]))
    assert dog["bbox"] == [8, 12, 16, 8] and dog["area"] == 128 and dog["iscrowd"] == 0 and dog["attributes"] == {"score": 0.5}
    assert all(ann["id"] >= 1 for ann in loaded.anns.values())
    assert (written / "images/default" / loaded.imgs[7]["file_name"]).is_file()


def test_phrases_are_grefs(written):
    left, both, none = json.loads((written / "annotations/grefs(default).json").read_text())
    dog, cat = (ann["id"] for ann in json.loads((written / "annotations/instances_default.json").read_text())["annotations"])
    assert left["ann_id"] == [dog] and left["category_id"] == [2] and left["image_id"] == 7 and left["split"] == "default"
    assert left["sentences"] == [{"sent_id": 1, "raw": "The left dog!", "sent": "the left dog", "tokens": ["the", "left", "dog"]}]
    assert both["ann_id"] == [dog, cat] and both["category_id"] == [2, 5]
    assert none["ann_id"] == [-1] and none["category_id"] == [-1]
    assert len({ref["ref_id"] for ref in (left, both, none)}) == len({ref["sent_ids"][0] for ref in (left, both, none)}) == 3


def test_frames_know_their_video_and_time(tmp_path):
    film = VideoFrameTable("clip.mp4", (0.5, 0.54, 0.62))
    frame = ImageAnnotations(
        1,
        "clip.mp4/frame_000002.png",
        Size(4, 4),
        (ObjectAnnotation((0, 0, 2, 2), 2, {"track_id": 3, "keyframe": False}),),
        frame=FrameReference("clip.mp4", 2, 0.62),
    )
    coco.write(Dataset((DOG,), (frame,), (film,)), tmp_path / "out")
    body = json.loads((tmp_path / "out/annotations/instances_default.json").read_text())
    assert body["videos"] == [{"id": 1, "name": "clip.mp4", "frame_count": 3, "pts_s": [0.5, 0.54, 0.62], "frames_written": "annotated"}]
    assert (body["images"][0]["video_id"], body["images"][0]["frame_index"], body["images"][0]["pts_s"]) == (1, 2, 0.62)
    assert body["annotations"][0]["attributes"] == {"track_id": 3, "keyframe": False}


def test_nothing_is_written_of_a_number_that_is_none(tmp_path):
    broken = ImageAnnotations(1, "a.jpg", Size(4, 4), (ObjectAnnotation((0, 0, float("nan"), 1), 2),))
    with pytest.raises(ValueError):
        coco.write(Dataset((DOG,), (broken,)), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_half_a_character_does_not_stop_an_export(tmp_path):
    coco.write(Dataset((DOG,), (ImageAnnotations(1, "a.jpg", Size(4, 4), (), (Phrase("odd \ud800 text"),)),)), tmp_path / "out.zip")
    with open_atomic_writer(tmp_path / "again.zip"):
        assert (tmp_path / "out.zip").is_file()
