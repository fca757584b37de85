"""Compute: the device a model of other people computes on, and the precision it computes in."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from grounding.models.adapters.source import PRECISIONS, Source, SourceError, short

BATCHES = {"cpu": 2, "mps": 4, "cuda": 8}  # photos in one pass: more fill a graphics card, and only delay a processor

OF_PRECISION = re.compile("not implemented|not supported|dtype|scalar type|half|float16", re.I)  # what PyTorch then says

_without_onednn = threading.RLock()  # the switch is one for all threads


@dataclass(frozen=True)
class Compute:
    """`device` as PyTorch spells it, `precision` one of PRECISIONS."""

    device: str
    precision: str = PRECISIONS[0]

    @classmethod
    def of(cls, source: Source) -> Compute:
        """What a person said; else the graphics card where there is one, and float32. Raises SourceError for a device
        that is not there."""
        return cls(
            checked_device(source.device) if source.device else default_device(), source.precision or PRECISIONS[0]
        )

    @property
    def batch(self) -> int:
        """How many photos are read in one pass."""
        return BATCHES[self.device.partition(":")[0]]

    @property
    def dtype(self) -> Any:
        import torch

        return getattr(torch, self.precision)

    def __str__(self) -> str:
        what = "the processor" if self.device == "cpu" else f"the graphics card ({self.device})"
        return f"on {what} in {self.precision}"

    def given(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """The same tensors on the device, those of real numbers in the precision of the weights; other values are left
        as they are."""
        return {
            name: self.moved(value) if hasattr(value, "is_floating_point") else value for name, value in tensors.items()
        }

    def moved(self, tensor: Any) -> Any:
        return tensor.to(self.device, self.dtype) if tensor.is_floating_point() else tensor.to(self.device)

    def read(self, outputs: Any) -> Any:
        """The outputs of a network of transformers, on the processor and in float32, as their readers want them. Raises
        SourceError where a lower precision made them no numbers: such boxes would be lost in silence."""
        plain = {name: _plain(value) for name, value in outputs.items()}
        broken = any(
            value.is_floating_point() and value.isnan().any() for value in plain.values() if hasattr(value, "isnan")
        )
        if broken and self.precision != PRECISIONS[0]:
            raise SourceError(
                f"the numbers of this model grow too large for {self.precision}; say precision=bfloat16 or "
                "precision=float32"
            )
        return type(outputs)(**plain)

    @contextmanager
    def computing(self, mixed: bool = False) -> Iterator[None]:
        """While it lasts, networks answer and do not learn; `mixed`: the weights stay in float32 and PyTorch lowers the
        precision where that is safe. Raises SourceError where the device cannot compute in this precision or its memory
        does not suffice."""
        import torch

        lower = self.precision != PRECISIONS[0]
        try:
            with ExitStack() as stack:
                stack.enter_context(torch.inference_mode())
                stack.enter_context(
                    torch.autocast(
                        self.device.partition(":")[0], self.dtype if lower and mixed else None, enabled=lower and mixed
                    )
                )
                # oneDNN's convolutions in 16 bits read beyond small feature maps (torch 2.14)
                if lower and self.device == "cpu":
                    stack.enter_context(_without_onednn)
                    stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
                yield
        except torch.OutOfMemoryError as error:
            raise SourceError(
                f"the memory of {self.device} does not suffice for this model; say precision=bfloat16, or device=cpu"
            ) from error
        except RuntimeError as error:  # also NotImplementedError
            if not lower or type(error) is RuntimeError and not OF_PRECISION.search(str(error)):
                raise
            raise SourceError(f"this model cannot be computed {self} ({short(error)}); say precision=float32") from error


def default_device() -> str:
    """The graphics card where PyTorch can use one (CUDA), else the processor."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def checked_device(device: str) -> str:
    """The device itself, if PyTorch can use it here. Raises SourceError."""
    import torch

    kind, _, number = device.partition(":")
    there = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }.get(kind)
    if there is None or (":" in device and not number.isdecimal()):
        raise SourceError(f"a device is cpu, cuda, cuda:NUMBER or mps; got {device!r}")
    if int(number or 0) >= there:
        raise SourceError(
            f"this machine has no {device} that PyTorch can use; leave device={device} out to compute on what is there"
        )
    return device


def numbers(tensor: Any) -> np.ndarray:
    """A tensor of any device and precision as an array; real numbers as float32."""
    return _plain(tensor.detach()).numpy()


def _plain(value: Any) -> Any:
    if not hasattr(value, "is_floating_point"):
        return value
    return value.float().cpu() if value.is_floating_point() else value.cpu()
