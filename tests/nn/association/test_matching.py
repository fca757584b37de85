"""Matching: the association network, linking by pairwise affinities, and the loss."""

import numpy as np
import pytest
import torch

from grounding.nn.association.matching import AssociationNet, association_loss, link_by_clustering, link_greedily
from grounding.nn.captioning.batches import ClipDetections, batch_detections, missing_appearance

both_methods = pytest.mark.parametrize("link", [link_greedily, link_by_clustering])


def _affinity(identities: list[int]) -> np.ndarray:
    identities = np.array(identities)
    return np.where(identities[:, None] == identities[None, :], 0.9, 0.1)


@both_methods
def test_two_alternating_objects_keep_their_identities(link):
    frames, identities = np.array([0, 0, 1, 1, 2, 2]), [1, 2, 2, 1, 1, 2]
    linked = link(_affinity(identities), frames)
    assert len(set(linked[[0, 3, 4]])) == 1 and len(set(linked[[1, 2, 5]])) == 1 and linked[0] != linked[1]


@both_methods
def test_an_object_is_linked_across_any_gap(link):
    assert len(set(link(_affinity([1, 1, 1]), np.array([0, 1, 90])))) == 1


@both_methods
def test_an_identity_occurs_at_most_once_per_frame(link):
    rng = np.random.default_rng(0)
    for _ in range(20):
        frames = np.sort(rng.integers(0, 5, 25))
        identities = link(rng.random((25, 25)), frames)
        assert (identities > 0).all()
        for identity in set(identities.tolist()):
            its_frames = frames[identities == identity]
            assert len(set(its_frames.tolist())) == len(its_frames)


def test_a_detection_joins_its_own_track_even_with_a_low_self_affinity():
    scores = np.array([[0.0, 0.9], [0.9, 0.0]])
    assert link_greedily(scores, np.array([0, 1])).tolist() == [1, 1]
    assert link_greedily(np.zeros((3, 3)), np.array([0, 1, 2])).tolist() == [1, 2, 3]


@both_methods
def test_no_detections_give_no_identities(link):
    assert link(np.zeros((0, 0)), np.zeros(0)).tolist() == []


@both_methods
def test_the_best_detection_of_a_frame_joins(link):
    scores = np.full((3, 3), 0.0)
    scores[0, 1], scores[0, 2] = 0.6, 0.8
    scores = np.maximum(scores, scores.T)
    assert link(scores, np.array([0, 1, 1])).tolist() == [1, 2, 1]


def test_one_wrong_pair_does_not_merge_two_clusters():
    scores, frames = _affinity([1, 1, 1, 2, 2, 2]), np.array([0, 1, 2, 2, 3, 4])
    scores[2, 4] = scores[4, 2] = 0.85
    assert link_by_clustering(scores, frames).tolist() == [1, 1, 1, 2, 2, 2] != link_greedily(scores, frames).tolist()


def test_pairs_with_equal_affinities_form_complete_clusters():
    identities = np.repeat([1, 2, 3], 8)
    scores = np.where(identities[:, None] == identities[None, :], 1.0, 0.001)
    assert link_by_clustering(scores, np.tile(np.arange(8), 3)).tolist() == identities.tolist()


def test_a_pair_with_affinity_zero_is_never_merged():
    scores = np.full((4, 4), 0.99)
    scores[0, 3] = scores[3, 0] = 0.0
    identities = link_by_clustering(scores, np.arange(4))
    assert identities[0] != identities[3]


@pytest.fixture(scope="module")
def clip():
    rng = np.random.default_rng(1)
    corners = rng.uniform(0, 0.6, (7, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(0.1, 0.3, (7, 2))], 1).astype(np.float32)
    return ClipDetections(missing_appearance(7), boxes, np.repeat(np.arange(4), 2)[:7].astype(float), np.zeros(7, int), np.ones(7))


def test_a_clip_scores_alone_as_in_a_batch(clip):
    torch.manual_seed(0)
    net = AssociationNet(32).eval()
    short = ClipDetections(*(getattr(clip, name)[:4] for name in ("appearance", "boxes", "frames", "class_ids", "scores")))
    with torch.inference_mode():
        alone, _ = net(batch_detections([clip]))
        batched, _ = net(batch_detections([clip, short]))
    assert torch.allclose(alone[0], batched[0], atol=1e-5)


def test_only_labelled_pairs_in_different_frames_have_a_gradient():
    frames, identity = torch.tensor([[0.0, 0, 1, 1]]), torch.tensor([[1, 0, 1, 2]])
    logits = torch.zeros(1, 4, 4, requires_grad=True)
    association_loss(logits, identity, frames).backward()
    assert set(zip(*np.nonzero(logits.grad[0].numpy()))) == {(0, 2), (2, 0), (0, 3), (3, 0)}
