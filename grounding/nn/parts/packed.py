"""Packed linear layers: the linear layers of a frozen network with their weights reordered for oneDNN.

For the few rows of one phrase a plain linear layer spends up to half of its time on reordering its weights in every
call. Reordered once, it gives the same numbers without that cost (tests/benchmarks/grounding_engines.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

TYPICAL_ROWS = 8  # word pieces of a typical phrase; other numbers work as well


class PackedLinear(nn.Module):
    """Inference only: cannot be trained, moved or saved."""

    def __init__(self, linear: nn.Linear):
        super().__init__()
        self.weight, self.bias = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), TYPICAL_ROWS), linear.bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")


def pack_linear_layers(net: nn.Module) -> nn.Module:
    """Replaces the linear layers of `net` in place and returns it; unchanged where this build of PyTorch has no oneDNN."""
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return net
    for name, child in net.named_children():
        if isinstance(child, nn.Linear) and child.bias is not None:
            setattr(net, name, PackedLinear(child))
        else:
            pack_linear_layers(child)
    return net
