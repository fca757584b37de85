"""Weights in a .pkl are turned into safetensors without unpickling: arrays come over exactly, everything else is refused by its name."""

import os
import struct
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from grounding.models.adapters.detectron2.pickled import convert_to_safetensors, read_arrays
from grounding.models.adapters.source import ModelSourceError
from tests.laws.test_nothing_runs_what_it_reads import pickled as dumped

ROOT = Path(__file__).resolve().parents[4]
RNG = np.random.default_rng(0)
MODEL = {
    "stem.conv1.weight": RNG.normal(size=(4, 3, 2, 2)).astype(np.float32),
    "steps": np.array(7, np.int64),
    "order": np.asfortranarray(RNG.normal(size=(3, 5))),
    "half": RNG.normal(size=6).astype(np.float16),
    "big": RNG.normal(size=4).astype(">f4"),
    "flags": np.array([True, False]),
    "none": np.zeros((0, 3), np.float32),
}


def written(folder: Path, data: bytes) -> Path:
    (folder / "model.pkl").write_bytes(data)
    return folder / "model.pkl"


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "held",
    [{"model": MODEL, "__author__": "Detectron2 Model Zoo", "matching_heuristics": True, "iteration": 9, "rate": 0.1, "none": None}, MODEL],
    ids=["zoo", "plain"],
)
def test_arrays_come_over_exactly_whatever_the_protocol(tmp_path, held, protocol):
    path = written(tmp_path, dumped(held, protocol))
    assert convert_to_safetensors(path, tmp_path / "out.safetensors") == len(MODEL)
    found = load_file(tmp_path / "out.safetensors")
    for name, value in MODEL.items():
        assert (
            found[name].dtype == value.dtype.newbyteorder("=") and found[name].shape == value.shape and np.array_equal(found[name], value)
        ), name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.pkl", "out.safetensors"]


def test_numbers_and_ordered_dicts_are_read(tmp_path):
    held = {"model": OrderedDict(MODEL), "epoch": np.float64(1.5), "args": [("lr", 0.1), {"steps": (1, 2, 3)}]}
    assert set(read_arrays(written(tmp_path, dumped(held)))) == set(MODEL)


def test_arrays_that_python_2_wrote_are_read(tmp_path):
    numbers = struct.pack("<3f", 1, 2, 3)
    data = (
        b"(dS'w'\ncnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I3\ntcnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\n"
        b"tbI00\nU" + bytes([len(numbers)]) + numbers + b"tbs."
    )
    assert np.array_equal(read_arrays(written(tmp_path, data))["w"], np.float32([1, 2, 3]))


class Trap:
    """Unpickling this calls what it was made with."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_call_something_is_refused_by_its_name_and_calls_nothing(tmp_path, protocol):
    trap = tmp_path / "sprung"
    for call, name in (((open, str(trap), "w"), "open"), ((os.system, f"touch {trap}"), "system"), ((os.mkdir, str(trap)), "mkdir")):
        for held in (Trap(*call), {"model": MODEL | {"x": Trap(*call)}}, [MODEL, Trap(*call)]):
            with pytest.raises(ModelSourceError, match=f"would call .*{name} and is not read"):
                convert_to_safetensors(written(tmp_path, dumped(held, protocol)), tmp_path / "out.safetensors")
    assert not trap.exists() and not (tmp_path / "out.safetensors").exists()


class Thing:
    """An object of a class of one's own."""


@pytest.mark.parametrize(
    "data, words",
    [
        (dumped(Thing()), "would call"),
        (dumped({1, 2}, 4), "more than arrays"),
        (dumped(print), "would call .*print"),
        (b"(S'echo'\ni__main__\nThing\n.", "more than arrays"),
        (b"Pid\n.", "more than arrays"),
        (b"\x82\x01.", "more than arrays"),
        (b"cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR.", "damaged or of another kind"),
        (b"cnumpy\nload\n.", "would call numpy.load"),
        (b"c_codecs\nencode\n(S'x'\nS'rot13'\ntR.", "damaged"),
        (b"no pickle", "damaged"),
        (b"", "damaged"),
        (b".", "damaged"),
        (dumped({"model": MODEL})[:200], "damaged"),
        (dumped({"a": 1}), "no named arrays"),
        (dumped([1, 2]), "no named arrays"),
        (dumped({"model": {"objects": np.array([{}, None])}}), "damaged"),
        (dumped({"model": {"records": np.zeros(2, [("a", "f4")])}}), "damaged"),
        (dumped({"model": {"text": np.array(["a"])}}), "damaged"),
        (b"]q\x00h\x00a.", "no named arrays"),
        (b"}q\x00X\x05\x00\x00\x00modelh\x00s.", "no named arrays"),
        (b"cnumpy\nndarray\n)R.", "damaged"),
    ],
)
def test_what_is_no_file_of_plain_arrays_is_refused_in_a_sentence(tmp_path, data, words):
    with pytest.raises(ModelSourceError, match=words) as error:
        read_arrays(written(tmp_path, data))
    assert "\n" not in str(error.value)


def test_the_shell_converts_and_says_how_much(tmp_path):
    path = written(tmp_path, dumped({"model": MODEL}))

    def shell(*given):
        return subprocess.run(
            [sys.executable, "-m", "grounding", "convert-weights", *map(str, given)], capture_output=True, text=True, cwd=ROOT
        )

    done = shell(path, tmp_path / "out.safetensors")
    assert done.returncode == 0 and f"{len(MODEL)} tensors in" in done.stdout
    for given, out, words in ((path, "out.bin", "written as .safetensors"), (tmp_path / "gone.pkl", "x.safetensors", "there is no file")):
        failed = shell(given, tmp_path / out)
        assert failed.returncode == 1 and words in failed.stderr and "Traceback" not in failed.stderr


def test_dicts_that_hold_each_other_many_times_are_not_copied(tmp_path):
    nested = {"x": 1}
    for _ in range(60):  # 2 to the power of 60, were each copied
        nested = {"a": nested, "b": nested}
    held = {"model": {"weight": np.ones(3, np.float32)}, "history": nested}
    assert list(read_arrays(written(tmp_path, dumped(held)))) == ["weight"]


def test_a_small_file_cannot_ask_for_much_memory(tmp_path):
    array = np.ones(50_000, np.float32)
    many = {f"name {row}": array for row in range(2000)}
    with pytest.raises(ModelSourceError, match="so often"):
        read_arrays(written(tmp_path, dumped(many)))

    class Zeros:  # the state of an array with a number where its bytes belong
        def __reduce__(self):
            make, given, state = np.ones(1).__reduce__()
            return make, given, (1, (1 << 36,), np.dtype("u1"), False, 1 << 36)

    with pytest.raises(ModelSourceError, match="damaged"):
        read_arrays(written(tmp_path, dumped({"weight": Zeros()})))
