"""Draws what the scores of the grounders are worth as docs/methods/grounder_reliability.svg.  python docs/reliability.py"""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "benchmarks" / "results" / "grounding_accuracy.json"
OUT = ROOT / "docs" / "methods" / "grounder_reliability.svg"
SIDE, EDGE = 300, 44
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


def drawn(grounders: dict) -> str:
    """An SVG: score to the right, share of right answers up; the area of a dot grows with how many phrases stand behind it."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE + 2 * EDGE + 110} {SIDE + 2 * EDGE}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        _line([(0, 0), (1, 1)], "#999", "4 4"),
        _line([(0, 1), (0, 0), (1, 0)], "#333"),
    ]
    for step in range(0, 11, 2):
        (x, low), (left, y) = _at(step / 10, 0), _at(0, step / 10)
        parts += [
            f'<text x="{x}" y="{low + 16}" text-anchor="middle">{step / 10:g}</text>',
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{step / 10:g}</text>',
        ]
    x, y = _at(0.5, 0)
    parts += [
        f'<text x="{x}" y="{y + 34}" text-anchor="middle">score of the first box</text>',
        f'<text x="{EDGE}" y="{EDGE - 18}">share that is right</text>',
    ]
    for row, ((name, told), colour) in enumerate(zip(grounders.items(), COLOURS)):
        bins = told["reliability"]
        most = max(place["count"] for place in bins)
        parts.append(_line([(place["score"], place["right"]) for place in bins], colour))
        parts += [_dot(place["score"], place["right"], 2 + 5 * (place["count"] / most) ** 0.5, colour) for place in bins]
        parts.append(f'<text x="{SIDE + EDGE + 14}" y="{EDGE + 20 + 34 * row}" fill="{colour}">{name}</text>')
        parts.append(f'<text x="{SIDE + EDGE + 14}" y="{EDGE + 34 + 34 * row}" fill="#333">ECE {told["ece"]:.3f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _at(x: float, y: float) -> tuple[float, float]:
    return round(EDGE + SIDE * x, 1), round(EDGE + SIDE * (1 - y), 1)


def _line(points, colour: str, dashes: str = "none") -> str:
    places = " ".join(f"{x},{y}" for x, y in (_at(*point) for point in points))
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dashes}"/>'


def _dot(x: float, y: float, radius: float, colour: str) -> str:
    left, top = _at(x, y)
    return f'<circle cx="{left}" cy="{top}" r="{radius:.1f}" fill="{colour}" fill-opacity=".55"/>'


if __name__ == "__main__":
    OUT.write_text(drawn(json.loads(RESULTS.read_text())["grounders"]), "utf8")
