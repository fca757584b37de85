"""The device that an external model runs on, and its precision."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from grounding.models.adapters.source import PRECISIONS, ModelSource, ModelSourceError, first_line

BATCH_SIZES = {"cpu": 2, "mps": 4, "cuda": 8}  # photos in one pass: more fill a graphics card, and only delay a processor

PRECISION_ERROR = re.compile("not implemented|not supported|dtype|scalar type|half|float16", re.I)  # what PyTorch then says

_onednn_lock = threading.RLock()  # the switch is one for all threads


@dataclass(frozen=True)
class ComputeConfig:
    """`device` as PyTorch spells it, `precision` one of PRECISIONS."""

    device: str
    precision: str = PRECISIONS[0]

    @classmethod
    def from_source(cls, source: ModelSource) -> ComputeConfig:
        """What a person said; else the graphics card where there is one, and float32. Raises ModelSourceError for a device
        that is not there."""
        return cls(
            validated_device(source.device) if source.device else default_device(), source.precision or PRECISIONS[0]
        )

    @property
    def batch_size(self) -> int:
        """How many photos are read in one pass."""
        return BATCH_SIZES[self.device.partition(":")[0]]

    @property
    def dtype(self) -> Any:
        import torch

        return getattr(torch, self.precision)

    def __str__(self) -> str:
        what = "the processor" if self.device == "cpu" else f"the graphics card ({self.device})"
        return f"on {what} in {self.precision}"

    def inputs_to_device(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """The same tensors on the device, those of real numbers in the precision of the weights; other values are left
        as they are."""
        return {
            name: self.to_device(value) if hasattr(value, "is_floating_point") else value for name, value in tensors.items()
        }

    def to_device(self, tensor: Any) -> Any:
        return tensor.to(self.device, self.dtype) if tensor.is_floating_point() else tensor.to(self.device)

    def outputs_to_cpu(self, outputs: Any) -> Any:
        """The outputs of a network of transformers, on the processor and in float32, as their readers want them. Raises
        ModelSourceError where a lower precision made them no numbers: such boxes would be lost in silence."""
        on_cpu = {name: _to_cpu(value) for name, value in outputs.items()}
        has_nan = any(
            value.is_floating_point() and value.isnan().any() for value in on_cpu.values() if hasattr(value, "isnan")
        )
        if has_nan and self.precision != PRECISIONS[0]:
            raise ModelSourceError(
                f"the numbers of this model grow too large for {self.precision}; say precision=bfloat16 or "
                "precision=float32"
            )
        return type(outputs)(**on_cpu)

    @contextmanager
    def inference(self, mixed_precision: bool = False) -> Iterator[None]:
        """While it lasts, networks run without gradients; `mixed_precision`: the weights stay in float32 and PyTorch lowers the
        precision where that is safe. Raises ModelSourceError where the device cannot compute in this precision or its memory
        does not suffice."""
        import torch

        reduced_precision = self.precision != PRECISIONS[0]
        try:
            with ExitStack() as stack:
                stack.enter_context(torch.inference_mode())
                stack.enter_context(
                    torch.autocast(
                        self.device.partition(":")[0],
                        self.dtype if reduced_precision and mixed_precision else None,
                        enabled=reduced_precision and mixed_precision,
                    )
                )
                # oneDNN's convolutions in 16 bits read beyond small feature maps (torch 2.14)
                if reduced_precision and self.device == "cpu":
                    stack.enter_context(_onednn_lock)
                    stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
                yield
        except torch.OutOfMemoryError as error:
            raise ModelSourceError(
                f"the memory of {self.device} does not suffice for this model; say precision=bfloat16, or device=cpu"
            ) from error
        except RuntimeError as error:  # also NotImplementedError
            if not reduced_precision or type(error) is RuntimeError and not PRECISION_ERROR.search(str(error)):
                raise
            raise ModelSourceError(f"this model cannot be computed {self} ({first_line(error)}); say precision=float32") from error


def default_device() -> str:
    """The graphics card where PyTorch can use one (CUDA), else the processor."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def validated_device(device: str) -> str:
    """The device itself, if PyTorch can use it here. Raises ModelSourceError."""
    import torch

    kind, _, number = device.partition(":")
    available = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }.get(kind)
    if available is None or (":" in device and not number.isdecimal()):
        raise ModelSourceError(f"a device is cpu, cuda, cuda:NUMBER or mps; got {device!r}")
    if int(number or 0) >= available:
        raise ModelSourceError(
            f"this machine has no {device} that PyTorch can use; leave device={device} out to compute on what is there"
        )
    return device


def to_numpy(tensor: Any) -> np.ndarray:
    """A tensor of any device and precision as an array; real numbers as float32."""
    return _to_cpu(tensor.detach()).numpy()


def _to_cpu(value: Any) -> Any:
    if not hasattr(value, "is_floating_point"):
        return value
    return value.float().cpu() if value.is_floating_point() else value.cpu()
