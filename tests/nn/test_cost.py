"""Multiply-adds are those that a person counts by hand; calls that are compared take turns."""

import time

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grounding.nn.cost import Cost, count_macs, measure_ms
from grounding.nn.hosts.vit import ViTConfig, make_block, make_vit
from grounding.nn.parts.packed import pack_linear_layers
from grounding.nn.tokens import Tokens


def test_linear_layers_and_convolutions_are_counted():
    assert count_macs(lambda: nn.Linear(5, 7)(torch.zeros(2, 3, 5))) == 2 * 3 * 5 * 7
    assert count_macs(lambda: nn.Conv2d(3, 8, 3, padding=1)(torch.zeros(2, 3, 10, 12))) == 2 * 10 * 12 * 8 * 3 * 9
    assert count_macs(lambda: nn.Conv2d(8, 8, 3, padding=1, groups=8)(torch.zeros(1, 8, 10, 12))) == 10 * 12 * 8 * 9
    assert count_macs(lambda: nn.ReLU()(torch.zeros(9))) == 0


@pytest.mark.parametrize("mask", [None, torch.zeros(1, 1, 1, 6), torch.ones(1, 1, 5, 6, dtype=torch.bool)])
@pytest.mark.parametrize("grad", [False, True])
def test_both_products_of_attention_are_counted_with_any_mask(mask, grad):
    q, k = torch.zeros(2, 3, 5, 4, requires_grad=grad), torch.zeros(2, 3, 6, 4)
    assert count_macs(lambda: F.scaled_dot_product_attention(q, k, k, mask)) == 2 * (2 * 3 * 5 * 6 * 4)


def test_packed_layers_cost_what_plain_ones_do():
    net, x = nn.Sequential(nn.Linear(16, 32), nn.Linear(32, 8)), torch.zeros(3, 16)
    plain = count_macs(lambda: net(x))
    assert count_macs(lambda: pack_linear_layers(net)(x)) == plain == 3 * (16 * 32 + 32 * 8)


def test_a_block_on_half_the_tokens_costs_less_than_half():
    block = make_block(16, 2, 32).eval()
    tokens = Tokens(torch.zeros(1, 20, 16))
    whole, half = count_macs(lambda: block(tokens)), count_macs(lambda: block(Tokens(tokens.x[:, :10])))
    assert whole == 20 * (4 * 16 * 16 + 2 * 16 * 32) + 2 * 20 * 20 * 16 and half < whole / 2


def test_a_vit_costs_what_its_sizes_say():
    config = ViTConfig(image_size=16, patch_size=8, width=12, heads=2, layers=2, mlp_width=16)
    block = 5 * (4 * 12 * 12 + 2 * 12 * 16) + 2 * 5 * 5 * 12
    assert Cost(count_macs(lambda: make_vit(config)(torch.zeros(1, 3, 16, 16)))) == Cost(4 * 12 * 3 * 64 + 2 * block)


def test_calls_take_turns_the_warm_up_is_not_counted_and_the_slower_is_slower():
    order = []
    slow, fast = (lambda: (order.append("slow"), time.sleep(0.004))), (lambda: order.append("fast"))
    found = measure_ms(slow, fast, repeats=3, warm_up=2)
    assert order == ["slow", "fast"] * 5 and found[0] >= 4 > found[1]
