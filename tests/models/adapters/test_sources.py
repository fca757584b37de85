"""Where models of other people come from: how it is written, and what is said when one cannot be had."""

import json
import shutil
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from grounding.models.adapters.florence import Florence
from grounding.models.adapters.grounding_dino import GroundingDino
from grounding.models.adapters.owl import Owl
from grounding.models.adapters.source import ModelSource, ModelSourceError
from grounding.models.adapters.transformers_detect import TransformersDetector
from grounding.models.adapters.zero_shot import ZeroShotGrounder
from tests.models import tiny


def test_a_source_is_written_as_it_is_read():
    for text in ("google/owlvit-base-patch32", "/models/a, b/c", "facebook/detr-resnet-50,revision=no_timm", "x/y,device=cuda,score=0.3",
                 "fasterrcnn_resnet50_fpn_v2,weights=/w/own.pth,labels=/w/names.txt"):
        assert str(ModelSource.parse(text)) == text
    source = ModelSource.parse(" conf.yaml, weights=a=b.pth ,device=cuda:1")
    assert (source.model, source.weights, source.device) == ("conf.yaml", "a=b.pth", "cuda:1")


@pytest.mark.parametrize("text", ["x,colour=red", "x,device=", "x,device=cpu,device=cuda", "x,score=much", "x,score=1.5"])
def test_an_option_nobody_knows_is_refused(text):
    with pytest.raises(ModelSourceError):
        ModelSource.parse(text)


def copy(folder, place):
    shutil.copytree(folder, place)
    return place


def refused(adapter, source) -> str:
    """The sentence it is refused with; one line that ends nowhere in the middle."""
    with pytest.raises(ModelSourceError) as error:
        adapter(source)
    assert "\n" not in str(error.value) and "Traceback" not in str(error.value)
    return str(error.value)


