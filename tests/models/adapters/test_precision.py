"""Where and how precisely models of other people compute: the person chooses, and the answers are float32 all the same."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from grounding.data import Query
from grounding.data.media import Image
from grounding.models.adapters.compute import ComputeConfig
from grounding.models.adapters.florence import Florence
from grounding.models.adapters.grounding_dino import GroundingDino
from grounding.models.adapters.owl import Owl
from grounding.models.adapters.source import ModelSource, ModelSourceError
from grounding.models.adapters.transformers_detect import TransformersDetector
from grounding.models.adapters.zero_shot import ZeroShotGrounder
from tests.models import tiny
from tests.models.adapters.test_sources import copy

WIDE = Image(np.random.default_rng(1).integers(0, 255, (61, 100, 3), np.uint8), "wide")
ADAPTERS = {
    "grounding_dino": GroundingDino,
    "owlvit": Owl,
    "owlv2": Owl,
    "omdet": ZeroShotGrounder,
    "florence": Florence,
    "detr": TransformersDetector,
    "rt_detr": TransformersDetector,
    "d_fine": TransformersDetector,
}


def answer(model):
    return model.detect(WIDE) if isinstance(model, TransformersDetector) else model.ground(WIDE, Query("the dog near a cat"))


def saved_in(folder, place, dtype):
    """The same model with its weights in another precision, as checkpoints of the hub often are."""
    copy(folder, place)
    tensors = load_file(place / "model.safetensors")
    save_file(
        {name: value.to(dtype) if value.is_floating_point() else value for name, value in tensors.items()},
        place / "model.safetensors",
        metadata={"format": "pt"},
    )
    text = (place / "config.json").read_text()
    (place / "config.json").write_text(text.replace('"dtype": "float32"', f'"dtype": "{str(dtype).removeprefix("torch.")}"'))
    return place


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", ADAPTERS)
def test_weights_saved_in_half_precision_are_computed_in_float32_unless_asked_otherwise(name, dtype, tmp_path):
    folder = saved_in(getattr(tiny, name)(), tmp_path / "half", dtype)
    model = ADAPTERS[name](ModelSource(str(folder), score=0.0))
    assert {value.dtype for value in model._model.parameters()} == {torch.float32} and model.compute.precision == "float32"
    assert answer(model).scores.dtype == np.float32


@pytest.mark.parametrize(
    "name, precision", [*[(name, "bfloat16") for name in ADAPTERS], *[(name, "float16") for name in ADAPTERS if "detr" not in name]]
)
def test_a_lower_precision_is_that_of_the_weights_and_answers_much_the_same(name, precision):
    source = ModelSource(str(getattr(tiny, name)()), score=0.0)
    whole, lower = (ADAPTERS[name](ModelSource(source.model, score=0.0, precision=chosen)) for chosen in ("", precision))
    assert {value.dtype for value in lower._model.parameters()} == {getattr(torch, precision)}
    assert np.isfinite(answer(lower).boxes.xyxy).all() and abs(float(answer(lower).scores[0]) - float(answer(whole).scores[0])) < 0.1
    assert lower.version != whole.version


def test_numbers_that_a_precision_cannot_hold_are_said_and_no_box_is_lost_in_silence():
    with pytest.raises(ModelSourceError, match="too large for float16; say precision=bfloat16"):  # its random weights are large
        TransformersDetector(ModelSource(str(tiny.detr()), precision="float16", score=0.0)).detect(WIDE)


def test_a_detector_of_torchvision_computes_in_a_lower_precision_too(tmp_path):
    torchvision = pytest.importorskip("torchvision")
    from grounding.models.adapters.torchvision_detect import TorchvisionDetector

    torch.manual_seed(0)
    network = torchvision.models.get_model("ssdlite320_mobilenet_v3_large", weights=None, weights_backbone=None, num_classes=3)
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, tmp_path / "own.safetensors")
    (tmp_path / "names.txt").write_text("dog\ncat\n")
    said = dict(weights=str(tmp_path / "own.safetensors"), labels=str(tmp_path / "names.txt"), score=0.0)
    whole, lower = (
        TorchvisionDetector(ModelSource("ssdlite320_mobilenet_v3_large", precision=chosen, **said)) for chosen in ("", "bfloat16")
    )
    one, other = whole.detect(WIDE), lower.detect(WIDE)
    assert other.scores.dtype == np.float32 and len(other) and abs(float(one.scores[0]) - float(other.scores[0])) < 0.05
    both = whole.detect_batch([WIDE, Image(WIDE.pixels[:, ::-1], "turned"), WIDE])
    assert whole.version != lower.version and both[0].labels == both[2].labels == one.labels
    np.testing.assert_allclose(both[2].boxes.xyxy, one.boxes.xyxy, atol=0.05)


def test_the_device_is_the_graphics_card_where_there_is_one():
    there = torch.cuda.is_available()
    assert ComputeConfig.from_source(ModelSource("x")).device == ("cuda" if there else "cpu")
    assert ComputeConfig.from_source(ModelSource("x")).precision == "float32"
    assert ComputeConfig.from_source(ModelSource("x", device="cpu", precision="float16")) == ComputeConfig("cpu", "float16")
    assert str(ComputeConfig("cpu")) == "on the processor in float32"
    assert "graphics card (cuda:1)" in str(ComputeConfig("cuda:1", "bfloat16"))


@pytest.mark.parametrize(
    "device, words",
    [("tpu", "a device is"), ("cuda:x", "a device is"), ("cuda:99", "no cuda:99"), ("cpu:3", "no cpu:3"), ("cuda:", "a device is")],
)
def test_a_device_that_is_not_there_is_said_before_anything_is_read(device, words):
    with pytest.raises(ModelSourceError, match=words):
        Owl(ModelSource("/no/such/folder", device=device))


def test_what_the_device_cannot_compute_in_a_precision_is_said_with_the_cure():
    with pytest.raises(ModelSourceError, match="precision=float32"), ComputeConfig("cpu", "float16").inference():
        raise RuntimeError('"op" not implemented for \'Half\'\nmore')
    with pytest.raises(ModelSourceError, match="precision=bfloat16, or device=cpu"), ComputeConfig("cpu").inference():
        raise torch.OutOfMemoryError("full")
    with pytest.raises(ModelSourceError, match="precision=float32"), ComputeConfig("cpu", "float16").inference():
        raise NotImplementedError  # without a word
    for precision in ("float32", "bfloat16"):
        with pytest.raises(RuntimeError, match="a fault"), ComputeConfig("cpu", precision).inference():
            raise RuntimeError("a fault")


@pytest.mark.parametrize("text", ["x,precision=int8", "x,precision=", "x,precision=half"])
def test_a_precision_nobody_knows_is_refused(text):
    with pytest.raises(ModelSourceError):
        ModelSource.parse(text)
