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

from grounding.models.adapters.source import ModelSourceError

NUMPY_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
RECONSTRUCT = {(module, "_reconstruct") for module in NUMPY_MODULES}
SCALAR_GLOBALS = {(module, "scalar") for module in NUMPY_MODULES}
FROM_BUFFER = {("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer")}
EMPTY_BYTES = {("__builtin__", "bytes"), ("builtins", "bytes")}  # how older protocols write b""
OTHER_GLOBALS = {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"), ("collections", "OrderedDict")}
ALLOWED_GLOBALS = RECONSTRUCT | SCALAR_GLOBALS | FROM_BUFFER | OTHER_GLOBALS | EMPTY_BYTES
DAMAGE_ERRORS = (  # what a damaged file ends in
    ValueError, IndexError, KeyError, TypeError, AttributeError, MemoryError, OverflowError, RecursionError,
)  # fmt: skip
NUMERIC_KINDS = "fiub"  # kinds of numbers in an array: real, whole, truth
MAX_EXPANSION = 8  # times the size of the file: what its arrays may hold in all, though one may have several names
MARK = object()
EMPTY_CONTAINERS = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
IGNORED_OPCODES = ("PROTO", "FRAME", "STOP")


class PickleGlobal(tuple):
    """(module, name) of something a pickle would have called."""


class PendingArray:
    """An array or a kind of numbers on its way; `value` is a NumPy array or dtype once it is whole."""

    value: Any = None


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The named arrays of a .pkl of weights: of its "model", or of the file itself. Raises ModelSourceError, which names
    what is refused."""
    if not path.is_file():
        raise ModelSourceError(f"there is no file at {path}; check how it is written")
    try:
        with open(path, "rb") as file:
            arrays = _extract_arrays(_PickleMachine(path.name).run(file))
    except DAMAGE_ERRORS as error:
        if isinstance(error, ModelSourceError):
            raise
        raise ModelSourceError(
            f"{path.name} cannot be read as a pickle of arrays: it is damaged or of another kind; download it again"
        ) from error
    if not arrays:
        raise ModelSourceError(f"{path.name} holds no named arrays; name a .pkl of Detectron2's model zoo")
    if sum(array.nbytes for array in arrays.values()) > MAX_EXPANSION * path.stat().st_size:
        raise ModelSourceError(
            f"{path.name} names one array so often that it would fill the disk, and is not read; download it again"
        )
    return arrays


def _extract_arrays(contents: Any) -> dict[str, np.ndarray]:
    """The arrays of the "model" in a file, or of the file itself. What else it holds is not looked at."""
    model = contents.get("model", contents) if isinstance(contents, dict) else {}
    found = {str(name): _resolved(value) for name, value in model.items()} if isinstance(model, dict) else {}
    return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}


def convert_to_safetensors(path: Path, out: Path) -> int:
    """Writes the arrays of a .pkl of weights as .safetensors; how many. `out` is there whole or not at all. Raises
    ModelSourceError."""
    from safetensors.numpy import save_file

    if out.suffix != ".safetensors":
        raise ModelSourceError(f"weights are written as .safetensors; got {out.name}")
    arrays = {
        name: np.array(value, value.dtype.newbyteorder("="), order="C") for name, value in read_arrays(path).items()
    }
    partial = out.with_name(f"{out.name}.half")
    try:
        save_file(arrays, partial)
        os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)
    return len(arrays)


class _PickleMachine:
    """The stack machine: each operation of the file changes the stack, the memo, or ends the reading."""

    def __init__(self, name: str):
        self._name, self._stack, self._memo = name, [], {}

    def run(self, file: BinaryIO) -> Any:
        for operation, value, _ in pickletools.genops(file):
            self._execute(operation.name, value)
        return self._stack[-1]

    def _execute(self, name: str, value: Any) -> None:
        stack = self._stack
        if name in IGNORED_OPCODES:
            return
        if name in EMPTY_CONTAINERS:
            stack.append(EMPTY_CONTAINERS[name]())
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "MARK":
            stack.append(MARK)
        elif "GLOBAL" in name:
            stack.append(self._resolve_global(name, value))
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
        def fail():
            raise ModelSourceError(
                f"{self._name} holds more than arrays (the operation {name}) and is not read; only files of plain "
                "arrays are"
            )
        return fail

    def _resolve_global(self, name: str, value: Any) -> PickleGlobal:
        if name == "STACK_GLOBAL":
            last, first = self._stack.pop(), self._stack.pop()
            found = PickleGlobal((first, last))
        else:
            found = PickleGlobal(value.split(" ", 1))
        if tuple(found) not in ALLOWED_GLOBALS:
            raise ModelSourceError(
                f"{self._name} would call {'.'.join(map(str, found))} and is not read; only files of plain arrays are"
            )
        return found

    def _pop_to_mark(self) -> list:
        """What was put on the stack since the last mark; it and the mark are gone."""
        mark = len(self._stack) - 1 - next(row for row, value in enumerate(reversed(self._stack)) if value is MARK)
        found = self._stack[mark + 1 :]
        del self._stack[mark:]
        return found

    def _pop(self) -> None:
        self._stack.pop()

    def _pop_mark(self) -> None:
        self._pop_to_mark()

    def _tuple(self) -> None:
        self._stack.append(tuple(self._pop_to_mark()))

    def _tuple1(self) -> None:
        self._wrap_in_tuple(1)

    def _tuple2(self) -> None:
        self._wrap_in_tuple(2)

    def _tuple3(self) -> None:
        self._wrap_in_tuple(3)

    def _wrap_in_tuple(self, count: int) -> None:
        self._stack[-count:] = [tuple(self._stack[-count:])]

    def _list(self) -> None:
        self._stack.append(self._pop_to_mark())

    def _dict(self) -> None:
        found = self._pop_to_mark()
        self._stack.append(dict(zip(found[::2], found[1::2], strict=True)))

    def _append(self) -> None:
        value = self._stack.pop()
        self._top(list).append(value)

    def _appends(self) -> None:
        values = self._pop_to_mark()
        self._top(list).extend(values)

    def _setitem(self) -> None:
        value, name = self._stack.pop(), self._stack.pop()
        self._top(dict)[name] = value

    def _setitems(self) -> None:
        found = self._pop_to_mark()
        self._top(dict).update(zip(found[::2], found[1::2], strict=True))

    def _top(self, kind: type) -> Any:
        """The list or dict on top of the stack, which may be filled. Raises TypeError for anything else."""
        if not isinstance(self._stack[-1], kind):
            raise TypeError(kind.__name__)
        return self._stack[-1]

    def _reduce(self) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        self._stack.append(_construct(tuple(function) if isinstance(function, PickleGlobal) else (), arguments))

    def _build(self) -> None:
        state, array = self._stack.pop(), self._stack[-1]
        if not isinstance(array, PendingArray):
            raise TypeError("only arrays have a state")
        array.value = _dtype_from_state(array.value, state) if isinstance(array.value, np.dtype) else _array_from_state(state)


def _construct(function: tuple, arguments: tuple) -> Any:
    """What one of the known functions would have made; an array stays empty until its state comes. Raises
    ValueError."""
    array = PendingArray()
    if function in RECONSTRUCT:
        return array
    if function == ("numpy", "dtype"):
        array.value = _validated_dtype(np.dtype(str(_resolved(arguments[0]))))
        return array
    if function in SCALAR_GLOBALS:
        return np.frombuffer(_to_bytes(arguments[1]), _resolved(arguments[0]))[0]
    if function in FROM_BUFFER:
        data, dtype, shape, order = (_resolved(value) for value in arguments)
        array.value = np.frombuffer(data, _validated_dtype(dtype)).reshape(shape, order=order).copy()
        return array
    if function == ("_codecs", "encode") and str(arguments[1]).replace("-", "") == "latin1":
        return arguments[0].encode("latin1")
    if function in EMPTY_BYTES and arguments == ():
        return b""
    if function == ("collections", "OrderedDict"):
        return OrderedDict(arguments[0]) if arguments else OrderedDict()
    raise ValueError(function)


def _array_from_state(state: tuple) -> np.ndarray:
    """An array from its state (version, shape, kind of numbers, whether columns come first, bytes)."""
    _, shape, dtype, columns_first, data = state
    return (
        np.frombuffer(_to_bytes(data), _validated_dtype(_resolved(dtype)))
        .reshape(shape, order="F" if columns_first else "C")
        .copy()
    )


def _dtype_from_state(dtype: np.dtype, state: tuple) -> np.dtype:
    """A kind of numbers with the order of bytes that its state (version, order, ...) says; one with fields is
    refused."""
    if any(part is not None for part in state[2:5]):
        raise ValueError("an array of records")
    return _validated_dtype(dtype.newbyteorder(state[1]))


def _validated_dtype(dtype: np.dtype) -> np.dtype:
    if not isinstance(dtype, np.dtype) or dtype.kind not in NUMERIC_KINDS:
        raise ValueError("an array of something other than numbers")
    return dtype


def _to_bytes(data: Any) -> bytes:
    """The bytes of an array; Python 2 wrote them as text. Raises TypeError for anything else: a number would be that
    many zeros."""
    if not isinstance(data, (str, bytes, bytearray)):
        raise TypeError("an array without bytes")
    return data.encode("latin1") if isinstance(data, str) else bytes(data)


def _resolved(value: Any) -> Any:
    """The whole array or kind of numbers in place of one on its way. Raises ValueError for one that never became
    whole."""
    if not isinstance(value, PendingArray):
        return value
    if value.value is None:
        raise ValueError("an array without numbers")
    return value.value
