"""The detector: category ids, clipping, class-wise NMS, and threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from grounding.data import Boxes, Regions, Size
from grounding.data.media import Image
from grounding.models.detection.ssd import SSD, batched_nms, to_regions


def rows(*detections):
    """(category id, score, x0, y0, x1, y1) to the seven columns of OpenCV."""
    return np.float32([(0, *row) for row in detections]).reshape(-1, 7)


def test_category_ids_are_those_of_coco_with_its_ten_gaps():
    regions = to_regions(rows((1, 0.9, 0, 0, 1, 1), (90, 0.8, 0, 0, 1, 1), (13, 0.7, 0, 0, 1, 1)), Size(10, 10))
    assert regions.labels == ("person", "toothbrush", "stop sign")


def test_unused_ids_background_and_zero_scores_are_left_out():
    regions = to_regions(rows((12, 0.9, 0, 0, 1, 1), (0, 0.9, 0, 0, 1, 1), (1, 0, 0, 0, 1, 1), (91, 0.9, 0, 0, 1, 1)), Size(10, 10))
    assert len(regions) == 0 and len(to_regions(rows(), Size(10, 10))) == 0


def test_boxes_are_clipped_to_the_image_and_slivers_removed():
    regions = to_regions(rows((1, 0.5, -0.2, 0.25, 0.5, 1.3), (1, 0.9, 0.999, 0, 1, 1)), Size(200, 100))
    assert regions.boxes.xyxy.tolist() == [[0, 25, 100, 100]]


def test_nms_is_class_wise_and_keeps_the_better_box():
    boxes = Boxes([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 10], [20, 0, 30, 10]])
    kept = batched_nms(Regions(boxes, [0.5, 0.9, 0.4, 0.3], ["dog", "dog", "cat", "dog"]), 0.5)
    assert kept.labels == ("dog", "cat", "dog") and kept.scores.tolist() == np.float32([0.9, 0.4, 0.3]).tolist()


def test_threads_share_one_network_without_mixing_images():
    rng = np.random.default_rng(0)
    images = [Image(rng.integers(0, 255, (40 + 20 * i, 60, 3), np.uint8)) for i in range(4)]
    alone = [SSD_SHARED.proposals(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(SSD_SHARED.proposals, images))
    assert all(one.boxes == other.boxes and one.labels == other.labels for one, other in zip(alone, together))


def test_features_and_proposals_come_from_one_pass():
    output = SSD_SHARED.forward(Image(np.zeros((30, 40, 3), np.uint8)))
    assert {name: grid.shape for name, grid in output.levels.items()} == {"ssd19": (576, 19, 19), "ssd10": (1280, 10, 10)}
    assert output.levels["ssd19"].dtype == np.float16


SSD_SHARED = SSD()
