"""Matching: who is who, from pairwise scores."""

import numpy as np
import pytest
import torch

from grounding.nn.association.matching import MatchNet, association_loss, identities, linked
from grounding.nn.captioning.batches import Clip, sightings, unknown_look

both = pytest.mark.parametrize("group", [identities, linked])


def _affinity(things: list[int]) -> np.ndarray:
    things = np.array(things)
    return np.where(things[:, None] == things[None, :], 0.9, 0.1)


@both
def test_two_things_that_are_seen_in_turn_keep_their_group(group):
    frames, things = np.array([0, 0, 1, 1, 2, 2]), [1, 2, 2, 1, 1, 2]
    found = group(_affinity(things), frames)
    assert len(set(found[[0, 3, 4]])) == 1 and len(set(found[[1, 2, 5]])) == 1 and found[0] != found[1]


@both
def test_a_thing_comes_back_after_any_gap(group):
    assert len(set(group(_affinity([1, 1, 1]), np.array([0, 1, 90])))) == 1


@both
def test_no_frame_shows_a_thing_twice(group):
    rng = np.random.default_rng(0)
    for _ in range(20):
        frames = np.sort(rng.integers(0, 5, 25))
        found = group(rng.random((25, 25)), frames)
        assert (found > 0).all()
        for thing in set(found.tolist()):
            shown = frames[found == thing]
            assert len(set(shown.tolist())) == len(shown)


def test_a_row_always_joins_its_own_track_even_if_it_scores_itself_low():
    scores = np.array([[0.0, 0.9], [0.9, 0.0]])
    assert identities(scores, np.array([0, 1])).tolist() == [1, 1]
    assert identities(np.zeros((3, 3)), np.array([0, 1, 2])).tolist() == [1, 2, 3]


@both
def test_nothing_in_gives_nothing_out(group):
    assert group(np.zeros((0, 0)), np.zeros(0)).tolist() == []


@both
def test_of_two_in_a_frame_the_better_joins(group):
    scores = np.full((3, 3), 0.0)
    scores[0, 1], scores[0, 2] = 0.6, 0.8
    scores = np.maximum(scores, scores.T)
    assert group(scores, np.array([0, 1, 1])).tolist() == [1, 2, 1]


def test_one_wrong_pair_does_not_bind_two_things_whose_other_sightings_disagree():
    scores, frames = _affinity([1, 1, 1, 2, 2, 2]), np.array([0, 1, 2, 2, 3, 4])
    scores[2, 4] = scores[4, 2] = 0.85
    assert linked(scores, frames).tolist() == [1, 1, 1, 2, 2, 2] != identities(scores, frames).tolist()


def test_where_many_pairs_agree_alike_all_of_a_thing_are_one():
    things = np.repeat([1, 2, 3], 8)
    scores = np.where(things[:, None] == things[None, :], 1.0, 0.001)
    assert linked(scores, np.tile(np.arange(8), 3)).tolist() == things.tolist()


def test_what_cannot_be_one_thing_is_not_though_all_else_speaks_for_it():
    scores = np.full((4, 4), 0.99)
    scores[0, 3] = scores[3, 0] = 0.0
    found = linked(scores, np.arange(4))
    assert found[0] != found[3]


@pytest.fixture(scope="module")
def clip():
    rng = np.random.default_rng(1)
    corners = rng.uniform(0, 0.6, (7, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(0.1, 0.3, (7, 2))], 1).astype(np.float32)
    return Clip(unknown_look(7), boxes, np.repeat(np.arange(4), 2)[:7].astype(float), np.zeros(7, int), np.ones(7))


def test_a_clip_scores_alone_as_in_a_batch(clip):
    torch.manual_seed(0)
    net = MatchNet(32).eval()
    short = Clip(*(getattr(clip, name)[:4] for name in ("look", "boxes", "frames", "kinds", "scores")))
    with torch.inference_mode():
        alone, _ = net(sightings([clip]))
        both, _ = net(sightings([clip, short]))
    assert torch.allclose(alone[0], both[0], atol=1e-5)


def test_only_pairs_of_known_things_in_two_frames_teach():
    frames, identity = torch.tensor([[0.0, 0, 1, 1]]), torch.tensor([[1, 0, 1, 2]])
    logits = torch.zeros(1, 4, 4, requires_grad=True)
    association_loss(logits, identity, frames).backward()
    assert set(zip(*np.nonzero(logits.grad[0].numpy()))) == {(0, 2), (2, 0), (0, 3), (3, 0)}
