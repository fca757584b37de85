"""A stand-in for Detectron2, which is built from source and cannot be installed where these tests run.

It has the names, signatures and behaviour of Detectron2 0.6 (config, engine.DefaultPredictor, data.MetadataCatalog,
structures, model_zoo) that the
adapter uses, around a network whose weights are the boxes it finds: bases are followed wherever they lie, unknown parts
are a KeyError of their registry,
other channels than RGB and BGR an AssertionError. Where the real package is installed, the tests take that.
"""

import copy
import os
import sys
import types
from types import SimpleNamespace

import torch
import yaml

FETCHED: list[str] = []  # addresses that were followed


class CfgNode(dict):
    """Attributes of attributes; a file may only change keys that are there."""

    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(name)
        return self[name]

    __setattr__ = dict.__setitem__

    def merge_from_file(self, cfg_filename: str, allow_unsafe: bool = True) -> None:
        self._merge(self.load_yaml_with_base(cfg_filename, allow_unsafe))

    @staticmethod
    def load_yaml_with_base(filename: str, allow_unsafe: bool = False) -> dict:
        """As fvcore does it: PathManager opens whatever it has a handler for, an address too."""
        if "://" in filename:
            FETCHED.append(filename)
            raise OSError(f"{filename} was fetched")
        with open(filename) as file:
            loaded = (yaml.unsafe_load if allow_unsafe else yaml.safe_load)(file)
        if "_BASE_" not in loaded:
            return loaded
        base = loaded.pop("_BASE_")
        if not base.startswith(("/", "http://", "https://")):
            base = os.path.join(os.path.dirname(filename), os.path.expanduser(base))
        whole = CfgNode.load_yaml_with_base(base, allow_unsafe)
        for name, value in loaded.items():
            whole[name] = {**whole.get(name, {}), **value} if isinstance(value, dict) else value
        return whole

    def _merge(self, loaded: dict) -> None:
        for name, value in loaded.items():
            if name not in self:
                raise KeyError(f"Non-existent config key: {name}")
            self[name]._merge(value) if isinstance(self[name], CfgNode) else self.__setitem__(name, value)

    def clone(self):
        return copy.deepcopy(self)

    def dump(self) -> str:
        plain = lambda node: {name: plain(value) if isinstance(value, CfgNode) else value for name, value in node.items()}  # noqa: E731
        return yaml.safe_dump(plain(self))


def get_cfg() -> CfgNode:
    heads = CfgNode(NAME="Res5ROIHeads", NUM_CLASSES=80, SCORE_THRESH_TEST=0.05)
    retina = CfgNode(NUM_CLASSES=80, SCORE_THRESH_TEST=0.05, IN_FEATURES=["p3"])
    model = CfgNode(
        DEVICE="cuda",
        WEIGHTS="",
        META_ARCHITECTURE="GeneralizedRCNN",
        MASK_ON=False,
        LOAD_PROPOSALS=False,
        ROI_HEADS=heads,
        RETINANET=retina,
        PROPOSAL_GENERATOR=CfgNode(NAME="RPN"),
        ANCHOR_GENERATOR=CfgNode(SIZES=[[32, 64, 128, 256, 512]]),
        BACKBONE=CfgNode(NAME="build_resnet_backbone"),
    )
    return CfgNode(
        VERSION=2,
        MODEL=model,
        DATASETS=CfgNode(TRAIN=(), TEST=()),
        INPUT=CfgNode(FORMAT="BGR", MIN_SIZE_TEST=0, MAX_SIZE_TEST=1333),
        OUTPUT_DIR="./output",
    )


class Boxes:
    def __init__(self, tensor):
        self.tensor = tensor

    def __len__(self):
        return len(self.tensor)

    def to(self, device):
        return Boxes(self.tensor.to(device))


class Instances:
    """Fields of equal length about the things of one picture."""

    def __init__(self, image_size, **fields):
        self._image_size, self._fields = image_size, {}
        for name, value in fields.items():
            self.set(name, value)

    def set(self, name, value):
        assert not self._fields or len(value) == len(self)
        self._fields[name] = value

    def has(self, name):
        return name in self._fields

    def get(self, name):
        return self._fields[name]

    def __getattr__(self, name):
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"Cannot find field '{name}' in the given Instances!")
        return self._fields[name]

    def to(self, device):
        return Instances(
            self._image_size, **{name: value.to(device) if hasattr(value, "to") else value for name, value in self._fields.items()}
        )

    def __len__(self):
        return len(next(iter(self._fields.values())))


