"""Detectors of other people, as tiny networks with random weights: what they answer is what their own library reads out of them."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from grounding.data.media import Image
from grounding.models.adapters.source import ModelSource, ModelSourceError
from grounding.models.adapters.transformers_detect import TransformersDetector
from tests.models import tiny

WIDE = Image(np.random.default_rng(1).integers(0, 255, (61, 100, 3), np.uint8), "wide")
SPELT = {"sofa": "couch", "dog": "dog", "person": "person"}
ARCHITECTURE = "ssdlite320_mobilenet_v3_large"


@pytest.mark.parametrize("name", ["detr", "rt_detr", "d_fine"])
def test_boxes_and_names_are_those_of_the_library(name):
    model = TransformersDetector(ModelSource(str(getattr(tiny, name)()), score=0.0))
    inputs = model._processor(images=[WIDE.pixels.copy()], return_tensors="pt")
    with torch.inference_mode():
        outputs = model._model(**inputs)
    theirs = model._processor.post_process_object_detection(outputs, threshold=0.0, target_sizes=torch.tensor([[61, 100]]))[0]
    rows = {(round(float(score), 4), SPELT.get(tiny.NAMES[int(label)])) for score, label in zip(theirs["scores"], theirs["labels"])}
    found = model.detect(WIDE)
    assert len(found) and "N/A" not in found.labels and "sofa" not in found.labels
    assert {(round(float(score), 4), label) for score, label in zip(found.scores, found.labels)} <= rows
    clipped = np.clip(theirs["boxes"].numpy(), 0, [100, 61, 100, 61])
    assert all(np.abs(clipped - box).max(1).min() < 1e-2 for box in found.boxes.xyxy)
    assert model.version.startswith("transformers-") and len(model.detect(Image(WIDE.pixels, "again"))) == len(found)


@pytest.fixture(scope="module")
def own_weights(tmp_path_factory):
    """A network of torchvision for two classes of one's own: its file of weights in two forms, its class names, and the network."""
    torchvision = pytest.importorskip("torchvision")
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("torchvision")
    network = torchvision.models.get_model(ARCHITECTURE, weights=None, weights_backbone=None, num_classes=3).eval()
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, folder / "own.safetensors")
    torch.save({"model": network.state_dict(), "epoch": 3}, folder / "own.pth")
    (folder / "names.txt").write_text("red bicycle\n\ndoor handle\n")
    return folder, network


def test_a_network_of_torchvision_answers_with_the_names_of_its_owner(own_weights):
    from grounding.models.adapters.torchvision_detect import TorchvisionDetector

    folder, network = own_weights
    with torch.inference_mode():
        theirs = network([torch.from_numpy(WIDE.pixels.copy()).permute(2, 0, 1) / 255])[0]
    for file in ("own.safetensors", "own.pth"):
        model = TorchvisionDetector(ModelSource(ARCHITECTURE, weights=str(folder / file), labels=str(folder / "names.txt"), score=0.0))
        found = model.detect(WIDE)
        assert len(found) > 10 and set(found.labels) <= {"red bicycle", "door handle"}
        np.testing.assert_allclose(found.scores[:5], np.sort(theirs["scores"].numpy())[::-1][:5], atol=1e-4)
        assert np.abs(theirs["boxes"].numpy() - found.boxes.xyxy[0]).max(1).min() < 1e-2
    assert model.version.startswith(f"{ARCHITECTURE}@")


