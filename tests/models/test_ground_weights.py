"""Damaged, truncated and foreign weights are refused with a message before they are used."""

import json
import shutil

import pytest

from grounding import catalog
from grounding.models.grounding.cross_attention import CrossAttentionGrounder
from grounding.nn.files.storage import load_network
from grounding.nn.files.weights import WeightsError, verify_sha256
from grounding.nn.grounding.network import build_grounder


@pytest.fixture
def pair(tmp_path):
    for suffix in (".json", ".safetensors"):
        shutil.copy(catalog.ASSETS / f"grounder-default{suffix}", tmp_path / f"grounder-default{suffix}")
    return tmp_path / "grounder-default.json"


def test_intact_weights_load_and_are_small(pair):
    net, card = load_network(pair, build_grounder)
    assert card["names"][0] == "person"
    assert pair.with_suffix(".safetensors").stat().st_size < 10_000_000
    assert not net.training


def test_a_truncated_file_is_refused_by_name(pair):
    weights = pair.with_suffix(".safetensors")
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    with pytest.raises(WeightsError, match="grounder-default.safetensors is damaged or cut short"):
        load_network(pair, build_grounder)


def test_one_changed_byte_is_detected(pair):
    weights = pair.with_suffix(".safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(WeightsError, match="sha256"):
        load_network(pair, build_grounder)


def test_a_missing_file_and_a_damaged_card_are_refused_by_name(pair):
    pair.with_suffix(".safetensors").unlink()
    with pytest.raises(WeightsError, match="missing"):
        load_network(pair, build_grounder)
    pair.write_text("{")
    with pytest.raises(WeightsError, match="not the model card of a grounder"):
        CrossAttentionGrounder(pair)
    with pytest.raises(WeightsError, match="no grounder"):
        CrossAttentionGrounder(pair.with_name("nothing.json"))


def test_weights_for_another_backbone_are_refused(pair):
    import numpy as np

    from grounding.data import Query
    from grounding.data.media import Image

    card = json.loads(pair.read_text())
    pair.write_text(json.dumps(card | {"eyes": "some-net@12345678"}))
    with pytest.raises(WeightsError, match="some-net@12345678"):
        CrossAttentionGrounder(pair).ground(Image(np.zeros((9, 9, 3), np.uint8)), Query("dog"))


def test_a_file_with_another_sha256_is_refused(tmp_path):
    path = tmp_path / "net.pb"
    path.write_bytes(b"not the network")
    with pytest.raises(WeightsError, match="damaged or another version"):
        verify_sha256(path, "0" * 64)
    with pytest.raises(WeightsError, match="missing"):
        verify_sha256(tmp_path / "none.pb", "0" * 64)