def test_a_folder_that_does_not_hold_the_model_is_refused_with_the_cure(tmp_path):
    assert "no folder" in refused(Owl, ModelSource(str(tmp_path / "gone")))
    assert "no folder" in refused(Owl, ModelSource("owl"))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "config.json" in refused(Owl, ModelSource(str(empty)))
    pickled = copy(tiny.owlvit(), tmp_path / "pickled")
    torch.save(load_file(pickled / "model.safetensors"), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    assert "safetensors" in refused(Owl, ModelSource(str(pickled)))
    assert "holds a detr model" in refused(Owl, ModelSource(str(tiny.detr())))
    nameless = copy(tiny.owlvit(), tmp_path / "nameless")
    (nameless / "config.json").write_text("{}")
    assert "which kind" in refused(Owl, ModelSource(str(nameless)))


def test_weights_that_are_damaged_or_of_another_shape_are_refused(tmp_path):
    half = copy(tiny.owlvit(), tmp_path / "half")
    whole = (half / "model.safetensors").read_bytes()
    (half / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    assert "cannot be loaded" in refused(Owl, ModelSource(str(half)))
    lacking = copy(tiny.detr(), tmp_path / "lacking")
    tensors = load_file(lacking / "model.safetensors")
    del tensors["class_labels_classifier.weight"]
    save_file(tensors, lacking / "model.safetensors", metadata={"format": "pt"})
    assert "1 of its tensors" in refused(TransformersDetector, ModelSource(str(lacking)))
    wider = copy(tiny.detr(), tmp_path / "wider")
    config = json.loads((wider / "config.json").read_text())
    (wider / "config.json").write_text(json.dumps(config | {"id2label": {str(n): str(n) for n in range(9)}, "label2id": {}}))
    assert any(words in refused(TransformersDetector, ModelSource(str(wider))) for words in ("do not fit", "cannot be loaded"))


def test_code_of_a_repository_is_never_run(tmp_path):
    strange = copy(tiny.detr(), tmp_path / "strange")
    config = json.loads((strange / "config.json").read_text())
    config |= {"model_type": "home_made", "auto_map": {"AutoConfig": "own.Config", "AutoModelForObjectDetection": "own.Model"}}
    (strange / "config.json").write_text(json.dumps(config))
    (strange / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    refused(TransformersDetector, ModelSource(str(strange)))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "name, adapter",
    [("owlvit", Owl), ("owlv2", Owl), ("grounding_dino", GroundingDino), ("omdet", ZeroShotGrounder), ("florence", Florence)],
)
def test_a_folder_without_a_whole_tokenizer_is_refused(name, adapter, tmp_path):
    folder = copy(getattr(tiny, name)(), tmp_path / "folder")
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer" in refused(adapter, ModelSource(str(folder)))
    (folder / "vocab.json").write_text('{"a": 0}')  # without its merges it would spell phrases letter by letter
    assert "has no tokenizer" in refused(adapter, ModelSource(str(folder)))


@pytest.mark.parametrize("name, adapter, file", [("owlvit", Owl, "processor_config.json"), ("florence", Florence, "processor_config.json"),
                                                 ("detr", TransformersDetector, "preprocessor_config.json")])
def test_a_folder_that_does_not_say_how_pixels_are_prepared_is_refused(name, adapter, file, tmp_path):
    folder = copy(getattr(tiny, name)(), tmp_path / "folder")
    (folder / file).write_text("{}")
    (folder / file).rename(folder / "processor_config.json")
    assert "how pixels are prepared" in refused(adapter, ModelSource(str(folder)))


def test_a_tokenizer_that_reads_every_phrase_alike_is_refused(tmp_path):
    folder = copy(tiny.grounding_dino(), tmp_path / "folder")
    told = json.loads((folder / "tokenizer.json").read_text())
    told["model"]["vocab"] = {word: number for word, number in told["model"]["vocab"].items() if word.startswith("[")}
    (folder / "tokenizer.json").write_text(json.dumps(told))
    assert "reads every phrase alike" in refused(GroundingDino, ModelSource(str(folder)))


def test_a_tokenizer_without_places_is_none_for_florence(tmp_path):
    folder = copy(tiny.florence(), tmp_path / "folder")
    told = json.loads((folder / "tokenizer.json").read_text())
    told["added_tokens"] = [token for token in told["added_tokens"] if not token["content"].startswith("<loc_")]
    (folder / "tokenizer.json").write_text(json.dumps(told))
    assert "no words for places" in refused(Florence, ModelSource(str(folder)))


def test_a_device_that_is_not_there_is_said():
    assert "a device is" in refused(Owl, ModelSource(str(tiny.owlvit()), device="tpu"))
    if not torch.cuda.is_available():
        assert "no cuda" in refused(Owl, ModelSource(str(tiny.owlvit()), device="cuda"))


def test_without_a_network_the_command_that_fetches_the_model_is_told(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    sentence = refused(GroundingDino, ModelSource("IDEA-Research/not-a-model", revision="abc123"))
    assert "hf download IDEA-Research/not-a-model --revision abc123 --local-dir FOLDER" in sentence and "HF_HUB_OFFLINE" in sentence


def test_the_version_changes_with_the_weights(tmp_path):
    other = copy(tiny.owlvit(), tmp_path / "other")
    tensors = load_file(other / "model.safetensors")
    name = sorted(tensors)[0]
    save_file(tensors | {name: tensors[name] + 1}, other / "model.safetensors", metadata={"format": "pt"})
    first, second = Owl(ModelSource(str(tiny.owlvit()))), Owl(ModelSource(str(other)))
    assert first.version != second.version and first.version.startswith("owl@")


def test_the_version_changes_with_whatever_changes_an_answer(tmp_path):
    plain = ModelSource(str(tiny.detr()))
    larger = copy(tiny.detr(), tmp_path / "larger")
    (larger / "preprocessor_config.json").write_text((larger / "preprocessor_config.json").read_text().replace("64", "80"))
    renamed = copy(tiny.detr(), tmp_path / "renamed")
    (renamed / "config.json").write_text((renamed / "config.json").read_text().replace("sofa", "settee"))
    (tmp_path / "names.txt").write_text("a\nb\nc\nd\n")
    others = [plain, replace(plain, score=0.1), replace(plain, precision="bfloat16"), replace(plain, labels=str(tmp_path / "names.txt")),
              replace(plain, model=str(larger)), replace(plain, model=str(renamed))]
    versions = [TransformersDetector(source).version for source in others]
    assert len(set(versions)) == len(others) and TransformersDetector(replace(plain, device="cpu")).version == versions[0]
    assert Owl(ModelSource(str(tiny.owlvit()), score=0.2)).version != Owl(ModelSource(str(tiny.owlvit()))).version