def test_masks_of_a_network_come_along():
    torchvision = pytest.importorskip("torchvision")
    from grounding.models.adapters.torchvision_detect import TorchvisionDetector

    def tiny_mask_rcnn(*, weights=None, weights_backbone=None, num_classes=3):
        backbone = torchvision.models.mobilenet_v3_small(weights=None).features[:4]
        backbone.out_channels = 24
        anchors = torchvision.models.detection.anchor_utils.AnchorGenerator(sizes=((16, 32),), aspect_ratios=((1.0,),))
        return torchvision.models.detection.MaskRCNN(backbone, num_classes, rpn_anchor_generator=anchors, min_size=64, max_size=128,
                                                     box_detections_per_img=8, box_score_thresh=0.0)

    tiny_mask_rcnn.__module__ = "torchvision.models.detection.tiny"
    torchvision.models._api.register_model()(tiny_mask_rcnn)
    folder = tiny.Path(tiny.ROOM.name) / "mask"
    folder.mkdir(exist_ok=True)
    torch.manual_seed(0)
    save_file({name: value.contiguous() for name, value in tiny_mask_rcnn().state_dict().items()}, folder / "mask.safetensors")
    (folder / "names.txt").write_text("dog\ncat\n")
    found = TorchvisionDetector(
        ModelSource("tiny_mask_rcnn", weights=str(folder / "mask.safetensors"), labels=str(folder / "names.txt"), score=0.0)
    ).detect(WIDE)
    assert 0 < len(found) == len(found.masks) and found.masks.size == WIDE.size
    assert found.masks.to_array().shape == (len(found), 61, 100)


def test_what_does_not_fit_torchvision_is_said_in_a_sentence(own_weights, monkeypatch, tmp_path):
    from grounding.models.adapters.torchvision_detect import TorchvisionDetector

    folder, _ = own_weights
    named = {"labels": str(folder / "names.txt")}
    (tmp_path / "three.txt").write_text("a\nb\nc\n")
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "half.safetensors").write_bytes((folder / "own.safetensors").read_bytes()[:2000])
    (tmp_path / "code.pth").write_bytes(b"cos\nsystem\n(S'echo hello'\ntR.")
    torch.save([1, 2], tmp_path / "list.pth")
    cases = [
        (ModelSource("resnet50"), "no detector 'resnet50'"),
        (ModelSource(ARCHITECTURE, weights=str(tmp_path / "gone.pth"), **named), "no file of weights"),
        (ModelSource(ARCHITECTURE, weights=str(folder / "own.pth"), labels=str(tmp_path / "three.txt")), "do not fit"),
        (ModelSource(ARCHITECTURE, weights=str(folder / "own.pth"), labels=str(tmp_path / "empty.txt")), "names no class"),
        (ModelSource(ARCHITECTURE, weights=str(folder / "own.pth"), labels=str(tmp_path / "gone.txt")), "cannot be read"),
        (ModelSource(ARCHITECTURE, weights=str(folder / "names.txt"), **named), "can hold code"),
        (ModelSource(ARCHITECTURE, weights=str(tmp_path / "half.safetensors"), **named), "damaged"),
        (ModelSource(ARCHITECTURE, weights=str(tmp_path / "code.pth"), **named), "holds code"),
        (ModelSource(ARCHITECTURE, weights=str(tmp_path / "list.pth"), **named), "no named tensors"),
    ]
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for source, words in [*cases, (ModelSource(ARCHITECTURE), "weights=FILE")]:
        with pytest.raises(ModelSourceError, match=words) as error:
            TorchvisionDetector(source)
        assert "\n" not in str(error.value)


def test_torchvisions_own_weights_are_taken_from_its_cache(monkeypatch, tmp_path):
    torchvision = pytest.importorskip("torchvision")
    from grounding.models.adapters.torchvision_detect import TorchvisionDetector

    known = torchvision.models.get_model_weights(ARCHITECTURE).DEFAULT
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    place = tmp_path / "checkpoints" / known.url.rsplit("/", 1)[-1]
    place.parent.mkdir()
    torch.save(torchvision.models.get_model(ARCHITECTURE, weights=None, weights_backbone=None, num_classes=91).state_dict(), place)
    found = TorchvisionDetector(ModelSource(ARCHITECTURE, score=0.0)).detect(WIDE)
    assert set(found.labels) <= set(known.meta["categories"]) - {"N/A", "__background__"}
