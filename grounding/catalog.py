"""The menu: every model that can be chosen, by its name. Nothing is loaded before it is asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from grounding.models.detection.ssd import CLASS_NAMES as CLASSES  # the names the embedded detector knows, offered to a new project

HERE = Path(__file__).resolve().parent
# from a wheel, which keeps app.py and assets/ inside the package; a checkout has them beside it
INSTALLED = (HERE / "app.py").exists()
ASSETS = (HERE if INSTALLED else HERE.parent) / "assets"


@dataclass(frozen=True)
class ModelEntry:
    """What a person should know before choosing: title, licence, size of the weights, a note; `make` builds it.

    For external models `argument_hint` tells what is named behind the colon (NAME:...), and `default_argument` is taken where nothing is;
    their `make` gets that text.
    """

    make: Callable[..., Any]
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


def _lazy_maker(module: str, name: str, *args: Any) -> Callable[[], Any]:
    """A maker that imports its module only when called."""
    return lambda: getattr(import_module(module), name)(*args)


def _adapter_maker(module: str, name: str) -> Callable[[str], Any]:
    """A maker of a model of other people, from what a person wrote behind its colon."""
    def make(text: str) -> Any:
        from grounding.models.adapters.source import ModelSource

        return getattr(import_module(f"grounding.models.adapters.{module}"), name)(ModelSource.parse(text))
    return make


def _per_label_detector_maker(name: str) -> Callable[[str], Any]:
    """A maker of a detector that asks this grounder of the menu for each name; the two share the weights."""
    def make_named(text: str) -> Any:
        from grounding.models.adapters.labels import read_class_names
        from grounding.models.adapters.named import OpenVocabularyDetector
        from grounding.models.adapters.source import ModelSource

        source = ModelSource.parse(text)
        # a file that does not serve is said before anything is loaded
        names = read_class_names(source.labels) if source.labels else ()
        return OpenVocabularyDetector(make("grounder", f"{name}:{replace(source, labels='')}"), names)
    return make_named


HUB = "a folder, or an id of the Hugging Face hub"
BY_CONFIG = "Whatever its configuration names; some seconds a photo."
_dino, _owl = _adapter_maker("grounding_dino", "GroundingDino"), _adapter_maker("owl", "Owl")
_florence, _detr = _adapter_maker("florence", "Florence"), _adapter_maker("transformers_detect", "TransformersDetector")

DETECTORS = {
    "ssd": ModelEntry(_lazy_maker("grounding.models.detection.ssd", "SSD"), "SSD MobileNet v2 (COCO, 80 classes)", "Apache-2.0", 70,
                 "Finds 80 everyday things in about a tenth of a second a photo on two cores."),
    "d-fine": ModelEntry(_detr, "D-FINE small (COCO, 80 classes)", "Apache-2.0", 41,
                    "Finds small things too; about a second a photo on two cores (an estimate).", argument_hint=HUB, default_argument="ustc-community/dfine-small-coco"),
    "rt-detr": ModelEntry(_detr, "RT-DETR R18 (COCO, 80 classes)", "Apache-2.0", 81,
                     "Finds small things too; about a second a photo on two cores (an estimate).", argument_hint=HUB, default_argument="PekingU/rtdetr_r18vd"),
    "detr": ModelEntry(_detr, "DETR ResNet-50 (COCO, 91 classes)", "Apache-2.0", 166,
                  "About 3 seconds a photo on two cores (an estimate).", argument_hint=HUB, default_argument="facebook/detr-resnet-50,revision=no_timm"),
    "transformers": ModelEntry(_detr, "Any detector of transformers", "That of the model", 0, "Yours, or one of the hub: YOLOS, Deformable DETR, ...", argument_hint=HUB),
    "florence": ModelEntry(_florence, "Florence-2 base, everything it names", "MIT", 464,
                      "Names things in its own words; about 10 seconds a photo on two cores (an estimate).", argument_hint=HUB,
                      default_argument="florence-community/Florence-2-base"),
    "owlv2": ModelEntry(_per_label_detector_maker("owlv2"), "OWLv2 base, for your own labels", "Apache-2.0", 620,
                   "Looks for each label of the project by its name; about 5 seconds a photo on two cores (an estimate), little more for many labels.",
                   argument_hint=HUB, default_argument="google/owlv2-base-patch16-ensemble"),
    "owl-vit": ModelEntry(_per_label_detector_maker("owl-vit"), "OWL-ViT base/32, for your own labels", "Apache-2.0", 613,
                     "Looks for each label of the project by its name; about a second a photo on two cores (an estimate).", argument_hint=HUB,
                     default_argument="google/owlvit-base-patch32"),
    "grounding-dino": ModelEntry(_per_label_detector_maker("grounding-dino"), "Grounding DINO tiny, for your own labels", "Apache-2.0", 689,
                            "Looks for each label of the project by its name; some 5 seconds for each on two cores (an estimate).", argument_hint=HUB,
                            default_argument="IDEA-Research/grounding-dino-tiny"),
    "torchvision": ModelEntry(_adapter_maker("torchvision_detect", "TorchvisionDetector"), "Detectors of torchvision (Faster R-CNN, RetinaNet, SSD, ...)", "BSD-3", 167,
                         "Faster R-CNN takes about 4 seconds a photo on two cores (an estimate). Needs: pip install -r requirements-models.txt",
                         argument_hint="an architecture of torchvision; ,weights=FILE and ,labels=FILE for yours", default_argument="fasterrcnn_resnet50_fpn_v2"),
    "detectron2": ModelEntry(_adapter_maker("detectron2.detector", "Detectron2Detector"), "Detectors of Detectron2", "That of the model", 0, BY_CONFIG
                        + " Needs: pip install --no-build-isolation -r requirements-detectron2.txt", argument_hint="CONFIG.yaml,weights=FILE"),
}
GROUNDERS = {
    "default": ModelEntry(lambda: _load_grounder("grounder-default"), "Deixis grounder", "Non-commercial research and education (its training photos)", 6.6,
                     "Finds what a phrase means. Learned from people's phrases and from pseudo queries.", "grounder-default.md"),
    "fast": ModelEntry(lambda: _load_grounder("grounder-fast"), "Deixis grounder, fast", "Non-commercial research and education (its training photos)", 2.5,
                  "A third of the size and quicker to ask, nearly as often right; weaker at telling left from right.", "grounder-fast.md"),
    "pseudo": ModelEntry(lambda: _load_grounder("grounder-pseudo"), "Deixis grounder, pseudo queries only",
                    "Non-commercial research and education (its training photos)", 6.6,
                    "Learned without a single human phrase or box.", "grounder-pseudo.md"),
    "grounding-dino": ModelEntry(_dino, "Grounding DINO tiny", "Apache-2.0", 689,
                            "Finds almost anything; some 5 seconds for each phrase on two cores (an estimate).", argument_hint=HUB,
                            default_argument="IDEA-Research/grounding-dino-tiny"),
    "owlv2": ModelEntry(_owl, "OWLv2 base, ensemble", "Apache-2.0", 620,
                   "Names of things rather than relations; about 5 seconds a photo on two cores (an estimate), then phrases are quick.", argument_hint=HUB,
                   default_argument="google/owlv2-base-patch16-ensemble"),
    "owl-vit": ModelEntry(_owl, "OWL-ViT base/32", "Apache-2.0", 613,
                     "Names of things rather than relations; about a second a photo on two cores (an estimate), then phrases are quick.", argument_hint=HUB,
                     default_argument="google/owlvit-base-patch32"),
    "florence": ModelEntry(_florence, "Florence-2 base", "MIT", 464,
                      "Writes where a phrase lies; about 3 seconds a photo and 2 a phrase on two cores (an estimate).", argument_hint=HUB,
                      default_argument="florence-community/Florence-2-base"),
    "zero-shot": ModelEntry(_adapter_maker("zero_shot", "ZeroShotGrounder"), "Any zero-shot detector of transformers (OmDet-Turbo, ...)", "That of the model", 460,
                       "Every phrase is a whole pass over the photo. OmDet-Turbo needs: pip install timm", argument_hint=HUB,
                       default_argument="omlab/omdet-turbo-swin-tiny-hf"),
}
TRACKERS = {
    "motion": ModelEntry(_lazy_maker("grounding.models.tracking.motion_tracker", "MotionTracker"), "Motion and overlap", "Apache-2.0", 0,
                    "Links detections by steady motion, overlap and class; no network."),
    "learned": ModelEntry(lambda: _load_learned_tracker("captioner"), "Learned association", "Non-commercial research and education (its training photos)", 5.2,
                     "A network links what looks, moves and is placed alike, also after a gap; made for look-alikes that cross. Shares the captioner's weights.",
                     "captioner.md"),
}
FOLLOWERS = {
    "box": ModelEntry(_lazy_maker("grounding.models.tracking.box_follower", "BoxFollower"), "Box follower", "Apache-2.0", 0,
                 "Follows one thing that a person showed by a box: a correlation filter, colours and the detector's proposals; no network of its own."),
}
CAPTIONERS = {
    "default": ModelEntry(lambda: _load_captioner("captioner"), "Deixis captioner", "Non-commercial research and education (its training photos)", 5.2,
                     "Says in a short sentence what is in a box, under a click or in a track; each word points.", "captioner.md"),
}
GENERATORS = {
    "pseudo": ModelEntry(lambda: import_module("pseudo_query").generate, "Pseudo queries", "Apache-2.0", 0,
                    "English phrases for detected things: name, colour, place among the others."),
}
MENUS = {"detector": DETECTORS, "grounder": GROUNDERS, "tracker": TRACKERS, "follower": FOLLOWERS, "captioner": CAPTIONERS,
         "generator": GENERATORS}



def load_backbone() -> Any:
    """The frozen networks the embedded grounders encode images with; they share the embedded detector."""
    return import_module("grounding.models.embedding.backbone").VisionBackbone(make("detector", "ssd"))


@lru_cache(maxsize=4)
def load_trained_grounder(page: Path) -> Any:
    """A grounder from weights learned here; `page` is their JSON page."""
    return import_module("grounding.models.grounding.cross_attention").CrossAttentionGrounder(page, load_backbone)


def _load_captioner(name: str) -> Any:
    return import_module("grounding.models.captioning.prefix").PrefixCaptioner(ASSETS / f"{name}.json", load_backbone)


def _load_learned_tracker(name: str) -> Any:
    return import_module("grounding.models.tracking.learned_tracker").LearnedTracker(ASSETS / f"{name}.json")


def _load_grounder(name: str) -> Any:
    return import_module("grounding.models.grounding.cross_attention").CrossAttentionGrounder(ASSETS / f"{name}.json", load_backbone)


_builtin_models: dict[tuple[str, str], Any] = {}
_external_models: OrderedDict[tuple[str, str], Any] = OrderedDict()  # models of other people are large: those used last stay
MAX_EXTERNAL_MODELS = 2
_lock = threading.RLock()


def make(seam: str, name: str = "") -> Any:
    """The model of that name (without one: the first of its menu), built once and shared. "NAME:..." says which model of other people;
    see `ModelEntry.argument_hint`. Raises ValueError where there is none of that name, or it cannot be had."""
    menu = MENUS[seam]
    chosen_name, colon, argument = (name or next(iter(menu), "")).partition(":")
    if chosen_name not in menu:
        raise ValueError(f"there is no {seam} called {chosen_name!r}; choose one of {', '.join(menu) or 'none yet'}")
    entry = menu[chosen_name]
    if colon and not entry.argument_hint:
        raise ValueError(f"{chosen_name} comes with Deixis as it is; nothing is named behind it")
    with _lock:
        if entry.argument_hint:
            return _external_model(seam, chosen_name, entry, argument)
        return _builtin_model(seam, chosen_name, entry)


def builtin_names(seam: str) -> list[str]:
    """The names of the models that come with Deixis; the others have to be brought."""
    return [name for name, entry in MENUS[seam].items() if not entry.argument_hint]


def _builtin_model(seam: str, chosen: str, entry: ModelEntry) -> Any:
    if (seam, chosen) not in _builtin_models:
        _builtin_models[seam, chosen] = entry.make()
    return _builtin_models[seam, chosen]


def _external_model(seam: str, chosen: str, entry: ModelEntry, argument: str) -> Any:
    text = argument.strip() or entry.default_argument
    if not text:
        raise ValueError(f"{chosen} needs to be told which model: {chosen}:MODEL, where MODEL is {entry.argument_hint}")
    if text.startswith(","):  # options alone go with the default
        text = entry.default_argument + text
    if (seam, f"{chosen}:{text}") not in _external_models:
        while len(_external_models) >= MAX_EXTERNAL_MODELS:
            _external_models.popitem(last=False)
        _external_models[seam, f"{chosen}:{text}"] = entry.make(text)
    _external_models.move_to_end((seam, f"{chosen}:{text}"))
    return _external_models[seam, f"{chosen}:{text}"]