class _Network(torch.nn.Module):
    """Finds what its weights say, as fractions of the picture; `blue` adds the mean of the first channel to the first score."""

    def __init__(self, cfg):
        super().__init__()
        self.cfg, things = cfg, 3
        self.boxes, self.scores = torch.nn.Parameter(torch.zeros(things, 4)), torch.nn.Parameter(torch.zeros(things))
        self.register_buffer("classes", torch.zeros(things, dtype=torch.long))

    def forward(self, batch):
        return [self._answer(row["image"], row["height"], row["width"]) for row in batch]

    def _answer(self, image, height, width):
        scores = self.scores.clone()
        scores[0] += image[0].mean() / 1000
        retina = self.cfg.MODEL.META_ARCHITECTURE == "RetinaNet"
        keep = scores > (self.cfg.MODEL.RETINANET if retina else self.cfg.MODEL.ROI_HEADS).SCORE_THRESH_TEST
        boxes = self.boxes * torch.tensor([width, height, width, height])
        found = Instances((height, width), pred_boxes=Boxes(boxes[keep]), scores=scores[keep], pred_classes=self.classes[keep])
        if self.cfg.MODEL.MASK_ON:
            found.set("pred_masks", torch.stack([torch.arange(width)[None].lt(int(box[2])).expand(height, width) for box in boxes[keep]]))
        return {"proposals" if self.cfg.MODEL.META_ARCHITECTURE == "OnlyPlaces" else "instances": found}


REGISTERED = {
    "META_ARCH": ("GeneralizedRCNN", "RetinaNet", "PanopticFPN", "ProposalNetwork", "SemanticSegmentor", "OnlyPlaces"),
    "ROI_HEADS": ("Res5ROIHeads", "StandardROIHeads", "CascadeROIHeads"),
    "BACKBONE": ("build_resnet_backbone", "build_retinanet_resnet_fpn_backbone"),
}


def build_model(cfg) -> _Network:
    for registry, name in (
        ("META_ARCH", cfg.MODEL.META_ARCHITECTURE),
        ("ROI_HEADS", cfg.MODEL.ROI_HEADS.NAME),
        ("BACKBONE", cfg.MODEL.BACKBONE.NAME),
    ):
        if name not in REGISTERED[registry]:
            raise KeyError(f"No object named '{name}' found in '{registry}' registry!")
    return _Network(cfg).to(cfg.MODEL.DEVICE)


class ResizeShortestEdge:
    """Resizing is switched off here (MIN_SIZE_TEST: 0), as Detectron2 does for that number."""

    def __init__(self, short_edge_length, max_size):
        assert short_edge_length == [0, 0]

    def get_transform(self, image):
        return SimpleNamespace(apply_image=lambda pixels: pixels)


class DefaultPredictor:
    """Takes a BGR picture (H, W, 3) and gives {"instances": Instances}. It loads cfg.MODEL.WEIGHTS by itself, by pickle."""

    def __init__(self, cfg):
        assert cfg.MODEL.WEIGHTS == "", "Detectron2 would load these weights itself, and run the code in them"
        self.cfg = cfg.clone()
        self.model = build_model(self.cfg).eval()
        self.aug = ResizeShortestEdge([cfg.INPUT.MIN_SIZE_TEST, cfg.INPUT.MIN_SIZE_TEST], cfg.INPUT.MAX_SIZE_TEST)
        self.input_format = cfg.INPUT.FORMAT
        assert self.input_format in ["RGB", "BGR"], self.input_format

    def __call__(self, original_image):
        original_image = original_image[:, :, ::-1] if self.input_format == "RGB" else original_image
        height, width = original_image.shape[:2]
        image = self.aug.get_transform(original_image).apply_image(original_image)
        return self.model([{"image": torch.as_tensor(image.astype("float32").transpose(2, 0, 1)), "height": height, "width": width}])[0]


class _MetadataCatalog(dict):
    def get(self, name):
        return self.setdefault(name, SimpleNamespace(name=name))


def _config_file(config_path: str) -> str:
    raise RuntimeError(f"{config_path} not available in Model Zoo!")


def modules() -> dict[str, types.ModuleType]:
    """What stands in sys.modules for Detectron2."""
    parts = {"config": {"get_cfg": get_cfg, "CfgNode": CfgNode}, "engine": {"DefaultPredictor": DefaultPredictor},
             "data": {"MetadataCatalog": _MetadataCatalog()}, "structures": {"Boxes": Boxes, "Instances": Instances},
             "modeling": {"build_model": build_model}, "model_zoo": {"get_config_file": _config_file}}
    made = {"detectron2": types.ModuleType("detectron2")}
    for name, things in parts.items():
        made[f"detectron2.{name}"] = module = types.ModuleType(f"detectron2.{name}")
        vars(module).update(things)
        setattr(made["detectron2"], name, module)
    return made


def stand_in(monkeypatch) -> None:
    for name, module in modules().items():
        monkeypatch.setitem(sys.modules, name, module)
