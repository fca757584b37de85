"""Grounders of other people, as tiny networks with random weights: what they answer is what their own library reads out of them."""

import numpy as np
import pytest
import torch

from grounding.data import Query
from grounding.data.media import Image
from grounding.models.adapters import florence as writing
from grounding.models.adapters.florence import Florence
from grounding.models.adapters.grounding_dino import GroundingDino
from grounding.models.adapters.owl import Owl
from grounding.models.adapters.source import ModelSource
from grounding.models.adapters.zero_shot import ZeroShotGrounder
from tests.models import tiny

WIDE = Image(np.random.default_rng(1).integers(0, 255, (61, 100, 3), np.uint8), "wide")
TALL = Image(np.random.default_rng(2).integers(0, 255, (120, 47, 3), np.uint8), "tall")
FUSED = {"grounding_dino": GroundingDino, "omdet": ZeroShotGrounder}


def own_answer(model, image, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Boxes cut to the picture and scores, best first, as processor and network of the library give them together."""
    processor, network = model._processor, model._model
    inputs = processor(images=[image.pixels.copy()], text=[[text]], return_tensors="pt")
    with torch.inference_mode():
        outputs = network(**inputs)
    more = {"text_labels": [[text]]} if "OmDet" in type(processor).__name__ else {}
    found = processor.post_process_grounded_object_detection(outputs, threshold=0.0, target_sizes=[image.pixels.shape[:2]], **more)[0]
    boxes, scores = found["boxes"].numpy(), found["scores"].numpy()
    boxes = np.clip(boxes, 0, np.tile(image.size, 2))
    keep = (boxes[:, 2:] > boxes[:, :2]).all(1)
    order = np.argsort(-scores[keep], kind="stable")
    return boxes[keep][order], scores[keep][order]


@pytest.mark.parametrize("name, adapter", [*FUSED.items(), ("owlvit", Owl), ("owlv2", Owl)])
@pytest.mark.parametrize("image", [WIDE, TALL], ids=["wide", "tall"])
def test_boxes_come_back_in_pixels_of_the_original_as_the_library_maps_them(name, adapter, image):
    model = adapter(ModelSource(str(getattr(tiny, name)()), score=0.0))
    boxes, scores = own_answer(model, image, "left dog")
    found = model.ground(image, Query("left dog"))
    assert len(found) and set(found.labels) == {"left dog"}
    np.testing.assert_allclose(found.scores[0], scores[0], atol=1e-4)
    theirs = np.concatenate([boxes, scores[:, None]], 1)
    for row in np.concatenate([found.boxes.xyxy, found.scores[:, None]], 1):  # what is answered is a choice among theirs
        assert np.abs(theirs - row).max(1).min() < 1e-2


def test_the_picture_is_seen_once_where_the_network_allows_it():
    for folder in (tiny.owlvit(), tiny.owlv2()):
        model = Owl(ModelSource(str(folder), score=0.0))
        encoded, seen = model.encode(WIDE), []
        hook = model._base_model.vision_model.register_forward_hook(lambda *_, seen=seen: seen.append(1))
        model.ground_in(encoded, Query("the dog, the cat", ((0, 7), (9, 16))))
        hook.remove()
        assert seen == [] and len(encoded.boxes) == 16


def test_a_threshold_above_every_score_leaves_nothing():
    for name, adapter in (("grounding_dino", GroundingDino), ("owlv2", Owl), ("omdet", ZeroShotGrounder)):
        model = adapter(ModelSource(str(getattr(tiny, name)()), score=1.0))
        assert len(model.ground(WIDE, Query("a red coat"))) < len(
            adapter(ModelSource(str(getattr(tiny, name)()), score=0.0)).ground(WIDE, Query("a red coat"))
        )


def test_phrases_longer_than_the_network_reads_are_cut_and_full_stops_do_not_part_them():
    long = "the dog " + "on the left of the man " * 30
    for name, adapter in (("grounding_dino", GroundingDino), ("owlvit", Owl), ("omdet", ZeroShotGrounder), ("florence", Florence)):
        model = adapter(ModelSource(str(getattr(tiny, name)()), score=0.0))
        assert set(model.ground(WIDE, Query(long)).labels) <= {long}
    dino = GroundingDino(ModelSource(str(tiny.grounding_dino()), score=0.0))
    assert dino._tokenize("The Dog. Left?")["input_ids"].tolist() == dino._tokenize("the dog left")["input_ids"].tolist()


def test_florence_answers_where_the_middle_of_its_bins_lies():
    model = Florence(ModelSource(str(tiny.florence())))
    found = model.ground(WIDE, Query("the dog near a cat"))
    assert found.labels == ("the dog near a cat",)  # the cat, which it finds next, is not what the phrase is about
    np.testing.assert_allclose(found.boxes.xyxy, [[10.05, 200.5 * 0.061, 50.05, 600.5 * 0.061]], atol=1e-3)
    assert 0.2 < found.scores[0] < 1
    everything = model.detect(WIDE)
    assert sorted(everything.labels) == ["cat", "dog"]
    np.testing.assert_allclose(everything.boxes.xyxy[everything.labels.index("cat")], [0.05, 0.0305, 99.95, 499.5 * 0.061], atol=1e-3)


def test_florence_reads_picture_and_prompt_as_the_library_does():
    model = Florence(ModelSource(str(tiny.florence())))
    inputs = model._processor(images=[WIDE.pixels.copy()], text=[f"{writing.GROUNDING_TASK}the dog"], return_tensors="pt")
    with torch.inference_mode():
        theirs = model._model(**inputs, decoder_input_ids=torch.tensor([[2]])).encoder_last_hidden_state
        ours, whole = model._encode_prompt(
            model.encode(WIDE), model._processor.task_prompts_with_input[writing.GROUNDING_TASK].format(input="the dog")
        )
    assert whole.shape == theirs.shape[:2]
    torch.testing.assert_close(ours.last_hidden_state, theirs, atol=1e-5, rtol=1e-5)


def places(*numbers):
    return [f"<loc_{number}>" for number in numbers]


def test_a_written_answer_is_read_as_words_and_places():
    pieces = ["A", " dog", *places(1, 2, 3, 4), *places(5, 6, 7, 8), " cat", *places(9, 9, 9, 9), "", " half", *places(1, 2)]
    read = writing.parse_boxes(pieces, [1.0] * len(pieces))
    assert [(place.text, place.bins) for place in read] == [("A dog", (1, 2, 3, 4)), ("A dog", (5, 6, 7, 8)), ("cat", (9, 9, 9, 9))]
    assert writing.parse_boxes(["nothing", " here"], [1.0, 1.0]) == [] == writing.parse_boxes([], [])
    assert writing.parse_boxes([*places(1, 2, 3), " dog", *places(4)], [1.0] * 5) == []  # half a box is none, even in two halves
    assert writing.parse_boxes(["x", *places(0, 0, 9, 9)], [1, 0.5, 0.5, 1.0, 0.25])[0].score == pytest.approx((0.5 * 0.5 * 0.25) ** 0.25)
