"""Two towers give unit vectors and learn to match; a clip encoder lets frames see one another and no padding."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grounding.nn.hosts.clip_frames import make_clip_encoder
from grounding.nn.hosts.two_tower import TextEncoder, TwoTower
from grounding.nn.hosts.vit import ViTConfig, make_block, make_vit
from grounding.nn.tokens import FirstToken, MeanToken

END = 9


def image_tower() -> nn.Module:
    return nn.Sequential(
        make_vit(ViTConfig(image_size=16, patch_size=8, width=12, heads=2, layers=1, mlp_width=16)), FirstToken()
    )


def text_tower() -> TextEncoder:
    return TextEncoder(
        nn.Embedding(10, 8), nn.Embedding(6, 8), [make_block(8, 2, 16, causal=True)], nn.LayerNorm(8), END
    )


def two_tower(images: nn.Module | None = None) -> TwoTower:
    torch.manual_seed(0)
    return TwoTower(images or image_tower(), text_tower(), nn.Linear(12, 6, bias=False), nn.Linear(8, 6, bias=False))


IDS = torch.tensor([[1, 2, END, 0], [3, 4, 5, END], [1, 1, 1, 1]])


@torch.no_grad()
def test_both_towers_give_unit_vectors_and_the_scale_is_at_most_a_hundred():
    net = two_tower().eval()
    images = torch.randn(2, 3, 16, 16)
    for vectors in (net.encode_images(images), net.encode_texts(IDS)):
        assert torch.allclose(vectors.norm(dim=-1), torch.ones(len(vectors)), atol=1e-6)
    net.logit_scale.fill_(9.0)
    cosines = net.encode_texts(IDS) @ net.encode_images(images).mT
    assert torch.allclose(net(images, IDS), 100 * cosines, atol=1e-4)


@torch.no_grad()
def test_a_text_is_read_up_to_its_end_only():
    tower = text_tower().eval()
    after = IDS.clone()
    after[0, 3] = 7
    assert torch.equal(tower(IDS), tower(after))
    before = IDS.clone()
    before[0, 0] = 7
    assert not torch.allclose(tower(IDS)[0], tower(before)[0])


def test_it_learns_which_text_belongs_to_which_image():
    net, images = two_tower(), torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    optimizer, rows = torch.optim.Adam(net.parameters(), 3e-3), torch.arange(3)
    for _ in range(40):
        logits = net(images, IDS)
        loss = F.cross_entropy(logits, rows) + F.cross_entropy(logits.mT, rows)
        optimizer.zero_grad(), loss.backward(), optimizer.step()
    assert net(images, IDS).argmax(-1).tolist() == [0, 1, 2]


@torch.no_grad()
def test_a_frame_sees_the_other_frames_and_no_padding():
    torch.manual_seed(0)
    encoder = make_clip_encoder(image_tower(), 12, 2, 1, max_frames=4).eval()
    clip = torch.randn(1, 3, 3, 16, 16)
    alone, other = encoder(clip).x, encoder(torch.cat([clip[:, :2], torch.randn(1, 1, 3, 16, 16)], 1)).x
    assert alone.shape == (1, 3, 12) and not torch.allclose(alone[:, 0], other[:, 0], atol=1e-4)
    padded = encoder(torch.cat([clip, torch.randn(1, 1, 3, 16, 16)], 1), torch.tensor([[True, True, True, False]]))
    assert torch.allclose(padded.x[:, :3], alone, atol=1e-5)
    assert torch.allclose(MeanToken()(padded), alone.mean(1), atol=1e-5)


def test_a_clip_of_too_many_frames_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="at most 2 frames was expected, one of 3 came"):
        make_clip_encoder(image_tower(), 12, 2, 1, max_frames=2)(torch.zeros(1, 3, 3, 16, 16))


@torch.no_grad()
def test_clips_and_texts_meet_in_one_space():
    clips = nn.Sequential(make_clip_encoder(image_tower(), 12, 2, 1, max_frames=4), MeanToken())
    assert two_tower(clips).eval()(torch.randn(2, 3, 3, 16, 16), IDS).shape == (3, 2)
