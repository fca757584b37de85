"""Drawn backgrounds: a park, a street, a beach and a kitchen, where objects can stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from grounding.data import Size
from grounding.synthetic import outdoor
from grounding.synthetic.brush import Sprite, blur, curve, rgba, tint


@dataclass(frozen=True)
class Background:
    """An empty image and its ground plane: what is one metre tall, standing at height y, is `pixels_per_metre(y)` pixels."""

    pixels: np.ndarray
    horizon: float
    metre_scale: float  # pixels a metre, for each pixel below the horizon

    def pixels_per_metre(self, y: float) -> float:
        return self.metre_scale * (y - self.horizon)


def park(size: Size, rng: np.random.Generator) -> Background:
    sheet = _Canvas(size)
    sheet.gradient(0, 0.46, "#8fcbee", "#dff2f7")
    sheet.sun(0.82, 0.10, "#fff3c4")
    sheet.clouds(rng, 4, 0.05, 0.22)
    sheet.hill(0.40, 0.05, "#a9d3a2", rng)
    sheet.hill(0.44, 0.035, "#8cc287", rng)
    sheet.gradient(0.46, 1, "#93cc74", "#5fa94f")
    for x in np.sort(rng.uniform(0, 1, 7)):
        sheet.add_sprite(
            outdoor.tree(size.height * rng.uniform(0.20, 0.30), rng.choice(["#5fa04e", "#79b04c", "#4c9154"]), int(rng.integers(99))),
            x,
            0.475 + rng.uniform(0, 0.03),
        )
    for x in (0.04, 0.95):
        sheet.add_sprite(outdoor.bush(size.height * 0.11, "#5b9c55", int(rng.integers(99))), x, 0.60)
    sheet.tufts(rng, 90, 0.5, "#4f9a45")
    sheet.path([(0.36, 0.462), (0.52, 0.56), (0.38, 0.72), (0.56, 1.02)], (0.012, 0.035, 0.10, 0.24), "#ecd9ac")
    return sheet.render(0.40, 1.75 / 4.4)


def street(size: Size, rng: np.random.Generator) -> Background:
    sheet = _Canvas(size)
    sheet.gradient(0, 0.57, "#a8d4f0", "#f3ead9")
    sheet.clouds(rng, 3, 0.04, 0.14)
    x = -0.03
    for color in rng.permutation(["#e8a87c", "#c38d9e", "#85b8cb", "#e5c687", "#9fb8ad", "#d98c7a", "#b5a7d6"]):
        width = float(rng.uniform(0.15, 0.22))
        sheet.house(x, width, float(rng.uniform(0.08, 0.2)), 0.56, str(color), rng)
        x += width
    sheet.gradient(0.56, 0.70, "#d8d3cb", "#c4beb5")
    sheet.rectangle(0.70, 0.72, "#a8a39b")
    sheet.gradient(0.72, 1, "#70747d", "#565a63")
    for left in np.arange(-0.05, 1, 0.16):
        sheet.polygon((left, 0.865), (left + 0.08, 0.865), (left + 0.085, 0.88), (left, 0.88), "#f2efe6")
    for x in (0.12, 0.62):
        sheet.add_sprite(outdoor.tree(size.height * 0.36, "#6aa84f", int(rng.integers(99))), x, 0.615)
    return sheet.render(0.10, 1.75 / 4.3)


def beach(size: Size, rng: np.random.Generator) -> Background:
    sheet = _Canvas(size)
    sheet.gradient(0, 0.40, "#6fc0ec", "#e9f7f9")
    sheet.sun(0.2, 0.12, "#fff4c9")
    sheet.clouds(rng, 4, 0.05, 0.2)
    sheet.hill(0.385, 0.03, "#8fb7b0", rng, to=0.34)
    sheet.gradient(0.40, 0.62, "#2f9fc9", "#7fd6d8")
    for _ in range(26):
        y, x = rng.uniform(0.42, 0.55), rng.uniform(0, 1)
        sheet.wave(x, y, 0.02 + 0.09 * (y - 0.40), "#bfeaf0")
    sheet.shore(0.575, "#ffffff", "#e9cf9d")
    sheet.fade_below_shore(0.585, "#f3ddb0", "#e2bf85")
    sheet.pebbles(rng, 70, 0.66, "#cfa968")
    return sheet.render(0.36, 1.75 / 4.4)


def kitchen(size: Size, rng: np.random.Generator) -> Background:
    sheet = _Canvas(size)
    sheet.gradient(0, 0.62, "#f6ead6", "#efdcc0")
    for y in np.arange(0.30, 0.62, 0.064):
        for x in np.arange(-0.02 - (round(y * 1000) % 2) * 0.03, 1.02, 0.066):
            sheet.tile(x, y, 0.062, 0.059, tint("#dcebe6", float(rng.uniform(-0.05, 0.4))))
    sheet.window(0.34, 0.03, 0.66, 0.36, rng)
    for x0, x1 in ((0.02, 0.28), (0.72, 0.98)):
        sheet.shelf(x0, x1, 0.21, "#b9824d")
    sheet.gradient(0.62, 1.0, "#d9a869", "#b98148")
    sheet.rectangle(0.612, 0.626, "#8d5f33")
    for y in np.linspace(0.66, 0.98, 7):
        sheet.grain(rng, y, "#c5904f")
    return sheet.render(0.20, 1.75 / 0.62)


BACKGROUNDS: dict[str, Callable[[Size, np.random.Generator], Background]] = {
    "park": park,
    "street": street,
    "beach": beach,
    "kitchen": kitchen,
}


class _Canvas:
    """An image drawn in fractions of its width and height, at twice its size."""

    def __init__(self, size: Size):
        self.size, self.w, self.h = size, size.width * 2, size.height * 2
        self.image = Pillow.new("RGB", (self.w, self.h))
        self._shore = None
        self._sprites = []

    def render(self, horizon: float, metres: float) -> Background:
        """`metres`: the height of an adult who stands at the lower edge, as a fraction of the image's height."""
        small = self.image.resize(self.size, Pillow.Resampling.BOX)
        for sprite, x, y in self._sprites:
            small.paste(Pillow.fromarray(sprite.pixels[..., :3]), (int(x * small.width) + sprite.left, int(y * small.height) + sprite.top),
                        Pillow.fromarray(sprite.pixels[..., 3]))
        return Background(np.array(small), horizon * self.size.height, metres / 1.75 / (1 - horizon))

    def gradient(self, y0: float, y1: float, top, bottom):
        rows = range(int(y0 * self.h), int(np.ceil(y1 * self.h)))
        part = np.linspace(0, 1, len(rows))[:, None, None]
        band = np.array(rgba(top)[:3]) * (1 - part) + np.array(rgba(bottom)[:3]) * part
        band = np.broadcast_to(band, (len(rows), self.w, 3)) + 0.5
        self.image.paste(Pillow.fromarray(band.astype(np.uint8)), (0, rows[0]))

    def polygon(self, *points_and_color):
        *points, color = points_and_color
        self._draw().polygon([(x * self.w, y * self.h) for x, y in points], fill=rgba(color)[:3])

    def rectangle(self, y0, y1, color, x0=0.0, x1=1.0):
        self.polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1), color)

    def sun(self, x, y, color):
        glow = Pillow.new("L", (self.w // 8, self.h // 8))
        cx, cy, r = x * self.w / 8, y * self.h / 8, self.h / 8 * 0.11
        ImageDraw.Draw(glow).ellipse((cx - r, cy - r, cx + r, cy + r), fill=255)
        self._composite(color, blur(glow, self.h / 8 * 0.05).resize((self.w, self.h), Pillow.Resampling.BICUBIC))
        r = self.h * 0.045
        self._draw().ellipse((x * self.w - r, y * self.h - r, x * self.w + r, y * self.h + r), fill=rgba(tint(color, 0.4))[:3])

    def clouds(self, rng, count, y0, y1):
        sky = Pillow.new("L", (self.w // 4, self.h // 4))
        draw = ImageDraw.Draw(sky)
        for k in range(count):
            x, y, r = (
                (k + rng.uniform(0.1, 0.9)) / count * self.w / 4,
                rng.uniform(y0, y1) * self.h / 4,
                self.h / 4 * rng.uniform(0.02, 0.032),
            )
            for dx, size in ((-2.1, 0.7), (-1, 1.1), (0.2, 1.35), (1.4, 1.0), (2.4, 0.6)):
                draw.ellipse((x + (dx - size) * r, y - size * r, x + (dx + size) * r, y + size * r), fill=225)
            draw.rectangle((x - 3.2 * r, y + 0.45 * r, x + 3.2 * r, y + 2 * r), fill=0)
        self._composite("#ffffff", blur(sky, self.h / 4 * 0.006).resize((self.w, self.h), Pillow.Resampling.BICUBIC))

    def hill(self, y, rise, color, rng, to=1.0):
        xs = np.linspace(-0.05, to + 0.05, 7)
        ridge = [(x, y + (rise * float(rng.uniform(-1, 1)) if 0 < k < 6 or to == 1 else 0.04)) for k, x in enumerate(xs)]
        self.polygon(*curve(ridge), (to + 0.05, y + 0.15), (-0.05, y + 0.15), color)

    def path(self, points, widths, color):
        middle = np.array(curve(points, steps=24))
        width = np.interp(middle[:, 1], [y for _, y in points], widths) / 2
        edges = np.concatenate([middle - np.stack([width, 0 * width], 1), (middle + np.stack([width, 0 * width], 1))[::-1]])
        wide = np.concatenate([middle - np.stack([width * 1.08 + 0.002, 0 * width], 1),
                               (middle + np.stack([width * 1.08 + 0.002, 0 * width], 1))[::-1]])
        self.polygon(*map(tuple, wide), tint(color, -0.14))
        self.polygon(*map(tuple, edges), color)

    def tufts(self, rng, count, y0, color):
        draw = self._draw()
        for _ in range(count):
            x, y = rng.uniform(0, 1) * self.w, rng.uniform(y0, 1) ** 0.9 * self.h
            s = self.h * 0.011 * (0.4 + y / self.h)
            shade = rgba(tint(color, float(rng.uniform(-0.1, 0.2))))[:3]
            for dx in (-0.7, 0, 0.7):
                draw.line((x, y, x + dx * s, y - s), fill=shade, width=max(2, int(s * 0.22)))

    def pebbles(self, rng, count, y0, color):
        draw = self._draw()
        for _ in range(count):
            x, y = rng.uniform(0, 1) * self.w, rng.uniform(y0, 1) * self.h
            r = self.h * 0.004 * (y / self.h) ** 2
            draw.ellipse((x - 1.6 * r, y - r, x + 1.6 * r, y + r), fill=rgba(tint(color, float(rng.uniform(-0.1, 0.3))))[:3])

    def house(self, x, width, top, bottom, color, rng):
        self.rectangle(top, bottom, color, x, x + width)
        self.rectangle(top - 0.012, top + 0.012, tint(color, -0.28), x - 0.004, x + width + 0.004)
        columns, rows = 3, max(2, int((bottom - 0.14 - top) / 0.085))
        for column in range(columns):
            for row in range(rows):
                cx, cy = x + width * (column + 0.5) / columns, top + 0.05 + row * 0.085
                self.rectangle(cy - 0.004, cy + 0.058, "#fbf5ea", cx - 0.016, cx + 0.016)
                self.rectangle(cy, cy + 0.054, tint("#7fa9bd", float(rng.uniform(-0.1, 0.5))), cx - 0.0135, cx + 0.0135)
                self.rectangle(cy + 0.0255, cy + 0.0285, "#fbf5ea", cx - 0.0135, cx + 0.0135)
        awning = str(rng.choice(["#c8443c", "#3f7f6f", "#36659b", "#d9a441"]))
        self.rectangle(bottom - 0.095, bottom, tint("#54616d", 0.1), x + width * 0.1, x + width * 0.62)
        self.rectangle(bottom - 0.095, bottom, tint(color, -0.5), x + width * 0.72, x + width * 0.88)
        for k in range(6):
            a, b = (x + width * (0.08 + 0.093 * j) for j in (k, k + 1))
            self.polygon((a, bottom - 0.125), (b, bottom - 0.125), (b + 0.002, bottom - 0.085), (a + 0.002, bottom - 0.085),
                         awning if k % 2 == 0 else "#f6efe2")

    def wave(self, x, y, width, color):
        draw, r = self._draw(), width * self.w / 2
        draw.arc((x * self.w - r, y * self.h - r * 0.18, x * self.w + r, y * self.h + r * 0.18), 200, 340, fill=rgba(color)[:3],
                 width=max(2, int(r * 0.06)))

    def shore(self, y, foam, wet):
        xs = np.linspace(-0.05, 1.05, 9)
        self._shore = [(x, y + 0.012 * np.sin(7 * x) + 0.006 * np.sin(17 * x)) for x in xs]
        for shift, color in ((0.0, foam), (0.012, wet)):
            self.polygon(*curve([(x, py + shift) for x, py in self._shore]), (1.1, 1.1), (-0.1, 1.1), color)

    def fade_below_shore(self, y, top, bottom):
        mask = Pillow.new("L", (self.w, self.h))
        line = [(x * self.w, (py + 0.03) * self.h) for x, py in curve(self._shore)]
        ImageDraw.Draw(mask).polygon([*line, (self.w * 1.1, self.h * 1.1), (-self.w * 0.1, self.h * 1.1)], fill=255)
        before = self.image.copy()
        self.gradient(y, 1, top, bottom)
        self.image = Pillow.composite(self.image, before, mask)

    def tile(self, x, y, width, height, color):
        self._draw().rounded_rectangle((x * self.w, y * self.h, (x + width) * self.w, (y + height) * self.h), self.h * 0.004,
                                       fill=rgba(color)[:3])

    def window(self, x0, y0, x1, y1, rng):
        self.rectangle(y0 - 0.02, y1 + 0.02, "#a97a4a", x0 - 0.012, x1 + 0.012)
        view = _Canvas(Size(int((x1 - x0) * self.w) // 2, int((y1 - y0) * self.h) // 2))
        view.gradient(0, 1, "#8fcbee", "#e6f5f8")
        view.clouds(rng, 2, 0.15, 0.4)
        view.hill(0.72, 0.06, "#9ccb8f", rng)
        view.gradient(0.86, 1, "#86bf74", "#7ab567")
        self.image.paste(view.image, (int(x0 * self.w), int(y0 * self.h)))
        middle = (x0 + x1) / 2
        self.rectangle(y0, y1, "#c79a66", middle - 0.005, middle + 0.005)
        self.rectangle((y0 + y1) / 2 - 0.005, (y0 + y1) / 2 + 0.005, "#c79a66", x0, x1)
        self.rectangle(y1 + 0.01, y1 + 0.035, "#c79a66", x0 - 0.03, x1 + 0.03)

    def shelf(self, x0, x1, y, wood):
        self.rectangle(y, y + 0.022, wood, x0, x1)
        self.rectangle(y + 0.022, y + 0.032, tint(wood, -0.3), x0 + 0.005, x1 - 0.005)

    def grain(self, rng, y, color):
        line = [(x, y + float(rng.normal(0, 0.003))) for x in np.linspace(-0.02, 1.02, 9)]
        self._draw().line([(px * self.w, py * self.h) for px, py in curve(line)], fill=rgba(color)[:3], width=max(2, self.h // 420))

    def add_sprite(self, sprite: Sprite, x, y):
        """Adds an object there, in front of everything drawn."""
        self._sprites.append((sprite, x, y))

    def _composite(self, color, mask):
        self.image = Pillow.composite(Pillow.new("RGB", self.image.size, rgba(color)[:3]), self.image, mask)

    def _draw(self):
        return ImageDraw.Draw(self.image)
