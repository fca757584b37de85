"""Plots: bars and curves with the single runs as dots, as SVG that reads on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

INK, FAINT, COLOURS = "#777777", "#77777755", ("#0f766e", "#c2570c", "#6d28d9")
WIDE, HIGH = 720, 380


def _text(x, y, words, anchor="middle", size=13, colour=INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{escape(words)}</text>'


def _line(x0, y0, x1, y1, colour=FAINT, width=1.0, dash="") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def _dot(x, y, colour) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" stroke="white" stroke-width="0.7"/>'


def _page(title: str, parts: Sequence[str], height: int = HIGH) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" font-family="system-ui, sans-serif" role="img" '
        f'aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n'
        + "\n".join([_text(WIDE / 2, 20, title, size=14), *parts])
        + "\n</svg>\n"
    )


def bars(title: str, rows: Sequence[tuple[str, float, Sequence[float]]], lines: Sequence[tuple[str, float]]) -> str:
    """`rows`: name, mean, single values; `lines`: name and value of what needs no teaching. Values are shares."""
    top = max([value for _, _, values in rows for value in values] + [value for _, value in lines]) * 1.1
    left, right, first, step = 170, WIDE - 70, 42, 34
    bottom = first + step * len(rows)

    def at(value: float) -> float:
        return left + (right - left) * value / top

    parts = [
        _line(at(k / 10), first, at(k / 10), bottom) + _text(at(k / 10), bottom + 16, f"{10 * k} %", size=11)
        for k in range(int(top * 10) + 1)
    ]
    for k, (name, mean, values) in enumerate(rows):
        y = first + step * k + step / 2
        parts += [
            _text(left - 8, y + 4, name, "end"),
            f'<rect x="{left}" y="{y - 10:.1f}" width="{max(at(mean) - left, 0):.1f}" height="20" rx="2" '
            f'fill="{COLOURS[0]}" opacity="0.55"/>',
            *(_dot(at(value), y, COLOURS[0]) for value in values),
            _text(right + 8, y + 4, f"{100 * mean:.1f} %", "start"),
        ]
    for k, (name, value) in enumerate(lines):
        parts += [_line(at(value), first - 6, at(value), bottom, COLOURS[1], 1.5, "5 4"),
                  _text(at(value), bottom + 32 + 15 * k, f"{name} {100 * value:.1f} %", size=11, colour=COLOURS[1])]
    return _page(title, parts, bottom + 40 + 15 * len(lines))


def curves(title: str, below: str, series: dict[str, Sequence[tuple[float, Sequence[float]]]], lines: Sequence[tuple[str, float]]) -> str:
    """`series`: name -> (x, single values) in order of x, which runs from 0 to 100; `lines` as in `bars`."""
    every = [value for points in series.values() for _, values in points for value in values] + [value for _, value in lines]
    low, high = int(min(every) * 20) / 20, int(max(every) * 20 + 1) / 20
    left, right, first, bottom = 70, WIDE - 40, 60, HIGH - 60

    def place(x: float, value: float) -> tuple[float, float]:
        return left + (right - left) * x / 100, bottom - (bottom - first) * (value - low) / (high - low)

    parts = []
    for k in range(round((high - low) * 20) + 1):
        y = place(0, low + k / 20)[1]
        parts.append(_line(left, y, right, y) + _text(left - 8, y + 4, f"{100 * low + 5 * k:.0f} %", "end", 11))
    parts.append(_text((left + right) / 2, HIGH - 16, below, size=12))
    parts += [_text(place(x, 0)[0], bottom + 18, f"{x:g}", size=11) for x, _ in next(iter(series.values()))]
    for (name, points), colour, row in zip(series.items(), COLOURS, range(3)):
        means = [place(x, sum(values) / len(values)) for x, values in points if values]
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in means)}"/>'
        )
        parts += [_dot(*place(x, value), colour) for x, values in points for value in values]
        parts += [_line(left + 250 * row, 42, left + 250 * row + 24, 42, colour, 2), _text(left + 250 * row + 30, 46, name, "start", 12)]
    for name, value in lines:
        y = place(0, value)[1]
        parts += [
            _line(left, y, right, y, COLOURS[2], 1.5, "5 4"),
            _text(left + 6, y - 6, f"{name} {100 * value:.1f} %", "start", 11, COLOURS[2]),
        ]
    return _page(title, parts)
