"""The captioner: boxes, clicks, sentences and tracks, with a small random network and a toy backbone."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from grounding.data import Boxes, Size, Track
from grounding.data.media_image import Image
from grounding.models.captioning.prefix import PrefixCaptioner
from grounding.nn.captioning.network import CaptionerConfig, CaptionerNet
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.files.storage import save_network
from grounding.nn.files.weights import WeightsError
from grounding.protocols import Captioner
from tests.models.toy_backbone import ToyBackbone, draw

VOCABULARY = Vocabulary.from_texts(["a red square moves left", "the blue square, on the right"] * 3)


@dataclass(frozen=True)
class ToyFrame:
    image: Image


class ToyVideo:
    """Twelve copies of one image."""

    size = Size(64, 48)

    def __len__(self):
        return 12

    def frame(self, index: int) -> ToyFrame:
        return ToyFrame(Image(draw(3)[0]))


@pytest.fixture(scope="module")
def card_path(tmp_path_factory):
    torch.manual_seed(3)
    net = CaptionerNet(
        CaptionerConfig(vocabulary_size=len(VOCABULARY), width=32, heads=2, feedforward_width=48, layers=1, association_width=32)
    )
    facts = {"name": "captioner", "eyes": ToyBackbone.version, "words": " ".join(VOCABULARY.pieces), "calibration": [1.0, 2.0]}
    return save_network(net, tmp_path_factory.mktemp("weights") / "captioner", facts)


@pytest.fixture(scope="module")
def captioner(card_path):
    return PrefixCaptioner(card_path, ToyBackbone)


@pytest.fixture(scope="module")
def image():
    return Image(draw(3)[0])


def test_it_is_a_captioner_with_a_version(captioner):
    assert isinstance(captioner, Captioner) and captioner.version.startswith("captioner@")


def test_each_box_gets_one_deterministic_caption_in_order(captioner, image):
    boxes = Boxes(np.float32([[2, 2, 30, 30], [30, 5, 60, 40], [0, 0, 64, 48]]))
    together = captioner.describe(image, boxes)
    assert together == captioner.describe(image, boxes) and len(together) == 3
    assert [caption.text for caption in together] == [captioner.describe(image, boxes[[row]])[0].text for row in range(3)]
    assert captioner.describe(image, Boxes.empty()) == []


def test_the_words_of_a_caption_are_its_text_and_have_points_inside_the_image(captioner, image):
    for caption in captioner.describe(image, Boxes(np.float32([[2, 2, 30, 30], [30, 5, 60, 40]]))):
        assert 0 <= caption.score <= 1 and caption.text
        assert " ".join(word.text for word in caption.words) == caption.text.replace(",", "")
        assert all(0 <= word.x <= 64 and 0 <= word.y <= 48 for word in caption.words)


def test_every_word_of_a_given_sentence_is_located(captioner, image):
    caption = captioner.locate_words_in(captioner.encode(image), "The RED zebra-like square, left!")
    assert [word.text for word in caption.words] == ["The", "RED", "zebra-like", "square", "left"]
    assert caption.text == "The RED zebra-like square, left!" and 0 <= caption.score <= 1


@pytest.mark.parametrize("text", ["", " ", "!!", "x" * 400])
def test_a_text_that_is_no_sentence_is_refused(captioner, image, text):
    with pytest.raises(ValueError, match="word|too long"):
        captioner.locate_words_in(captioner.encode(image), text)


def test_a_click_selects_the_proposal_there_else_a_box_around_the_point(captioner, image):
    encoded = captioner.encode(image)
    red = draw(3)[1]["red"]
    middle = (red[0] + red[2]) / 2, (red[1] + red[3]) / 2
    assert np.allclose(captioner.box_at(encoded, *middle), red, atol=1)
    x0, y0, x1, y1 = captioner.box_at(encoded, 0.5, 47)
    assert x0 == 0 and y1 == 48 and 5 < x1 < 20


def test_tracks_are_described_and_scored_by_a_sentence(captioner):
    boxes = np.float32([[2 + frame, 2, 30 + frame, 30] for frame in range(12)])
    tracks = [Track(np.arange(12), Boxes(boxes), np.ones(12, bool), "square"), Track([5], Boxes(boxes[:1]), [True], "square")]
    encoded = captioner.encode_tracks(ToyVideo(), tracks)
    assert len(captioner.describe_tracks(encoded)) == 2 and captioner.describe_tracks(captioner.encode_tracks(ToyVideo(), [])) == []
    scores = captioner.score_tracks(encoded, "a red square")
    assert sorted(score.track for score in scores) == [0, 1] and scores[0].score >= scores[1].score
    whole = next(score for score in scores if score.track == 0)
    assert (
        len(whole.frame_scores) == 6
        and whole.frame_scores[0][0] == 0
        and whole.frame_scores[-1][0] == 11
        and 0 <= whole.best_span[0] <= whole.best_span[1] <= 11
    )


def test_the_prior_shifts_the_scores_of_all_tracks_equally(captioner):
    boxes = np.float32([[2 + frame, 2, 30 + frame, 30] for frame in range(12)])
    tracks = [Track(np.arange(12), Boxes(boxes), np.ones(12, bool)), Track(np.arange(6), Boxes(boxes[6:]), np.ones(6, bool))]
    encoded = captioner.encode_tracks(ToyVideo(), tracks)
    with_it, without = (
        {score.track: score.score for score in captioner.score_tracks(encoded, "the square", prior)} for prior in (True, False)
    )
    assert with_it[0] - without[0] == pytest.approx(with_it[1] - without[1], abs=1e-4)


def test_weights_for_another_backbone_and_missing_weights_are_refused(card_path, image, tmp_path):
    class OtherBackbone(ToyBackbone):
        version = "other-backbone@1"

    with pytest.raises(WeightsError, match="trained on the vision backbone"):
        PrefixCaptioner(card_path, OtherBackbone).encode(image)
    with pytest.raises(WeightsError, match="there is no captioner"):
        PrefixCaptioner(tmp_path / "none.json")
