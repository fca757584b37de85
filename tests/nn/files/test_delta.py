"""A delta comes back as it was saved, with its settings, and only on the host that it was learned on."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from grounding.nn.files.delta import host_hash, load_delta, save_delta
from grounding.nn.files.storage import load_tensors, save_tensors
from grounding.nn.files.weights import WeightsError
from grounding.nn.sites import graft


@dataclass(frozen=True)
class Settings:
    rank: int = 4
    at: tuple[str, ...] = ("0", "2")


def host(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def test_tensors_of_any_type_come_back_bit_for_bit_with_settings_and_facts(tmp_path):
    tensors = {
        "a": torch.randn(2, 3),
        "b": torch.arange(3),
        "c": torch.randn(4, 2).half().mT,
        "empty": torch.zeros(0, 2),
    }
    path = save_tensors(tmp_path / "x.safetensors", tensors, Settings(), made_by="test")
    found, settings, facts = load_tensors(path)
    assert found.keys() == tensors.keys()
    assert all(
        torch.equal(found[name], tensor) and found[name].dtype == tensor.dtype for name, tensor in tensors.items()
    )
    assert settings == {"rank": 4, "at": ["0", "2"]} and facts == {"made_by": "test"}


def test_a_damaged_or_missing_file_is_refused_in_a_sentence(tmp_path):
    path = save_tensors(tmp_path / "x.safetensors", {"a": torch.ones(9)}, {})
    path.write_bytes(path.read_bytes()[:-8])
    for wrong in (path, tmp_path / "none.safetensors"):
        with pytest.raises(WeightsError, match=f"{wrong.name} cannot be read as tensors with their settings"):
            load_tensors(wrong)


def test_a_delta_on_another_host_is_refused_in_a_sentence(tmp_path):
    path = save_delta(tmp_path / "d.safetensors", {"0.offset": torch.ones(4)}, Settings(), host())
    weights, settings = load_delta(path, host())
    assert weights["0.offset"].tolist() == [1.0] * 4 and settings["rank"] == 4
    with pytest.raises(WeightsError, match="d.safetensors was learned on another host"):
        load_delta(path, host(1))
    with pytest.raises(WeightsError, match="another host"):
        load_delta(save_tensors(path, {}, {}), host())


def test_the_hash_is_of_the_host_without_its_grafts_and_sees_every_number():
    net = host()
    plain = host_hash(net)
    added = graft(net, "*", lambda name, module: nn.Sequential(module, nn.PReLU()))
    assert host_hash(net) == plain == host_hash(host())
    added.remove()
    net[1].running_mean[2] += 1e-3
    assert host_hash(net) != plain
    assert host_hash(host().half()) != plain and host_hash(host().half()) == host_hash(host().half().float())
