"""The captioner: boxes, clicks, sentences and tracks, on a small network of chance weights over toy eyes."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from grounding.data import Boxes, Size, Track
from grounding.data.media_image import Image
from grounding.models.captioning.prefix import PrefixCaptioner
from grounding.nn.captioning.network import CaptionShape, TellingNet
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.files.storage import save_network
from grounding.nn.files.weights import WeightsError
from grounding.protocols import Captioner
from tests.models.toy_eyes import ToyEyes, draw

WORDS = Vocabulary.of(["a red square moves left", "the blue square, on the right"] * 3)


@dataclass(frozen=True)
class ToyFrame:
    image: Image


class ToyVideo:
    """Twelve frames of one picture."""

    size = Size(64, 48)

    def __len__(self):
        return 12

    def frame(self, index: int) -> ToyFrame:
        return ToyFrame(Image(draw(3)[0]))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    torch.manual_seed(3)
    net = TellingNet(CaptionShape(pieces=len(WORDS), width=32, heads=2, wide=48, layers=1, match=32))
    about = {"name": "captioner", "eyes": ToyEyes.version, "words": " ".join(WORDS.pieces), "calibration": [1.0, 2.0]}
    return save_network(net, tmp_path_factory.mktemp("weights") / "captioner", about)


@pytest.fixture(scope="module")
def captioner(page):
    return PrefixCaptioner(page, ToyEyes)


@pytest.fixture(scope="module")
def image():
    return Image(draw(3)[0])


def test_it_is_a_captioner_with_a_version(captioner):
    assert isinstance(captioner, Captioner) and captioner.version.startswith("captioner@")


def test_a_caption_a_box_in_order_alone_as_together_and_the_same_twice(captioner, image):
    boxes = Boxes(np.float32([[2, 2, 30, 30], [30, 5, 60, 40], [0, 0, 64, 48]]))
    together = captioner.describe(image, boxes)
    assert together == captioner.describe(image, boxes) and len(together) == 3
    assert [caption.text for caption in together] == [captioner.describe(image, boxes[[row]])[0].text for row in range(3)]
    assert captioner.describe(image, Boxes.empty()) == []


def test_a_captions_words_are_its_text_and_point_into_the_picture(captioner, image):
    for caption in captioner.describe(image, Boxes(np.float32([[2, 2, 30, 30], [30, 5, 60, 40]]))):
        assert 0 <= caption.score <= 1 and caption.text
        assert " ".join(word.text for word in caption.words) == caption.text.replace(",", "")
        assert all(0 <= word.x <= 64 and 0 <= word.y <= 48 for word in caption.words)


def test_every_word_of_a_persons_sentence_gets_a_place(captioner, image):
    caption = captioner.read_in(captioner.encode(image), "The RED zebra-like square, left!")
    assert [word.text for word in caption.words] == ["The", "RED", "zebra-like", "square", "left"]
    assert caption.text == "The RED zebra-like square, left!" and 0 <= caption.score <= 1


@pytest.mark.parametrize("text", ["", " ", "!!", "x" * 400])
def test_what_is_no_sentence_is_refused(captioner, image, text):
    with pytest.raises(ValueError, match="word|too long"):
        captioner.read_in(captioner.encode(image), text)


def test_a_click_means_what_was_proposed_there_else_its_surroundings(captioner, image):
    seen = captioner.encode(image)
    red = draw(3)[1]["red"]
    middle = (red[0] + red[2]) / 2, (red[1] + red[3]) / 2
    assert np.allclose(captioner.box_at(seen, *middle), red, atol=1)
    x0, y0, x1, y1 = captioner.box_at(seen, 0.5, 47)
    assert x0 == 0 and y1 == 48 and 5 < x1 < 20


def test_tracks_are_told_of_and_a_sentence_scores_each(captioner):
    boxes = np.float32([[2 + frame, 2, 30 + frame, 30] for frame in range(12)])
    tracks = [Track(np.arange(12), Boxes(boxes), np.ones(12, bool), "thing"), Track([5], Boxes(boxes[:1]), [True], "thing")]
    seen = captioner.see_tracks(ToyVideo(), tracks)
    assert len(captioner.describe_tracks(seen)) == 2 and captioner.describe_tracks(captioner.see_tracks(ToyVideo(), [])) == []
    fits = captioner.score_tracks(seen, "a red square")
    assert sorted(fit.track for fit in fits) == [0, 1] and fits[0].score >= fits[1].score
    whole = next(fit for fit in fits if fit.track == 0)
    assert len(whole.curve) == 6 and whole.curve[0][0] == 0 and whole.curve[-1][0] == 11 and 0 <= whole.frames[0] <= whole.frames[1] <= 11


def test_the_prior_of_a_sentence_moves_all_tracks_alike(captioner):
    boxes = np.float32([[2 + frame, 2, 30 + frame, 30] for frame in range(12)])
    tracks = [Track(np.arange(12), Boxes(boxes), np.ones(12, bool)), Track(np.arange(6), Boxes(boxes[6:]), np.ones(6, bool))]
    seen = captioner.see_tracks(ToyVideo(), tracks)
    with_it, without = ({fit.track: fit.score for fit in captioner.score_tracks(seen, "the square", prior)} for prior in (True, False))
    assert with_it[0] - without[0] == pytest.approx(with_it[1] - without[1], abs=1e-4)


def test_weights_for_other_eyes_and_missing_weights_are_refused_in_a_sentence(page, image, tmp_path):
    class OtherEyes(ToyEyes):
        version = "other-eyes@1"

    with pytest.raises(WeightsError, match="trained on the seeing network"):
        PrefixCaptioner(page, OtherEyes).encode(image)
    with pytest.raises(WeightsError, match="there is no captioner"):
        PrefixCaptioner(tmp_path / "none.json")
