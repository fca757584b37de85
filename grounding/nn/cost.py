"""Cost: how many multiply-adds a network computes and how long it takes, measured one way for all methods.

Papers write "FLOPs" and often mean multiply-adds; here they are counted as multiply-adds (MACs), of linear layers,
convolutions and matrix products, those of attention among them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

Run = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """Of one call: `macs` multiply-adds, and `ms` milliseconds, 0 where they were not measured."""

    macs: int
    ms: float = 0.0


def count_macs(run: Run) -> int:
    """Multiply-adds of one call of `run`, counted as its operations are computed. Attention counts in full, under a
    causal mask as well."""
    with torch.no_grad(), FlopCounterMode(display=False, custom_mapping=_missing_formulas()) as counter:
        run()
    return counter.get_total_flops() // 2


def measure_ms(*runs: Run, repeats: int = 30, warm_up: int = 5) -> list[float]:
    """Median milliseconds of a call of each; they take turns, so whatever else the machine does disturbs all alike."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(warm_up + repeats):
        for run, found in zip(runs, times):
            start = time.perf_counter()
            run()
            found.append(1e3 * (time.perf_counter() - start))
    return [median(found[warm_up:]) for found in times]


def _missing_formulas() -> dict:
    """Operations of the CPU that PyTorch's counter has no formula for."""

    def attention(query, key, value, *args, out_shape=None, **kwargs) -> int:
        return sdpa_flop_count(query, key, value)

    def packed_linear(x, weight, *args, out_shape=None, **kwargs) -> int:
        return 2 * torch.Size(out_shape).numel() * x[-1]

    formulas = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: attention}
    if hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        formulas[torch.ops.mkldnn._linear_pointwise] = packed_linear
    return formulas
