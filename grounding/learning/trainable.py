"""What a training run changes: its parameters, and the modes of the modules that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def trainable_parameters(net: nn.Module, parameters: Iterable[nn.Parameter] | None = None) -> dict[str, nn.Parameter]:
    """Those that are given, by their names in `net`; without any, those that require gradients. ValueError if there are
    none."""
    names = {id(weight): name for name, weight in net.named_parameters()}
    given = (weight for weight in net.parameters() if weight.requires_grad) if parameters is None else parameters
    found = {names.get(id(weight), f"outside.{index}"): weight for index, weight in enumerate(given)}
    if not found:
        raise ValueError(
            f"parameters to train were expected, {type(net).__name__} has none that require gradients; give some"
        )
    return found


@contextmanager
def training_only(net: nn.Module, trained: Mapping[str, nn.Parameter]) -> Iterator[dict[str, Tensor]]:
    """While it is open, only `trained` parameters require gradients, and only modules that hold one are in training
    mode: frozen parts neither drop anything out nor move their running statistics. Gives all tensors that training
    changes, by name."""
    trained_ids = {id(weight) for weight in trained.values()}
    required = {weight: weight.requires_grad for weight in (*net.parameters(), *trained.values())}
    for weight in required:
        weight.requires_grad_(id(weight) in trained_ids)
    _set_modes(net, trained_ids, True)
    statistics = {
        f"{prefix}.{name}": tensor
        for prefix, module in net.named_modules()
        if module.training
        for name, tensor in module.named_buffers(recurse=False)
    }
    try:
        yield {**trained, **statistics}
    finally:
        for weight, before in required.items():
            weight.requires_grad_(before)


def _set_modes(module: nn.Module, trained: set[int], default: bool) -> None:
    """A module without parameters has the mode of the one around it."""
    weights = list(module.parameters())
    module.training = any(id(weight) in trained for weight in weights) if weights else default
    for child in module.children():
        _set_modes(child, trained, module.training)


@torch.no_grad()
def update_averages(averages: Mapping[str, Tensor], trained: Mapping[str, nn.Parameter], decay: float) -> None:
    for name, average in averages.items():
        average.lerp_(trained[name], 1 - decay)


@torch.no_grad()
def copy_tensors(source: Mapping[str, Tensor], to: Mapping[str, Tensor]) -> None:
    """Into the tensors of `to`, in place."""
    for name, tensor in to.items():
        tensor.copy_(source[name])
