"""Only phrases that a teacher agrees with are kept."""

import numpy as np
import pytest
import torch

from grounding.data.progress import run_to_end
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.samples import Example, all_texts
from grounding.learning.examples.teacher_filter import filter_by_teacher, teacher_iou
from grounding.learning.examples.text_cache import TextEmbeddingCache
from grounding.nn.grounding.network import GroundingConfig, GroundingNet
from tests.models.toy_backbone import ToyBackbone, draw

TEXTS = ("the red thing", "something else")


@pytest.fixture
def filter_inputs(tmp_path):
    """A cache with one photo, a teacher, and an example whose first phrase is just what the teacher predicts."""
    from grounding.data.media_image import Image

    cache = FeatureCache(tmp_path, ToyBackbone.version)
    cache.write("a" * 64, ToyBackbone().encode(Image(draw(1)[0])))
    torch.manual_seed(0)
    teacher = GroundingNet(GroundingConfig.fast(num_classes=len(ToyBackbone.class_names) + 7))
    anywhere = Example("a" * 64, tuple(Phrase(text, np.float32([[0, 0, 1, 1]])) for text in TEXTS))
    text_cache = TextEmbeddingCache(all_texts([anywhere]), None)
    from grounding.nn.grounding import batches

    with torch.inference_mode():
        output = teacher.eval().ground(
            teacher.encode(batches.batch_images([cache.read("a" * 64)], len(ToyBackbone.class_names))),
            batches.batch_texts([[text_cache[t] for t in TEXTS]]),
        )
    boxes = output.boxes[0][torch.arange(2), output.logits[0].argmax(-1)].numpy()
    far = np.float32([[0, 0, 0.01, 0.01]])
    return cache, text_cache, teacher, Example("a" * 64, (Phrase(TEXTS[0], boxes[:1]), Phrase(TEXTS[1], far)))


def test_what_the_teacher_answers_too_is_kept_and_the_rest_is_not(filter_inputs):
    cache, text_cache, teacher, example = filter_inputs
    assert teacher_iou(teacher, example, cache, text_cache, len(ToyBackbone.class_names)) == pytest.approx([1, 0], abs=1e-3)
    [kept] = run_to_end(filter_by_teacher(teacher, [example], cache, text_cache, len(ToyBackbone.class_names), 0.5))
    assert [phrase.text for phrase in kept.phrases] == [TEXTS[0]]
    assert len(run_to_end(filter_by_teacher(teacher, [example], cache, text_cache, len(ToyBackbone.class_names), 0.0))[0].phrases) == 2


def test_a_teacher_that_agrees_with_nothing_is_a_sentence(filter_inputs):
    cache, text_cache, teacher, example = filter_inputs
    wrong = Example(example.digest, example.phrases[1:])
    with pytest.raises(ValueError, match="agrees with none of 1 phrases"):
        run_to_end(filter_by_teacher(teacher, [wrong], cache, text_cache, len(ToyBackbone.class_names)))
