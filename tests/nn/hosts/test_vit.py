"""The vision transformer passes tokens on; merged tokens weigh what they stand for, padding weighs nothing."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from grounding.nn.hosts.vit import ViTConfig, make_block, make_vit
from grounding.nn.tokens import FirstToken, MeanToken, Tokens

SMALL = ViTConfig(image_size=16, patch_size=8, width=12, heads=2, layers=2, mlp_width=16)


@pytest.fixture(scope="module")
def vit():
    torch.manual_seed(0)
    return make_vit(SMALL).eval()


def test_an_image_becomes_a_class_token_and_a_token_a_patch_alone_as_in_a_batch(vit):
    images = torch.randn(3, 3, 16, 16)
    together = vit(images)
    assert together.x.shape == (3, 1 + 4, 12) and together.spread() is together.x
    assert torch.allclose(vit(images[1:2]).x[0], together.x[1], atol=1e-6)


def test_an_image_of_another_size_is_refused_in_a_sentence(vit):
    with pytest.raises(ValueError, match="4 patches was expected, one of 6 came"):
        vit(torch.randn(1, 3, 16, 24))


def test_two_equal_tokens_count_as_one_of_size_two():
    block, x = make_block(12, 2, 16).eval(), torch.randn(1, 4, 12)
    doubled = Tokens(torch.cat([x, x[:, 3:]], 1))
    merged = Tokens(x, torch.tensor([[1.0, 1, 1, 2]]), torch.tensor([[0, 1, 2, 3, 3]]))
    assert torch.allclose(block(merged).spread(), block(doubled).x, atol=1e-6)


def test_sizes_of_one_change_nothing_and_padding_is_not_attended_to():
    block, x = make_block(12, 2, 16).eval(), torch.randn(2, 4, 12)
    plain = block(Tokens(x)).x
    assert torch.allclose(block(Tokens(x, torch.ones(2, 4))).x, plain, atol=1e-6)
    padded = Tokens(torch.cat([x, torch.full((2, 3, 12), 9.0)], 1), torch.tensor([[1.0] * 4 + [0] * 3] * 2))
    assert torch.allclose(block(padded).x[:, :4], plain, atol=1e-6)


def test_a_causal_block_shows_no_token_a_later_one():
    block, x = make_block(12, 2, 16, causal=True).eval(), torch.randn(1, 5, 12)
    changed = torch.cat([x[:, :3], torch.randn(1, 2, 12)], 1)
    first, second = block(Tokens(x)).x, block(Tokens(changed)).x
    assert torch.allclose(first[:, :3], second[:, :3], atol=1e-6) and not torch.allclose(first[:, 3:], second[:, 3:])


class Halve(nn.Module):
    """Merges the tokens in pairs by their mean."""

    def forward(self, tokens: Tokens) -> Tokens:
        merged = tokens.x.unflatten(1, (-1, 2)).mean(2)
        rows = torch.arange(tokens.x.shape[1]) // 2
        return replace(tokens, x=merged, size=torch.full(merged.shape[:2], 2.0), origin=rows.expand(len(merged), -1))


def test_tokens_merged_between_attention_and_mlp_can_be_spread_again():
    block = make_block(12, 2, 16).eval()
    block.before_mlp = Halve()
    out = block(Tokens(torch.randn(2, 6, 12)))
    assert out.x.shape == (2, 3, 12) and out.spread().shape == (2, 6, 12)
    assert torch.equal(out.spread()[:, 2], out.spread()[:, 3])


def test_the_sites_around_the_sub_layers_see_what_is_added():
    block, tokens = make_block(12, 2, 16).eval(), Tokens(torch.randn(1, 3, 12))
    added = []
    for site in (block.after_attention, block.after_mlp):
        site.register_forward_hook(lambda module, args, output: added.append(output))
    assert torch.allclose(block(tokens).x, tokens.x + sum(added), atol=1e-6) and len(added) == 2


def test_pooling_takes_the_class_token_or_the_mean_by_size():
    tokens = Tokens(torch.tensor([[[1.0], [4.0], [9.0]]]), torch.tensor([[1.0, 2.0, 0.0]]))
    assert FirstToken()(tokens).tolist() == [[1.0]] and MeanToken()(tokens).tolist() == [[3.0]]
    assert MeanToken()(Tokens(tokens.x)).item() == pytest.approx(14 / 3)
