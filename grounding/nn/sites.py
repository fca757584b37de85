"""Sites: the modules of a network by their dotted names, and how a method puts its own modules there for a while.

All of it relies on one rule: a module is only used through `forward`, so what stands at a site is always called.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

REPLACES = "_replaces"  # on a grafted module: the module that stood there; not registered, so no state_dict lists it


@dataclass(frozen=True)
class Graft:
    """What a method put into a host: its `modules` by the names of their sites. A graft freezes nothing by itself."""

    host: nn.Module
    modules: Mapping[str, nn.Module]
    fold_module: Callable[[nn.Module], nn.Module] | None = None

    def weights(self) -> dict[str, Tensor]:
        """The tensors that the method added, by site and name; one that several sites share is listed once."""
        known = {id(part) for part in (*dict(host_modules(self.host)).values(), *host_state(self.host).values())}

        def own(child: nn.Module) -> nn.Module | None:
            return None if id(child) in known or REPLACES in child.__dict__ else child

        found = {}
        for site, module in self.modules.items():
            for name, part in _walk(module, own):
                for key, tensor in _own_state(part).items():
                    if id(tensor) not in known:
                        known.add(id(tensor))
                        found[".".join(filter(None, (site, name, key)))] = tensor
        return found

    def parameters(self) -> list[nn.Parameter]:
        """Those of `weights` that can learn, for an optimizer."""
        return [tensor for tensor in self.weights().values() if isinstance(tensor, nn.Parameter)]

    @torch.no_grad()
    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Copies saved `weights` in; ValueError where names or shapes differ."""
        own = self.weights()
        shapes = [{name: tensor.shape for name, tensor in tensors.items()} for tensors in (own, weights)]
        wrong = [name for name in sorted({*own, *weights}) if shapes[0].get(name) != shapes[1].get(name)]
        if wrong:
            raise ValueError(
                f"these weights do not fit this graft ({len(wrong)} differ, the first is {wrong[0]}); "
                "attach the method with the settings they were saved with"
            )
        for name, tensor in own.items():
            tensor.copy_(weights[name])

    def fold(self) -> Graft:
        """The same method folded into plain modules of the cost of those that stood there; ValueError where it cannot
        be folded.

        The modules of before stay as they are, so what is returned can be removed as well; this graft is used up.
        """
        if self.fold_module is None:
            raise ValueError("this method cannot be folded into the host; leave it attached")
        folded = {name: self.fold_module(module).train(module.training) for name, module in self.modules.items()}
        for name, module in self.modules.items():
            folded[name].__dict__[REPLACES] = module.__dict__.pop(REPLACES)
            _exchange(self.host, module, folded[name])
        return Graft(self.host, folded)

    def remove(self) -> None:
        """Puts back the very modules that stood there, below whatever was grafted on top since; a second call does
        nothing."""
        for module in self.modules.values():
            before = module.__dict__.pop(REPLACES, None)
            if before is not None:
                _exchange(self.host, module, before)


def graft(
    host: nn.Module,
    at: str | Iterable[str],
    make: Callable[[str, nn.Module], nn.Module],
    fold: Callable[[nn.Module], nn.Module] | None = None,
) -> Graft:
    """Replaces each module at the sites that match by `make(name, module)`, which may hold the old module and call it.

    `at` is one pattern or several: `*` stands for a part of a dotted name or a piece of one, `**` for any number of
    parts. Names are those of the host itself, whatever was grafted to it before, so methods share a host in either
    order. `fold`, where the method has one, makes a new plain module of a grafted one.
    """
    found = {}
    for name, module in sites(host, at).items():
        before = _top(host, module)
        slots = _slots(host, before)
        if not slots:
            raise ValueError(
                f"nothing can be attached at {name}: another graft has replaced it or a module around it; "
                "remove that one first"
            )
        found[name] = make(name, before).train(before.training)
        found[name].__dict__[REPLACES] = before
        _put(slots, found[name])
    return Graft(host, found, fold)


def sites(host: nn.Module, at: str | Iterable[str]) -> dict[str, nn.Module]:
    """The modules of the host itself whose names match a pattern of `at`, in order; ValueError where a pattern matches
    none."""
    modules = {name: module for name, module in host_modules(host) if name}
    found = set()
    for pattern in [at] if isinstance(at, str) else at:
        matching = {name for name in modules if re.fullmatch(_regex(pattern), name)}
        if not matching:
            near = difflib.get_close_matches(pattern, modules, 5, 0.3) or list(modules)[:5]
            raise ValueError(f"no module of {type(host).__name__} matches {pattern!r}; near it are {', '.join(near)}")
        found |= matching
    return {name: module for name, module in modules.items() if name in found}


def host_modules(host: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """(name, module) of the host as it is without any graft, itself first under ""; a shared module once."""
    return _walk(host, _original)


def host_state(host: nn.Module) -> dict[str, Tensor]:
    """The parameters and persistent buffers of the host as it is without any graft, by name."""
    return {
        f"{prefix}.{name}" if prefix else name: tensor
        for prefix, module in host_modules(host)
        for name, tensor in _own_state(module).items()
    }


def _walk(root: nn.Module, see: Callable[[nn.Module], nn.Module | None]) -> Iterator[tuple[str, nn.Module]]:
    """Depth first; `see` says what is taken in place of a child, None for nothing."""
    seen: set[int] = set()
    waiting = [("", root)]
    while waiting:
        name, module = waiting.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        yield name, module
        children = [(f"{name}.{key}" if name else key, see(child)) for key, child in module.named_children()]
        waiting += [(key, child) for key, child in reversed(children) if child is not None]


def _own_state(module: nn.Module) -> dict[str, Tensor]:
    """The parameters and persistent buffers of a module without those of its children."""
    return {
        name: tensor
        for name, tensor in module.state_dict(keep_vars=True).items()
        if "." not in name and isinstance(tensor, Tensor)
    }


def _original(module: nn.Module) -> nn.Module:
    """What stood where `module` stands before anything was grafted."""
    while REPLACES in module.__dict__:
        module = module.__dict__[REPLACES]
    return module


def _top(host: nn.Module, module: nn.Module) -> nn.Module:
    """What stands now where `module` of the host stood."""
    above = next((other for other in host.modules() if other.__dict__.get(REPLACES) is module), None)
    return module if above is None else _top(host, above)


def _exchange(host: nn.Module, old: nn.Module, new: nn.Module) -> None:
    """Puts `new` wherever `old` is held or is remembered by a graft above it."""
    _put(_slots(host, old), new)
    for above in host.modules():
        if above.__dict__.get(REPLACES) is old:
            above.__dict__[REPLACES] = new


def _slots(host: nn.Module, module: nn.Module) -> list[tuple[nn.Module, str]]:
    """(parent, key) of every place that holds `module`; a parent may hold it more than once."""
    return [(parent, key) for parent in host.modules() for key, child in parent._modules.items() if child is module]


def _put(slots: Iterable[tuple[nn.Module, str]], module: nn.Module) -> None:
    for parent, key in slots:
        parent.register_module(key, module)


def _regex(pattern: str) -> str:
    signs = {"**": ".*", "*": "[^.]*", "?": "[^.]"}
    return "".join(signs.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*|\?)", pattern))
