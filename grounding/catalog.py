"""The menu: every model that can be chosen, by its name, and one Seam a family of models. Data; nothing is loaded here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from grounding import protocols

# the names the embedded detector knows, offered to a new project
from grounding.models.detection.ssd import CLASS_NAMES as CLASSES  # noqa: F401

HERE = Path(__file__).resolve().parent
# from a wheel, which keeps app.py and assets/ inside the package; a checkout has them beside it
INSTALLED = (HERE / "app.py").exists()
ASSETS = (HERE if INSTALLED else HERE.parent) / "assets"


@dataclass(frozen=True)
class ModelEntry:
    """What a person should know before choosing: title, licence, size of the weights, a note; `build(make)` builds it, where
    `make(seam, name)` gives the other models that it needs (`model_cache.make`).

    For external models `argument_hint` tells what is named behind the colon (NAME:...), and `default_argument` is taken where nothing is;
    their `build` gets that text as its second argument.
    """

    build: Callable[..., Any]
    title: str
    licence: str
    size_mb: float
    note: str
    card_file: str = ""
    argument_hint: str = ""
    default_argument: str = ""

    @property
    def card(self) -> str:
        """The text of its model card, if it has one."""
        path = ASSETS / self.card_file
        return path.read_text("utf8") if self.card_file and path.is_file() else ""


Make = Callable[[str, str], Any]  # (seam, name) to a model


def _builder(module: str, name: str) -> Callable[[Make], Any]:
    """Builds a model without settings; its module is imported only then."""
    return lambda make: getattr(import_module(module), name)()


def _card_builder(module: str, name: str, card: str) -> Callable[[Make], Any]:
    """Builds a model from the model card `card` of the assets and the vision backbone that its weights need."""
    return lambda make: getattr(import_module(module), name)(ASSETS / f"{card}.json", partial(make, "backbone", ""))


def _adapter_builder(module: str, name: str) -> Callable[[Make, str], Any]:
    """Builds an external model from what a person wrote behind its colon."""
    def build(make: Make, text: str) -> Any:
        from grounding.models.adapters.source import ModelSource

        return getattr(import_module(f"grounding.models.adapters.{module}"), name)(ModelSource.parse(text))
    return build


def _per_label_detector_builder(name: str) -> Callable[[Make, str], Any]:
    """Builds a detector that asks this grounder of the menu for each name; the two share the weights."""
    def build(make: Make, text: str) -> Any:
        from grounding.models.adapters.labels import read_class_names
        from grounding.models.adapters.named import OpenVocabularyDetector
        from grounding.models.adapters.source import ModelSource

        source = ModelSource.parse(text)
        # a file that does not serve is said before anything is loaded
        names = read_class_names(source.labels) if source.labels else ()
        return OpenVocabularyDetector(make("grounder", f"{name}:{replace(source, labels='')}"), names)
    return build


HUB = "a folder, or an id of the Hugging Face hub"
BY_CONFIG = "Whatever its configuration names; some seconds a photo."
_grounder = partial(_card_builder, "grounding.models.grounding.cross_attention", "CrossAttentionGrounder")
_dino, _owl = _adapter_builder("grounding_dino", "GroundingDino"), _adapter_builder("owl", "Owl")
_florence, _detr = _adapter_builder("florence", "Florence"), _adapter_builder("transformers_detect", "TransformersDetector")

DETECTORS = {
    "ssd": ModelEntry(_builder("grounding.models.detection.ssd", "SSD"), "SSD MobileNet v2 (COCO, 80 classes)", "Apache-2.0", 70,
                 "Finds 80 everyday things in about a tenth of a second a photo on two cores."),
    "d-fine": ModelEntry(
        _detr, "D-FINE small (COCO, 80 classes)", "Apache-2.0", 41,
        "Finds small things too; about a second a photo on two cores (an estimate).", argument_hint=HUB,
        default_argument="ustc-community/dfine-small-coco",
    ),
    "rt-detr": ModelEntry(
        _detr, "RT-DETR R18 (COCO, 80 classes)", "Apache-2.0", 81,
        "Finds small things too; about a second a photo on two cores (an estimate).", argument_hint=HUB,
        default_argument="PekingU/rtdetr_r18vd",
    ),
    "detr": ModelEntry(
        _detr, "DETR ResNet-50 (COCO, 91 classes)", "Apache-2.0", 166,
        "About 3 seconds a photo on two cores (an estimate).", argument_hint=HUB,
        default_argument="facebook/detr-resnet-50,revision=no_timm",
    ),
    "transformers": ModelEntry(
        _detr, "Any detector of transformers", "That of the model", 0,
        "Yours, or one of the hub: YOLOS, Deformable DETR, ...", argument_hint=HUB,
    ),
    "florence": ModelEntry(_florence, "Florence-2 base, everything it names", "MIT", 464,
                      "Names things in its own words; about 10 seconds a photo on two cores (an estimate).", argument_hint=HUB,
                      default_argument="florence-community/Florence-2-base"),
    "owlv2": ModelEntry(
        _per_label_detector_builder("owlv2"), "OWLv2 base, for your own labels", "Apache-2.0", 620,
        "Looks for each label of the project by its name; about 5 seconds a photo on two cores (an estimate), little more for many labels.",
        argument_hint=HUB, default_argument="google/owlv2-base-patch16-ensemble",
    ),
    "owl-vit": ModelEntry(
        _per_label_detector_builder("owl-vit"), "OWL-ViT base/32, for your own labels", "Apache-2.0", 613,
        "Looks for each label of the project by its name; about a second a photo on two cores (an estimate).",
        argument_hint=HUB, default_argument="google/owlvit-base-patch32",
    ),
    "grounding-dino": ModelEntry(
        _per_label_detector_builder("grounding-dino"), "Grounding DINO tiny, for your own labels", "Apache-2.0", 689,
        "Looks for each label of the project by its name; some 5 seconds for each on two cores (an estimate).",
        argument_hint=HUB, default_argument="IDEA-Research/grounding-dino-tiny",
    ),
    "torchvision": ModelEntry(
        _adapter_builder("torchvision_detect", "TorchvisionDetector"),
        "Detectors of torchvision (Faster R-CNN, RetinaNet, SSD, ...)", "BSD-3", 167,
        "Faster R-CNN takes about 4 seconds a photo on two cores (an estimate). Needs: pip install -r requirements-models.txt",
        argument_hint="an architecture of torchvision; ,weights=FILE and ,labels=FILE for yours",
        default_argument="fasterrcnn_resnet50_fpn_v2",
    ),
    "detectron2": ModelEntry(
        _adapter_builder("detectron2.detector", "Detectron2Detector"), "Detectors of Detectron2", "That of the model",
        0, BY_CONFIG + " Needs: pip install --no-build-isolation -r requirements-detectron2.txt",
        argument_hint="CONFIG.yaml,weights=FILE",
    ),
}
GROUNDERS = {
    "default": ModelEntry(
        _grounder("grounder-default"), "Deixis grounder", "Non-commercial research and education (its training photos)",
        6.6, "Finds what a phrase means. Learned from people's phrases and from pseudo queries.", "grounder-default.md",
    ),
    "fast": ModelEntry(
        _grounder("grounder-fast"), "Deixis grounder, fast",
        "Non-commercial research and education (its training photos)", 2.5,
        "A third of the size and quicker to ask, nearly as often right; weaker at telling left from right.",
        "grounder-fast.md",
    ),
    "pseudo": ModelEntry(_grounder("grounder-pseudo"), "Deixis grounder, pseudo queries only",
                    "Non-commercial research and education (its training photos)", 6.6,
                    "Learned without a single human phrase or box.", "grounder-pseudo.md"),
    "grounding-dino": ModelEntry(_dino, "Grounding DINO tiny", "Apache-2.0", 689,
                            "Finds almost anything; some 5 seconds for each phrase on two cores (an estimate).", argument_hint=HUB,
                            default_argument="IDEA-Research/grounding-dino-tiny"),
    "owlv2": ModelEntry(
        _owl, "OWLv2 base, ensemble", "Apache-2.0", 620,
        "Names of things rather than relations; about 5 seconds a photo on two cores (an estimate), then phrases are quick.",
        argument_hint=HUB, default_argument="google/owlv2-base-patch16-ensemble",
    ),
    "owl-vit": ModelEntry(
        _owl, "OWL-ViT base/32", "Apache-2.0", 613,
        "Names of things rather than relations; about a second a photo on two cores (an estimate), then phrases are quick.",
        argument_hint=HUB, default_argument="google/owlvit-base-patch32",
    ),
    "florence": ModelEntry(_florence, "Florence-2 base", "MIT", 464,
                      "Writes where a phrase lies; about 3 seconds a photo and 2 a phrase on two cores (an estimate).", argument_hint=HUB,
                      default_argument="florence-community/Florence-2-base"),
    "zero-shot": ModelEntry(
        _adapter_builder("zero_shot", "ZeroShotGrounder"), "Any zero-shot detector of transformers (OmDet-Turbo, ...)",
        "That of the model", 460, "Every phrase is a whole pass over the photo. OmDet-Turbo needs: pip install timm",
        argument_hint=HUB, default_argument="omlab/omdet-turbo-swin-tiny-hf",
    ),
}
TRACKERS = {
    "motion": ModelEntry(_builder("grounding.models.tracking.motion_tracker", "MotionTracker"), "Motion and overlap", "Apache-2.0", 0,
                    "Links detections by steady motion, overlap and class; no network."),
    "learned": ModelEntry(
        lambda make: import_module("grounding.models.tracking.learned_tracker").LearnedTracker(ASSETS / "captioner.json"),
        "Learned association", "Non-commercial research and education (its training photos)", 5.2,
        "A network links what looks, moves and is placed alike, also after a gap; made for look-alikes that "
        "cross. Shares the captioner's weights.",
        "captioner.md",
    ),
}
FOLLOWERS = {
    "box": ModelEntry(
        _builder("grounding.models.tracking.box_follower", "BoxFollower"), "Box follower", "Apache-2.0", 0,
        "Follows one thing that a person showed by a box: a correlation filter, colours and the detector's "
        "proposals; no network of its own.",
    ),
}
CAPTIONERS = {
    "default": ModelEntry(
        _card_builder("grounding.models.captioning.prefix", "PrefixCaptioner", "captioner"), "Deixis captioner",
        "Non-commercial research and education (its training photos)", 5.2,
        "Says in a short sentence what is in a box, under a click or in a track; each word points.", "captioner.md",
    ),
}
GENERATORS = {
    "pseudo": ModelEntry(lambda make: import_module("pseudo_query").generate, "Pseudo queries", "Apache-2.0", 0,
                    "English phrases for detected things: name, colour, place among the others."),
}
BACKBONES = {
    "default": ModelEntry(lambda make: import_module("grounding.models.embedding.backbone").VisionBackbone(make("detector", "ssd")),
                     "SSD MobileNet v2, EfficientNet-Lite0 and colours", "Apache-2.0", 83,
                     "The feature maps that the embedded grounders, captioner and tracker read."),
}


@dataclass(frozen=True)
class Seam:
    """A family of models behind one protocol. `noun`: what a member is called, for people; `title`: what it does; `menu`: its
    members, the first is what ships; `choosable`: a project may choose another; `listed`: its members stand on the page."""

    name: str
    noun: str
    title: str
    menu: Mapping[str, ModelEntry]
    protocol: type
    choosable: bool = False
    listed: bool = True


SEAMS = {seam.name: seam for seam in (
    Seam("detector", "detector", "Finds things", DETECTORS, protocols.Detector, choosable=True),
    Seam("grounder", "grounder", "Finds what a phrase means", GROUNDERS, protocols.Grounder, choosable=True),
    Seam("tracker", "tracker", "Follows things through a video", TRACKERS, protocols.Tracker, choosable=True),
    Seam("follower", "box follower", "Follows one box", FOLLOWERS, protocols.BoxFollower),
    Seam("captioner", "captioner", "Describes", CAPTIONERS, protocols.Captioner),
    Seam("generator", "generator of phrases", "Writes phrases", GENERATORS, protocols.QueryGenerator, listed=False),
    Seam("backbone", "vision backbone", "Computes feature maps", BACKBONES, protocols.Backbone, listed=False),
)}  # fmt: skip
CHOOSABLE = tuple(seam.name for seam in SEAMS.values() if seam.choosable)


def builtin_names(seam: str) -> list[str]:
    """The names of the models that come with Deixis; the others have to be brought."""
    return [name for name, entry in SEAMS[seam].menu.items() if not entry.argument_hint]
