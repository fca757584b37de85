"""Class names that a person gives: what does not fit the network is said before anything runs, and no box is lost in silence."""

import json

import pytest
import torch

from grounding import catalog, model_cache
from grounding.models.adapters.labels import read_class_names
from grounding.models.adapters.source import ModelSource, ModelSourceError
from grounding.models.adapters.transformers_detect import TransformersDetector
from tests.models import tiny
from tests.models.adapters.test_detectors import ARCHITECTURE, WIDE
from tests.models.adapters.test_sources import copy


def file(tmp_path, text):
    (tmp_path / "names.txt").write_text(text, "utf8")
    return str(tmp_path / "names.txt")


def test_empty_lines_and_a_byte_order_mark_are_no_names(tmp_path):
    assert read_class_names(file(tmp_path, "\ufeffred bicycle\n\n  door handle \n"), 2) == ("red bicycle", "door handle")


@pytest.mark.parametrize("text, classes, words", [
    ("dog\ncat\n", 3, "names 2 classes, and this network tells 3 apart"),
    ("dog\n\ncat\n", 3, r"names 2 classes \(and has 1 empty lines\), and this network tells 3 apart"),
    ("dog\ncat\nDog\n", 3, "lines 1 and 3 of names.txt give the same name"),
    ("__background__\ndog\ncat\n", 3, "line 1 of names.txt is the background"),
    ("dog\ncat\nBackground\n", 2, "line 3 of names.txt is the background"),
    ("dog\nN/A\n", None, r"line 2 of names.txt \(N/A\) names nothing"),
    ("dog\n...\n", None, "names nothing that can be looked for"),
    ("\n \n", 2, "names no class")])
def test_a_file_that_does_not_fit_is_said_in_a_sentence(tmp_path, text, classes, words):
    with pytest.raises(ModelSourceError, match=words):
        read_class_names(file(tmp_path, text), classes)


def test_classes_that_were_never_used_may_stand_in_a_list_twice(tmp_path):
    assert read_class_names(file(tmp_path, "dog\nN/A\ncat\nN/A\n"), 4) == ("dog", "N/A", "cat", "N/A")


def test_a_detector_of_transformers_takes_names_of_its_owner(tmp_path):
    detector = TransformersDetector(ModelSource(str(tiny.detr()), labels=file(tmp_path, "a\nb\nc\nd\n"), score=0.0))
    assert set(detector.detect(WIDE).labels) <= set("abcd") and len(detector.detect(WIDE))
    with pytest.raises(ModelSourceError, match="names 3 classes, and this network tells 4 apart"):
        TransformersDetector(ModelSource(str(tiny.detr()), labels=file(tmp_path, "a\nb\nc\n")))


def test_a_class_without_a_name_is_said_and_its_boxes_are_not_dropped(tmp_path):
    gaps = copy(tiny.detr(), tmp_path / "gaps")
    config = json.loads((gaps / "config.json").read_text())
    (gaps / "config.json").write_text(json.dumps(config | {"id2label": {"0": "a", "1": "b", "3": "d", "7": "e"}, "label2id": {}}))
    with pytest.raises(ModelSourceError, match="names 3 of 4 classes.*labels=FILE"):
        TransformersDetector(ModelSource(str(gaps)))
    named = TransformersDetector(ModelSource(str(gaps), labels=file(tmp_path, "a\nb\nc\nd\n"), score=0.0))
    assert set(named.detect(WIDE).labels) <= set("abcd")


def test_a_list_for_a_model_that_looks_for_names_is_checked_before_it_is_loaded(tmp_path):
    with pytest.raises(ModelSourceError, match="give the same name"):
        catalog.DETECTORS["owl-vit"].build(model_cache.make, "/no/such/folder,labels=" + file(tmp_path, "knob\nknob"))


@pytest.mark.parametrize(
    "make, option",
    [
        (lambda text: catalog.DETECTORS["detr"].build(model_cache.make, text), "weights=x.pth"),
        (lambda text: catalog.DETECTORS["florence"].build(model_cache.make, text), "labels=x.txt"),
        (lambda text: catalog.GROUNDERS["owlv2"].build(model_cache.make, text), "labels=x.txt"),
        (lambda text: catalog.GROUNDERS["zero-shot"].build(model_cache.make, text), "weights=x"),
        (lambda text: catalog.GROUNDERS["grounding-dino"].build(model_cache.make, text), "weights=x"),
        (lambda text: catalog.DETECTORS["torchvision"].build(model_cache.make, text), "revision=x"),
    ],
)
def test_an_option_that_means_nothing_to_a_model_is_refused(make, option):
    with pytest.raises(ModelSourceError, match=f"{option.partition('=')[0]}= means nothing to"):
        make(f"anything,{option}")


def test_a_network_of_torchvision_answers_down_to_the_threshold_that_was_asked_for(tmp_path):
    torchvision = pytest.importorskip("torchvision")
    from grounding.models.adapters.torchvision_detect import TorchvisionDetector

    torch.manual_seed(0)
    network = torchvision.models.get_model("retinanet_resnet50_fpn", weights=None, weights_backbone=None, num_classes=3)
    torch.save(network.state_dict(), tmp_path / "own.pth")  # untrained: every score is about 0.01, its own threshold 0.05
    said = dict(weights=str(tmp_path / "own.pth"), labels=file(tmp_path, "dog\ncat\n"))
    low, usual = (TorchvisionDetector(ModelSource("retinanet_resnet50_fpn", score=score, **said)) for score in (0.0, None))
    assert low._model.score_thresh == 0.0 and usual._model.score_thresh == 0.05 and low.version != usual.version


def test_the_version_of_a_detector_of_torchvision_changes_with_names_and_threshold(tmp_path):
    torchvision = pytest.importorskip("torchvision")
    from grounding.models.adapters.torchvision_detect import TorchvisionDetector

    network = torchvision.models.get_model(ARCHITECTURE, weights=None, weights_backbone=None, num_classes=3)
    torch.save(network.state_dict(), tmp_path / "own.pth")

    def version(text, **said):
        return TorchvisionDetector(
            ModelSource(ARCHITECTURE, weights=str(tmp_path / "own.pth"), labels=file(tmp_path, text), **said)
        ).version

    assert (
        len({version("dog\ncat\n"), version("cat\ndog\n"), version("dog\ncat\n", score=0.1), version("dog\ncat\n", precision="bfloat16")})
        == 4
    )
    assert version("dog\ncat\n") == version("dog\n\ncat") == version("dog\ncat", device="cpu")
