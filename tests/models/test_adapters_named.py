"""A grounder as a detector: what is named is found, a photo is encoded once, one thing has one name."""

import numpy as np

from grounding.data import Boxes, Regions
from grounding.data.media import Image
from grounding.models.adapters.named import Named
from grounding.models.detect import NAMES
from grounding.models.scripted import ScriptedGrounder
from grounding.protocols import Detector

KNOB = Regions(Boxes([[2, 2, 20, 20], [30, 2, 40, 12]]), [0.6, 0.4], ["x", "x"])
GROUNDER = ScriptedGrounder({"door handle": KNOB, "knob": Regions(Boxes([[2, 2, 21, 20]]), [0.7], ["x"]), "dog": Regions(Boxes([[0, 0, 9, 9]]), [0.5], ["x"])})
PICTURE = Image(np.zeros((48, 64, 3), np.uint8), "grey")


def test_what_is_named_is_found_and_one_thing_has_one_name():
    found = Named(GROUNDER, ["door handle", "knob", "..."]).detect(PICTURE)
    assert found.labels == ("knob", "door handle")  # the surer name of the first, and the second handle
    np.testing.assert_allclose(found.boxes.xyxy, [[2, 2, 21, 20], [30, 2, 40, 12]])


def test_without_names_it_looks_for_those_of_coco():
    detector = Named(GROUNDER)
    assert detector.names == NAMES and detector.detect(PICTURE).labels == ("dog",)
    assert len(Named(ScriptedGrounder()).detect(PICTURE)) == 0


def test_other_names_are_another_version_of_the_same_model():
    detector = Named(GROUNDER, ["dog"])
    other = detector.naming(["knob"])
    assert isinstance(detector, Detector) and other.grounder is GROUNDER and other.version != detector.version
    assert Named(GROUNDER, ["dog"]).version == detector.version and detector.version.startswith("named-scripted-grounder@")


def test_a_photo_is_encoded_once():
    seen = []

    class Counting:
        version = "counting@1"

        def encode(self, image):
            seen.append(image.name)
            return image.size

        def ground_in(self, encoded, query):
            return Regions.empty()

    Named(Counting(), ["dog", "cat", "cow"]).detect(PICTURE)
    assert seen == ["grey"]
