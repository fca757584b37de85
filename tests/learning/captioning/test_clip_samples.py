"""Batches for the captioner: each contributes the losses it has labels for, the same at the same step; masks keep the rest out."""

from pathlib import Path

import numpy as np
import pytest
import torch

from grounding.data.media_image import Image
from grounding.learning.captioning.clip_cache import CLIPS, encode_clip
from grounding.learning.captioning.clip_evaluation import (
    PipelineVariant,
    evaluate_clips,
    learned_affinity,
    learned_linker,
    motion_linker,
)
from grounding.learning.captioning.clip_samples import PhotoClipSource, SyntheticClipSource, mirror_clip, reverse_clip
from grounding.learning.captioning.disjoint import CaptionBatch, TaskMasks, disjoint_losses
from grounding.learning.captioning.examples import CaptionAnnotation, CaptionedPhoto, mirror_annotation
from grounding.learning.captioning.sources import MixedSource, PhotoCaptionSource, PhotoDataset
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.models.tracking.learned_tracker import LearnedTracker
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.nn.captioning.network import CaptionerConfig, CaptionerNet
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.files.features import FeatureFileError, ImageFeatures
from grounding.synthetic.clips import draw_clip
from tests.models.toy_backbone import CHANNELS, ToyBackbone


class ClipBackbone(ToyBackbone):
    """Encodes the colours of any image, and detects two objects in fixed places."""

    def encode(self, image):
        levels = {name: self.level(image.pixels, *shape) for name, shape in CHANNELS.items()}
        return ImageFeatures(levels, np.float32([[0.1, 0.2, 0.5, 0.8], [0, 0.7, 1, 1]]), np.array([0, 1]), np.float32([0.9, 0.8]), 4 / 3)


VOCABULARY = Vocabulary.from_texts(["a red dog in a hat", "the blue ball moves left then up and comes back"] * 3)
BOX = np.float32([0.1, 0.2, 0.5, 0.8])
ANNOTATIONS = (CaptionAnnotation("a dog in a red hat", BOX, "joined", ((0, 5, BOX), (9, 18, np.float32([0.2, 0.2, 0.3, 0.3])))),
        CaptionAnnotation("A dog on the left runs .", np.float32([0, 0, 1, 1]), "sentence", ((0, 5, BOX),)),
        CaptionAnnotation("the grass", np.float32([0, 0.7, 1, 1]), "phrase", ((0, 9, np.float32([0, 0.7, 1, 1])),)))


@pytest.fixture(scope="module")
def clip_cache(tmp_path_factory):
    cache = FeatureCache(tmp_path_factory.mktemp("clips"), ToyBackbone.version, CLIPS)
    for seed in (1, 2):
        cache.write(seed, encode_clip(draw_clip(seed), ClipBackbone(), seed))
    return cache


@pytest.fixture(scope="module")
def photo_dataset(tmp_path_factory):
    cache = FeatureCache(tmp_path_factory.mktemp("photos"), ToyBackbone.version)
    cache.write("aa11", ClipBackbone().encode(Image(draw_clip(5).frame(0))))
    return PhotoDataset(cache, (("aa11", CaptionedPhoto("1", Path("1.jpg"), ANNOTATIONS)),))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return CaptionerNet(
        CaptionerConfig(vocabulary_size=len(VOCABULARY), width=32, heads=2, feedforward_width=48, layers=1, association_width=32)
    )


@pytest.mark.parametrize("name", ["photos", "fake", "films"])
def test_the_same_step_gives_the_same_sample(name, clip_cache, photo_dataset):
    make = {
        "photos": lambda: PhotoCaptionSource(photo_dataset, VOCABULARY, photos_per_batch=2),
        "fake": lambda: PhotoClipSource(photo_dataset, VOCABULARY, clips_per_batch=2),
        "films": lambda: SyntheticClipSource(clip_cache, (1, 2), VOCABULARY, clips_per_batch=2),
    }[name]
    first, again, other = make()(3), make()(3), make()(4)
    once, twice, later = (batch.object_batch.box_features for batch in (first, again, other))
    assert torch.equal(once, twice) and torch.equal(first.token_ids, again.token_ids)
    assert once.shape != later.shape or not torch.equal(once, later)


