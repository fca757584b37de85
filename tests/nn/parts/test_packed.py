"""Packed linear layers: the same output as the plain layers, for one phrase and for many."""

import copy

import pytest
import torch
from torch import nn

from grounding.nn.hosts.minilm import BertLayer
from grounding.nn.parts.packed import PackedLinear, pack_linear_layers

HAS_ONEDNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")


@pytest.mark.parametrize("shape", [(1, 8), (1, 1), (3, 40), (64, 9)])
@torch.inference_mode()
def test_a_packed_network_gives_the_output_of_the_plain_one(shape):
    torch.manual_seed(0)
    plain = BertLayer().eval()
    x, mask = torch.randn(*shape, 384), torch.ones(shape, dtype=torch.bool)
    assert torch.allclose(pack_linear_layers(copy.deepcopy(plain))(x, mask), plain(x, mask), atol=1e-5)


@pytest.mark.skipif(not HAS_ONEDNN, reason="this build of PyTorch has no oneDNN, so nothing is packed")
def test_nested_linear_layers_are_packed_and_other_layers_stay():
    net = nn.Sequential(nn.Sequential(nn.Linear(4, 5), nn.GELU()), nn.Linear(5, 2), nn.Linear(2, 2, bias=False), nn.LayerNorm(2))
    assert pack_linear_layers(net) is net
    assert [type(part) for part in (*net[0], *net[1:])] == [PackedLinear, nn.GELU, PackedLinear, nn.Linear, nn.LayerNorm]
