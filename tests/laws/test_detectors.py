"""What every detector must do, embedded or scripted."""

import numpy as np
import pytest

from grounding import catalog, model_cache
from grounding.data import Boxes, Regions
from grounding.data.media import Image, open_image
from grounding.models.adapters.source import PRECISIONS
from grounding.models.detection.ssd import CLASS_NAMES, SSD
from grounding.models.scripted import ScriptedDetector
from grounding.protocols import BatchDetector
from tests.models import tiny

SSD_ONCE = SSD()
OUTSIDE = Regions(Boxes([[-20, -20, 30, 30], [5, 5, 60, 50], [500, 500, 600, 600]]), [0.3, 0.9, 0.8], ["dog", "cat", "bird"])
ADAPTED = {
    "detr": "detr",
    "rt-detr": "rt_detr",
    "d-fine": "d_fine",
    "florence": "florence",
    "owlv2": "owlv2",
    "owl-vit": "owlvit",
}  # tiny untrained networks

TOO_LARGE = ("detr", "float16")  # its random weights overflow, and it says so: tests/models/adapters/test_precision.py


class Members(dict):
    """Models by name; those of other people are brought through the catalog when a test asks for them, in a precision of their name."""

    def __missing__(self, name):
        kind, _, precision = name.partition(" in ")
        self[name] = catalog.DETECTORS[kind].build(model_cache.make, f"{getattr(tiny, ADAPTED[kind])()},score=0.0,precision={precision}")
        return self[name]


MEMBERS = Members({"ssd": SSD_ONCE, "scripted": ScriptedDetector(default=OUTSIDE)})
NAMED = [*MEMBERS, *[f"{name} in {precision}" for name in ADAPTED for precision in PRECISIONS if (name, precision) != TOO_LARGE]]
BATCHED = [name for name in NAMED if name not in MEMBERS and not name.startswith("florence")]


def pictures():
    rng = np.random.default_rng(0)
    yield Image(np.zeros((48, 64, 3), np.uint8), "black")
    yield Image(rng.integers(0, 255, (300, 40, 3), np.uint8), "noise")
    yield Image(np.full((1, 1, 3), 200, np.uint8), "one pixel")


@pytest.mark.parametrize("name", NAMED)
def test_regions_lie_in_the_picture_best_first_and_the_same_twice(name):
    for image in pictures():
        first, second = (MEMBERS[name].detect(image) for _ in range(2))
        assert (first.boxes.xyxy >= 0).all()
        assert (first.boxes.xyxy <= np.tile(image.size, 2)).all()
        assert (np.diff(first.scores) <= 0).all()
        assert first.boxes == second.boxes
        assert first.labels == second.labels


@pytest.mark.parametrize("name", BATCHED)
def test_a_photo_in_a_batch_is_answered_as_alone_and_in_float32(name):
    model, images = MEMBERS[name], [*pictures(), *pictures()]
    assert isinstance(model, BatchDetector) and model.batch_size >= 2 and model.detect_batch([]) == []
    together, exact = model.detect_batch(images), name.endswith("float32")
    assert len(together) == len(images)
    for image, found in zip(images, together):
        alone = model.detect(image)
        assert found.boxes.xyxy.dtype == found.scores.dtype == np.float32
        if exact:  # in a lower precision sums of a batch are rounded in another order
            assert found.labels == alone.labels
            np.testing.assert_allclose(found.boxes.xyxy, alone.boxes.xyxy, atol=0.05)
            np.testing.assert_allclose(found.scores, alone.scores, atol=1e-4)


@pytest.mark.parametrize("name", NAMED)
def test_the_version_names_the_model_and_its_weights(name):
    kind, _, digest = MEMBERS[name].version.partition("@")
    assert kind and len(digest) == 8


def test_a_scripted_detector_changes_its_version_with_its_script():
    assert ScriptedDetector().version != MEMBERS["scripted"].version
    assert ScriptedDetector().version == ScriptedDetector().version


def test_the_embedded_detector_sees_what_is_in_real_photos(shared_data):
    import json

    from grounding.data import iou

    table = json.loads((shared_data / "coco_train2017_128/instances.json").read_text())
    names = {c["id"]: c["name"] for c in table["categories"]}
    found = asked = 0
    for row in table["images"][:12]:
        seen = SSD_ONCE.detect(open_image(shared_data / "coco_train2017_128/photos" / row["file_name"]))
        for truth in (a for a in table["annotations"] if a["image_id"] == row["id"]):
            x, y, w, h = truth["bbox"]
            if w * h < 0.1 * row["width"] * row["height"]:
                continue
            same = seen.keep(np.array([label == names[truth["category_id"]] for label in seen.labels], bool))
            asked += 1
            found += bool(len(same)) and bool(iou(same.boxes, Boxes([[x, y, x + w, y + h]])).max() >= 0.5)
    assert found >= 0.6 * asked > 0


def test_the_embedded_detector_knows_the_80_names():
    assert len(CLASS_NAMES) == 80 == len(set(CLASS_NAMES))
    assert CLASS_NAMES[0] == "person" and CLASS_NAMES[-1] == "toothbrush" and CLASS_NAMES[15] == "cat"
