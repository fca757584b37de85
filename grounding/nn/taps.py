"""Taps: what passes through the modules of a network while it runs, read without changing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from torch import nn

from grounding.nn.sites import sites


@dataclass(frozen=True)
class Call:
    """One call of a module: its positional arguments and what it returned. The tensors are those of the network, with
    their gradients."""

    inputs: tuple[Any, ...]
    output: Any


@contextmanager
def tap(host: nn.Module, at: str | Iterable[str]) -> Iterator[dict[str, list[Call]]]:
    """By site, every call while the context is open, in order; an empty list where a module was not called through
    `forward`.

    `at` as for `sites.graft`. A grafted module is not read, the module of the host below it is.
    """
    found = sites(host, at)
    calls: dict[str, list[Call]] = {name: [] for name in found}
    with ExitStack() as stack:
        for name, module in found.items():
            hook = module.register_forward_hook(
                lambda _, inputs, output, to=calls[name]: to.append(Call(inputs, output))
            )
            stack.callback(hook.remove)
        yield calls
