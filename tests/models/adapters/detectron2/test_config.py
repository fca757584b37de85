"""Configurations of Detectron2 are data: no address in them is followed, no expression but plain arithmetic is read,
and every fault is a sentence."""

import socket

import pytest
import torch

from grounding.models.adapters.detectron2 import arithmetic
from grounding.models.adapters.detectron2.config import load_config
from grounding.models.adapters.detectron2.detector import Detectron2Detector
from grounding.models.adapters.source import ModelSource, ModelSourceError
from tests.models.adapters.detectron2 import standin
from tests.models.adapters.detectron2.test_detector import KNOWN, REAL, package  # noqa: F401

SIZES = "[[x, x * 2**(1.0/3), x * 2**(2.0/3) ] for x in [32, 64, 128, 256, 512 ]]"


@pytest.fixture(autouse=True)
def nothing_is_fetched(package, monkeypatch):  # noqa: F811
    """No test of this file opens a connection, or makes Detectron2 try."""
    tried = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: tried.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *where, **_: tried.append(where))
    standin.FETCHED.clear()
    yield
    assert tried == [] == standin.FETCHED


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def refused(name) -> str:
    with pytest.raises(ModelSourceError) as error:
        load_config(name)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:9/x.yaml",
        "https://example.org/x.yaml",
        "HTTPS://example.org/x.yaml",
        "detectron2://x.yaml",
        "catalog://x/y",
        "ftp://x/y.yaml",
        "file:///etc/hostname",
        "manifold://a/b",
        " http://127.0.0.1:9/x.yaml",
        "[local.yaml, http://127.0.0.1:9/x.yaml]",
    ],
)
def test_a_base_at_an_address_is_refused_and_not_fetched(tmp_path, base):
    write(tmp_path, "local.yaml", "VERSION: 2\n")
    text = base if base.startswith("[") else repr(base)
    assert "nothing is fetched here" in refused(write(tmp_path, "own.yaml", f"_BASE_: {text}\n"))
    write(tmp_path, "middle.yaml", f"_BASE_: {text}\n")
    assert "nothing is fetched here" in refused(write(tmp_path, "above.yaml", "_BASE_: middle.yaml\n"))


def test_a_configuration_at_an_address_is_refused():
    assert "nothing is fetched here" in refused("http://127.0.0.1:9/x.yaml")
    assert "nothing is fetched here" in refused("detectron2://x.yaml")


def test_bases_that_are_files_are_followed_wherever_they_lie(tmp_path):
    write(tmp_path, "far/base.yaml", "MODEL: {MASK_ON: true, ROI_HEADS: {NUM_CLASSES: 5}}\nDATASETS: {TEST: [a]}\n")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "far" / "base.yaml")
    write(tmp_path, "near/middle.yaml", "_BASE_: ../far/base.yaml\nMODEL: {ROI_HEADS: {NUM_CLASSES: 4}}\n")
    cfg = load_config(write(tmp_path, "own.yaml", "_BASE_: near/middle.yaml\nINPUT: {FORMAT: RGB}\n"))
    assert cfg.MODEL.MASK_ON and cfg.MODEL.ROI_HEADS.NUM_CLASSES == 4 and cfg.INPUT.FORMAT == "RGB"
    assert load_config(write(tmp_path, "by_link.yaml", "_BASE_: link.yaml\n")).MODEL.ROI_HEADS.NUM_CLASSES == 5
    assert load_config(write(tmp_path, "absolute.yaml", f"_BASE_: {tmp_path / 'far' / 'base.yaml'}\n")).MODEL.MASK_ON


def test_addresses_elsewhere_are_emptied_so_that_nothing_can_follow_them(tmp_path):
    text = "OUTPUT_DIR: https://example.org/out\nDATASETS: {TRAIN: ['http://127.0.0.1:9/a', farm]}\nMODEL: {WEIGHTS: 'detectron2://ImageNetPretrained/MSRA/R-50.pkl'}\n"
    path = write(tmp_path, "own.yaml", text)
    cfg = load_config(path)
    assert cfg.OUTPUT_DIR == "" and list(cfg.DATASETS.TRAIN) == ["farm"]
    with pytest.raises(ModelSourceError, match="weights=FILE.*detectron2://ImageNetPretrained/MSRA/R-50.pkl, and nothing is fetched"):
        Detectron2Detector(ModelSource(path))
    with pytest.raises(ModelSourceError, match="no file of weights"):
        Detectron2Detector(ModelSource(path, weights="https://example.org/model.pth"))


