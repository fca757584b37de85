"""EfficientNet-Lite0: the published weights load correctly, and the network recognises zebras."""

import numpy as np
import torch

from grounding.data.media import open_image
from grounding.nn.hosts.efficientnet import LEVELS, EfficientNetLite0, to_input
from grounding.nn.parts.pixels import resize_square

ZEBRA = 340  # its index among the 1,000 ImageNet classes


def test_levels_have_the_documented_shapes():
    net = EfficientNetLite0.pretrained()
    levels = net(to_input(np.zeros((30, 50, 3), np.uint8)))
    assert {name: tuple(grid.shape[1:]) for name, grid in levels.items()} == LEVELS


def test_zebras_are_recognised(shared_data):
    import json

    table = json.loads((shared_data / "coco_train2017_128/instances.json").read_text())
    zebra = next(c["id"] for c in table["categories"] if c["name"] == "zebra")
    ids = {a["image_id"] for a in table["annotations"] if a["category_id"] == zebra}
    net, names = EfficientNetLite0.pretrained(), [row["file_name"] for row in table["images"] if row["id"] in ids]
    for name in names:
        pixels = open_image(shared_data / "coco_train2017_128/photos" / name).pixels
        with torch.inference_mode():
            assert ZEBRA in net.head(net(to_input(pixels))["eff7"])[0].topk(5).indices


def test_resizing_keeps_flat_colours_and_averages_fine_patterns():
    assert (resize_square(np.full((500, 30, 3), 77, np.uint8), 224) == 77).all()
    stripes = np.zeros((2000, 2000, 3), np.uint8)
    stripes[:, ::2] = 200
    assert abs(resize_square(stripes, 100).astype(int) - 100).max() <= 25


def test_every_weight_learns_head_and_all():
    net = EfficientNetLite0().train()
    net.head(net(torch.randn(2, 3, 64, 64))["eff7"]).sum().backward()
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []
