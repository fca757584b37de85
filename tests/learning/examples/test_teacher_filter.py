"""Only phrases that a teacher agrees with are kept."""

import numpy as np
import pytest
import torch

from grounding.data.progress import last
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.samples import Lesson, all_texts
from grounding.learning.examples.teacher_filter import agreement, reliable
from grounding.learning.examples.text_cache import Phrasebook
from grounding.nn.grounding.network import GroundingNet, Shape
from tests.models.toy_eyes import ToyEyes, draw

TEXTS = ("the red thing", "something else")


@pytest.fixture
def taught(tmp_path):
    """A cache with one picture, a teacher, and a lesson of which the first phrase is just what the teacher answers."""
    from grounding.data.media_image import Image

    cache = FeatureCache(tmp_path, ToyEyes.version)
    cache.write("a" * 64, ToyEyes().see(Image(draw(1)[0])))
    torch.manual_seed(0)
    teacher = GroundingNet(Shape.fast(names=len(ToyEyes.names) + 7))
    anywhere = Lesson("a" * 64, tuple(Phrase(text, np.float32([[0, 0, 1, 1]])) for text in TEXTS))
    book = Phrasebook(all_texts([anywhere]), None)
    from grounding.nn.grounding import batches

    with torch.inference_mode():
        answer = teacher.eval().ask(
            teacher.see(batches.scenes([cache.read("a" * 64)], len(ToyEyes.names))), batches.words([[book[t] for t in TEXTS]])
        )
    boxes = answer.boxes[0][torch.arange(2), answer.logits[0].argmax(-1)].numpy()
    far = np.float32([[0, 0, 0.01, 0.01]])
    return cache, book, teacher, Lesson("a" * 64, (Phrase(TEXTS[0], boxes[:1]), Phrase(TEXTS[1], far)))


def test_what_the_teacher_answers_too_is_kept_and_the_rest_is_not(taught):
    cache, book, teacher, lesson = taught
    assert agreement(teacher, lesson, cache, book, len(ToyEyes.names)) == pytest.approx([1, 0], abs=1e-3)
    [kept] = last(reliable(teacher, [lesson], cache, book, len(ToyEyes.names), 0.5))
    assert [phrase.text for phrase in kept.phrases] == [TEXTS[0]]
    assert len(last(reliable(teacher, [lesson], cache, book, len(ToyEyes.names), 0.0))[0].phrases) == 2


def test_a_teacher_that_agrees_with_nothing_is_a_sentence(taught):
    cache, book, teacher, lesson = taught
    wrong = Lesson(lesson.digest, lesson.phrases[1:])
    with pytest.raises(ValueError, match="agrees with none of 1 phrases"):
        last(reliable(teacher, [wrong], cache, book, len(ToyEyes.names)))
