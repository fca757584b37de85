"""A grounder as a detector: what is named is found, a photo is encoded once, one thing has one name."""

import numpy as np

from grounding.data import Boxes, Query, Regions
from grounding.data.media import Image
from grounding.models.adapters.named import OpenVocabularyDetector, class_agnostic_nms
from grounding.models.adapters.owl import Owl
from grounding.models.adapters.source import ModelSource
from grounding.models.detection.ssd import CLASS_NAMES
from grounding.models.scripted import ScriptedGrounder
from grounding.protocols import Detector
from tests.models import tiny

KNOB = Regions(Boxes([[2, 2, 20, 20], [30, 2, 40, 12]]), [0.6, 0.4], ["x", "x"])
GROUNDER = ScriptedGrounder(
    {"door handle": KNOB, "knob": Regions(Boxes([[2, 2, 21, 20]]), [0.7], ["x"]), "dog": Regions(Boxes([[0, 0, 9, 9]]), [0.5], ["x"])}
)
PICTURE = Image(np.zeros((48, 64, 3), np.uint8), "grey")


def test_what_is_named_is_found_and_one_thing_has_one_name():
    found = OpenVocabularyDetector(GROUNDER, ["door handle", "knob", "..."]).detect(PICTURE)
    assert found.labels == ("knob", "door handle")  # the surer name of the first, and the second handle
    np.testing.assert_allclose(found.boxes.xyxy, [[2, 2, 21, 20], [30, 2, 40, 12]])


def test_without_names_it_looks_for_those_of_coco():
    detector = OpenVocabularyDetector(GROUNDER)
    assert detector.class_names == CLASS_NAMES and detector.detect(PICTURE).labels == ("dog",)
    assert len(OpenVocabularyDetector(ScriptedGrounder()).detect(PICTURE)) == 0


def test_other_names_are_another_version_of_the_same_model():
    detector = OpenVocabularyDetector(GROUNDER, ["dog"])
    other = detector.with_class_names(["knob"])
    assert isinstance(detector, Detector) and other.grounder is GROUNDER and other.version != detector.version
    assert OpenVocabularyDetector(GROUNDER, ["dog"]).version == detector.version and detector.version.startswith("named-scripted-grounder@")


def test_a_photo_is_encoded_once():
    seen = []

    class Counting:
        version = "counting@1"

        def encode(self, image):
            seen.append(image.name)
            return image.size

        def ground_in(self, encoded, query):
            return Regions.empty()

    OpenVocabularyDetector(Counting(), ["dog", "cat", "cow"]).detect(PICTURE)
    assert seen == ["grey"]


def test_names_are_encoded_once_for_all_photos_where_the_grounder_can_and_found_as_one_by_one():
    owl = Owl(ModelSource(str(tiny.owlvit()), score=0.0))
    passes = []
    hook = owl._base_model.text_model.register_forward_hook(lambda *_: passes.append(1))
    detector = OpenVocabularyDetector(owl, ["a dog", "red coat", "..."])
    photos = [Image(np.random.default_rng(seed).integers(0, 255, (40, 60, 3), np.uint8), str(seed)) for seed in range(3)]
    together = detector.detect_batch(photos)
    hook.remove()
    assert passes == [1]
    for photo, found in zip(photos, together):
        encoded = owl.encode(photo)
        parts = [owl.ground_in(encoded, Query(name)) for name in ("a dog", "red coat")]
        alone = class_agnostic_nms(
            Regions(
                Boxes(np.concatenate([part.boxes.xyxy for part in parts])),
                np.concatenate([part.scores for part in parts]),
                sum((part.labels for part in parts), ()),
            )
        )
        assert found.labels == alone.labels == detector.detect(photo).labels and len(found)
        np.testing.assert_allclose(found.scores, alone.scores, atol=1e-4)
        np.testing.assert_allclose(found.boxes.xyxy, alone.boxes.xyxy, atol=0.05)
