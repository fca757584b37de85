"""Weights saved before version 0.4 load under the current parameter names."""

import json

import pytest
from safetensors import safe_open

from grounding import catalog
from grounding.nn.captioning.network import CaptionerConfig, CaptionerNet
from grounding.nn.files.legacy_names import current_config, current_key
from grounding.nn.grounding.network import GroundingConfig, GroundingNet

NETWORKS = {
    "grounder-default": (GroundingNet, GroundingConfig),
    "grounder-fast": (GroundingNet, GroundingConfig),
    "captioner": (CaptionerNet, CaptionerConfig),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_stored_tensor_matches_a_parameter_of_the_current_network(name):
    build, config = NETWORKS[name]
    fields = current_config(json.loads((catalog.ASSETS / f"{name}.json").read_text())["shape"])
    fields |= {"levels": tuple(map(tuple, fields["levels"]))} if "levels" in fields else {}
    with safe_open(catalog.ASSETS / f"{name}.safetensors", "pt") as file:
        stored = {current_key(key): file.get_slice(key).get_shape() for key in file.keys()}
    assert stored == {key: list(value.shape) for key, value in build(config(**fields)).state_dict().items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_current_names_stay(name):
    build, config = NETWORKS[name]
    for key in build(config()).state_dict():
        assert current_key(key) == key
    fields = config.__dataclass_fields__
    assert list(current_config(fields)) == list(fields)
