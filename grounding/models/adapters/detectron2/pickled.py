"""Pickled: the arrays of a .pkl file of weights, read without unpickling: nothing in the file is ever called.

A pickle is a program for a small stack machine. This one knows how to put together dicts, lists, text, numbers and
NumPy arrays, which is all that the files of Detectron2's model zoo hold. Functions are only names here; what they would
do is known for the few that make up an array, and every other one ends the reading.
"""

from __future__ import annotations

import os
import pickletools
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from grounding.models.adapters.source import SourceError

ARRAYS = ("numpy.core.multiarray", "numpy._core.multiarray")
FRESH = {(module, "_reconstruct") for module in ARRAYS}
SCALAR = {(module, "scalar") for module in ARRAYS}
BUFFER = {("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer")}
NO_BYTES = {("__builtin__", "bytes"), ("builtins", "bytes")}  # how older protocols write b""
NAMED = {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"), ("collections", "OrderedDict")}
KNOWN = FRESH | SCALAR | BUFFER | NAMED | NO_BYTES
BROKEN = (  # what a damaged file ends in
    ValueError, IndexError, KeyError, TypeError, AttributeError, MemoryError, OverflowError, RecursionError,
)  # fmt: skip
NUMBERS = "fiub"  # kinds of numbers in an array: real, whole, truth
MOST = 8  # times the size of the file: what its arrays may hold in all, though one may have several names
MARK = object()
ENDS = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
SILENT = ("PROTO", "FRAME", "STOP")


class Function(tuple):
    """(module, name) of something a pickle would have called."""


class Array:
    """An array or a kind of numbers on its way; `value` is a NumPy array or dtype once it is whole."""

    value: Any = None


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The named arrays of a .pkl of weights: of its "model", or of the file itself. Raises SourceError, which names
    what is refused."""
    if not path.is_file():
        raise SourceError(f"there is no file at {path}; check how it is written")
    try:
        with open(path, "rb") as file:
            arrays = _arrays_of(_Machine(path.name).run(file))
    except BROKEN as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            f"{path.name} cannot be read as a pickle of arrays: it is damaged or of another kind; download it again"
        ) from error
    if not arrays:
        raise SourceError(f"{path.name} holds no named arrays; name a .pkl of Detectron2's model zoo")
    if sum(array.nbytes for array in arrays.values()) > MOST * path.stat().st_size:
        raise SourceError(
            f"{path.name} names one array so often that it would fill the disk, and is not read; download it again"
        )
    return arrays


def _arrays_of(held: Any) -> dict[str, np.ndarray]:
    """The arrays of the "model" in a file, or of the file itself. What else it holds is not looked at."""
    model = held.get("model", held) if isinstance(held, dict) else {}
    found = {str(name): _plain(value) for name, value in model.items()} if isinstance(model, dict) else {}
    return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}


def convert(path: Path, out: Path) -> int:
    """Writes the arrays of a .pkl of weights as .safetensors; how many. `out` is there whole or not at all. Raises
    SourceError."""
    from safetensors.numpy import save_file

    if out.suffix != ".safetensors":
        raise SourceError(f"weights are written as .safetensors; got {out.name}")
    arrays = {
        name: np.array(value, value.dtype.newbyteorder("="), order="C") for name, value in read_arrays(path).items()
    }
    half = out.with_name(f"{out.name}.half")
    try:
        save_file(arrays, half)
        os.replace(half, out)
    finally:
        half.unlink(missing_ok=True)
    return len(arrays)


class _Machine:
    """The stack machine: each operation of the file changes the stack, the memo, or ends the reading."""

    def __init__(self, name: str):
        self._name, self._stack, self._memo = name, [], {}

    def run(self, file: BinaryIO) -> Any:
        for operation, value, _ in pickletools.genops(file):
            self._do(operation.name, value)
        return self._stack[-1]

    def _do(self, name: str, value: Any) -> None:
        stack = self._stack
        if name in SILENT:
            return
        if name in ENDS:
            stack.append(ENDS[name]())
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "MARK":
            stack.append(MARK)
        elif "GLOBAL" in name:
            stack.append(self._function(name, value))
        elif name in ("MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"):
            self._memo[len(self._memo) if value is None else value] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self._memo[value])
        elif name.startswith(
            ("BIN", "SHORT_BIN", "INT", "LONG", "FLOAT", "STRING", "UNICODE", "BYTEARRAY")
        ) and name not in ("BINPERSID",):
            stack.append(value)
        else:
            getattr(self, f"_{name.lower()}", self._refuse(name))()

    def _refuse(self, name: str) -> Any:
        def end():
            raise SourceError(
                f"{self._name} holds more than arrays (the operation {name}) and is not read; only files of plain "
                "arrays are"
            )
        return end

    def _function(self, name: str, value: Any) -> Function:
        if name == "STACK_GLOBAL":
            last, first = self._stack.pop(), self._stack.pop()
            found = Function((first, last))
        else:
            found = Function(value.split(" ", 1))
        if tuple(found) not in KNOWN:
            raise SourceError(
                f"{self._name} would call {'.'.join(map(str, found))} and is not read; only files of plain arrays are"
            )
        return found

    def _marked(self) -> list:
        """What was put on the stack since the last mark; it and the mark are gone."""
        place = len(self._stack) - 1 - next(row for row, value in enumerate(reversed(self._stack)) if value is MARK)
        found = self._stack[place + 1 :]
        del self._stack[place:]
        return found

    def _pop(self) -> None:
        self._stack.pop()

    def _pop_mark(self) -> None:
        self._marked()

    def _tuple(self) -> None:
        self._stack.append(tuple(self._marked()))

    def _tuple1(self) -> None:
        self._take(1)

    def _tuple2(self) -> None:
        self._take(2)

    def _tuple3(self) -> None:
        self._take(3)

    def _take(self, count: int) -> None:
        self._stack[-count:] = [tuple(self._stack[-count:])]

    def _list(self) -> None:
        self._stack.append(self._marked())

    def _dict(self) -> None:
        found = self._marked()
        self._stack.append(dict(zip(found[::2], found[1::2], strict=True)))

    def _append(self) -> None:
        value = self._stack.pop()
        self._whole(list).append(value)

    def _appends(self) -> None:
        values = self._marked()
        self._whole(list).extend(values)

    def _setitem(self) -> None:
        value, name = self._stack.pop(), self._stack.pop()
        self._whole(dict)[name] = value

    def _setitems(self) -> None:
        found = self._marked()
        self._whole(dict).update(zip(found[::2], found[1::2], strict=True))

    def _whole(self, kind: type) -> Any:
        """The list or dict on top of the stack, which may be filled. Raises TypeError for anything else."""
        if not isinstance(self._stack[-1], kind):
            raise TypeError(kind.__name__)
        return self._stack[-1]

    def _reduce(self) -> None:
        given, function = self._stack.pop(), self._stack.pop()
        self._stack.append(_made(tuple(function) if isinstance(function, Function) else (), given))

    def _build(self) -> None:
        state, array = self._stack.pop(), self._stack[-1]
        if not isinstance(array, Array):
            raise TypeError("only arrays have a state")
        array.value = _dtype_of(array.value, state) if isinstance(array.value, np.dtype) else _filled(state)


def _made(function: tuple, given: tuple) -> Any:
    """What one of the known functions would have made; an array stays empty until its state comes. Raises
    ValueError."""
    made = Array()
    if function in FRESH:
        return made
    if function == ("numpy", "dtype"):
        made.value = _checked_dtype(np.dtype(str(_plain(given[0]))))
        return made
    if function in SCALAR:
        return np.frombuffer(_bytes(given[1]), _plain(given[0]))[0]
    if function in BUFFER:
        data, dtype, shape, order = (_plain(value) for value in given)
        made.value = np.frombuffer(data, _checked_dtype(dtype)).reshape(shape, order=order).copy()
        return made
    if function == ("_codecs", "encode") and str(given[1]).replace("-", "") == "latin1":
        return given[0].encode("latin1")
    if function in NO_BYTES and given == ():
        return b""
    if function == ("collections", "OrderedDict"):
        return OrderedDict(given[0]) if given else OrderedDict()
    raise ValueError(function)


def _filled(state: tuple) -> np.ndarray:
    """An array from its state (version, shape, kind of numbers, whether columns come first, bytes)."""
    _, shape, dtype, columns_first, data = state
    return (
        np.frombuffer(_bytes(data), _checked_dtype(_plain(dtype)))
        .reshape(shape, order="F" if columns_first else "C")
        .copy()
    )


def _dtype_of(dtype: np.dtype, state: tuple) -> np.dtype:
    """A kind of numbers with the order of bytes that its state (version, order, ...) says; one with fields is
    refused."""
    if any(part is not None for part in state[2:5]):
        raise ValueError("an array of records")
    return _checked_dtype(dtype.newbyteorder(state[1]))


def _checked_dtype(dtype: np.dtype) -> np.dtype:
    if not isinstance(dtype, np.dtype) or dtype.kind not in NUMBERS:
        raise ValueError("an array of something other than numbers")
    return dtype


def _bytes(data: Any) -> bytes:
    """The bytes of an array; Python 2 wrote them as text. Raises TypeError for anything else: a number would be that
    many zeros."""
    if not isinstance(data, (str, bytes, bytearray)):
        raise TypeError("an array without bytes")
    return data.encode("latin1") if isinstance(data, str) else bytes(data)


def _plain(value: Any) -> Any:
    """The whole array or kind of numbers in place of one on its way. Raises ValueError for one that never became
    whole."""
    if not isinstance(value, Array):
        return value
    if value.value is None:
        raise ValueError("an array without numbers")
    return value.value