def test_each_source_has_its_own_losses(clip_cache, photo_dataset, net):
    photo, clip = (
        PhotoCaptionSource(photo_dataset, VOCABULARY, photos_per_batch=2)(0),
        SyntheticClipSource(clip_cache, (1, 2), VOCABULARY, clips_per_batch=2)(0),
    )
    assert set(disjoint_losses(net, photo)) == {"sentences", "places"}
    assert set(disjoint_losses(net, clip)) == {"boxes", "tracks", "sentences"}


def test_what_a_mask_leaves_out_gets_no_gradient(clip_cache, photo_dataset, net):
    net.zero_grad(set_to_none=True)
    sum(disjoint_losses(net, PhotoCaptionSource(photo_dataset, VOCABULARY, photos_per_batch=2)(0)).values()).backward()
    assert all(weight.grad is None for weight in net.association.parameters()) and net.decoder.word_embedding.weight.grad is not None
    clip = SyntheticClipSource(clip_cache, (1, 2), VOCABULARY, clips_per_batch=2)(0)
    net.zero_grad(set_to_none=True)
    sum(disjoint_losses(net, CaptionBatch(TaskMasks(tracks=1), detections=clip.detections, object_ids=clip.object_ids)).values()).backward()
    assert net.association.row_projection.weight.grad is not None and all(weight.grad is None for weight in net.decoder.parameters())


def test_words_have_their_own_boxes(photo_dataset):
    sample = PhotoCaptionSource(photo_dataset, VOCABULARY, photos_per_batch=1, captions_per_photo=3)(0)
    rows = {tuple(tokens[tokens > 0].tolist()): row for row, tokens in enumerate(sample.token_ids)}
    token_ids = VOCABULARY.tokenize("a dog in a red hat").pieces
    row = rows[(1, *token_ids, 2)]
    known = sample.word_box_mask[row].bool().tolist()
    assert known[:6] == [False, True, True, False, True, True]
    assert torch.allclose(sample.word_boxes[row, 2], torch.from_numpy(BOX)) and sample.word_boxes[row, 5, 2] == pytest.approx(0.3)


def test_the_caption_of_a_mirror_image_is_true_of_it():
    mirrored = mirror_annotation(ANNOTATIONS[1])
    assert mirrored.text == "A dog on the right runs ." and np.allclose(mirrored.span_boxes[0][2], [0.5, 0.2, 0.9, 0.8])
    assert np.allclose(mirror_annotation(mirrored).span_boxes[0][2], BOX)


def test_a_clip_reversed_or_mirrored_twice_is_itself(clip_cache):
    clip = clip_cache.read(1)
    for turn in (reverse_clip, mirror_clip):
        twice = turn(turn(clip))
        assert [obj.caption for obj in twice.objects] == [obj.caption for obj in clip.objects]
        assert np.allclose(twice.boxes, clip.boxes, atol=1e-6) and np.array_equal(twice.cell_features, clip.cell_features)
    assert [obj.caption for obj in reverse_clip(clip).objects] != [obj.caption for obj in clip.objects]


def test_a_clip_of_other_networks_is_refused(clip_cache):
    with pytest.raises(FeatureFileError, match="made by"):
        FeatureCache(clip_cache.folder, "other@1", CLIPS).read(1)


def test_sources_take_turns_and_none_is_forgotten():
    sources = [lambda step, name=name: name for name in "abc"]
    drawn = [MixedSource(sources, 0)(step) for step in range(300)]
    assert all(60 < drawn.count(name) < 140 for name in "abc")
    with pytest.raises(ValueError, match="nothing to learn"):
        MixedSource([])


def test_an_evaluation_with_perfect_boxes_and_tracks_finds_every_box(clip_cache, net):
    net.eval()
    tracker = LearnedTracker(Path("none"), _cache={"net": net.association})
    linkers = {"learned": learned_linker(tracker), "motion": motion_linker(MotionTracker())}
    variants = (
        PipelineVariant("oracle", "oracle", "hard", 0),
        PipelineVariant("learned", "learned", "soft"),
        PipelineVariant("vote", "motion", "vote"),
    )
    result = evaluate_clips(net, VOCABULARY, [clip_cache.read(1), clip_cache.read(2)], linkers, learned_affinity(tracker), variants)
    assert result["oracle"]["DetA"] == result["oracle"]["AssA"] == 1
    for row in result.values():
        assert all(0 <= value <= 1 for value in row.values())