@pytest.mark.skipif(REAL, reason="the network whose weights are its answers is part of the stand-in")
def test_the_weights_a_configuration_asks_for_elsewhere_do_not_matter_where_a_file_is_named(tmp_path):
    torch.save(KNOWN, tmp_path / "own.pth")
    path = write(tmp_path, "own.yaml", "MODEL: {WEIGHTS: 'https://example.org/x.pkl'}\n")
    assert Detectron2Detector(ModelSource(path, weights=str(tmp_path / "own.pth")))._predictor.cfg.MODEL.WEIGHTS == ""


@pytest.mark.parametrize(
    "text, words",
    [
        ("_BASE_: own.yaml\n", "a base of itself"),
        ("_BASE_: gone.yaml\n", "is missing"),
        ("_BASE_: {a: 1}\n", "nothing is fetched"),
        ("- 1\n- 2\n", "is no configuration"),
        ("", "is no configuration"),
        ("MODEL: [\n", "cannot be read as data"),
        ("MODEL: !!python/name:os.system\n", "cannot be read as data"),
        ("MODEL: !!python/object/new:os.system [ls]\n", "cannot be read as data"),
        ("INPUT: {FORMAT: !!python/tuple [1]}\n", "cannot be read as data"),
        ("MODEL: !!python/object/apply:os.system ['touch ran']\n", "cannot be read as data"),
        ("VERSION: two\nNO_KEY: 1\n", "cannot be read by Detectron2"),
        ("MODEL: " + "[" * 3000 + "]" * 3000, "cannot be read as data|is no configuration"),
        (
            "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: "
            "&d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d]\n",
            "at most",
        ),
    ],
)
def test_a_file_that_is_no_plain_configuration_is_refused_in_a_sentence(tmp_path, monkeypatch, text, words):
    import re

    monkeypatch.chdir(tmp_path)
    assert re.search(words, refused(write(tmp_path, "own.yaml", text))) and not (tmp_path / "ran").exists()


def test_the_anchor_sizes_of_the_zoos_retinanets_are_read(tmp_path):
    write(
        tmp_path,
        "Base-RetinaNet.yaml",
        f'MODEL:\n  META_ARCHITECTURE: "RetinaNet"\n  ANCHOR_GENERATOR:\n    SIZES:\n      !!python/object/apply:eval [\n'
        f'        "{SIZES}",\n      ]\nVERSION: 2\n',
    )
    cfg = load_config(write(tmp_path, "own.yaml", '_BASE_: "Base-RetinaNet.yaml"\n'))
    assert [[x, x * 2 ** (1.0 / 3), x * 2 ** (2.0 / 3)] for x in [32, 64, 128, 256, 512]] == cfg.MODEL.ANCHOR_GENERATOR.SIZES


@pytest.mark.parametrize(
    "text, value",
    [
        ("1 + 2 * 3", 7),
        ("-(2 ** 0.5)", -(2**0.5)),
        ("[[x, -x] for x in (1, 2.5)]", [[1, -1], [2.5, -2.5]]),
        ("[[x / y for y in [1, 2]] for x in [4]]", [[4.0, 2.0]]),
    ],
)
def test_plain_arithmetic_is_computed(text, value):
    assert arithmetic.evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('ls')",
        "open('x')",
        "().__class__",
        "x",
        "'a' * 9",
        "[x for x in [1] if x]",
        "[x for x in 5]",
        "lambda: 1",
        "{1: 2}",
        "1 if 1 else 2",
        "9 ** 9 ** 9",
        "10 ** 1000",
        "1 / 0",
        "(-1) ** 0.5",
        "True",
        "1j",
        "[[[x for x in y] for y in z] for z in [1]]",
        "[x for x, y in [[1, 2]]]",
        "1 << 5",
        "f'{1}'",
        "[x for x in [1] for y in [1]]",
        "(y := 1)",
        "[1] * 9",
        "1 < 2",
        "",
        "1;2",
        "+".join("1" * 400),
        "2 ** 65",
        "[[[[0 for a in b] for b in c] for c in d] for d in [[[[1] * 9]]]]",
    ],
)
def test_anything_else_is_no_arithmetic(text):
    with pytest.raises(arithmetic.ExpressionError):
        arithmetic.evaluate(text)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:eval [\"__import__('os').getcwd()\"]",
        "!!python/object/apply:eval ['1', {}]",
        "!!python/object/apply:eval {args: ['1']}",
        "!!python/object/apply:eval '1'",
        "!!python/object/apply:builtins.eval ['1']",
        "!!python/object/apply:exec ['1']",
    ],
)
def test_an_expression_that_is_more_than_arithmetic_is_refused_in_a_sentence(tmp_path, tag):
    assert "cannot be read as data" in refused(write(tmp_path, "own.yaml", f"MODEL:\n  ANCHOR_GENERATOR:\n    SIZES: {tag}\n"))
