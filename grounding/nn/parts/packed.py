"""Packed: linear layers of a frozen network, their weights laid out in memory as the processor reads them.

For the few rows of one phrase an ordinary layer spends up to half of its time rearranging its weights, every time anew. Packed once,
it gives the same numbers without that (tests/benchmarks/grounding_engines.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

ROWS = 8  # word pieces of a usual phrase; other numbers work as well


class Packed(nn.Module):
    """Cannot learn, be moved or be saved; keep the network it was made from for that."""

    def __init__(self, linear: nn.Linear):
        super().__init__()
        self.weight, self.bias = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), ROWS), linear.bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")


def packed(net: nn.Module) -> nn.Module:
    """`net` itself, its linear layers replaced; unchanged where this build of PyTorch has no oneDNN."""
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return net
    for name, part in net.named_children():
        if isinstance(part, nn.Linear) and part.bias is not None:
            setattr(net, name, Packed(part))
        else:
            packed(part)
    return net
