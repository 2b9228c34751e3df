"""Plots of curves with logarithmic axes, as SVG, written by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 50
COLORS = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#66ccee", "#ccbb44")


@dataclass(frozen=True)
class Curve:
    """What is measured, drawn with marks, and what theory says, drawn as a dashed line."""

    name: str
    measured: Sequence[Point]
    theory: Sequence[Point] = ()


def plot(curves: Sequence[Curve], x_title: str, y_title: str, title: str) -> str:
    """Return a plot as the text of an SVG file."""
    points = [point for curve in curves for point in (*curve.measured, *curve.theory)]
    scale = _Scale([x for x, _ in points], [y for _, y in points])
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text>',
        *_axes(scale, x_title, y_title),
    ]
    for i, (curve, color) in enumerate(zip(curves, COLORS)):
        lines += _curve(scale, curve, color)
        y = TOP + 14 + 20 * i
        x = WIDTH - RIGHT + 16
        lines.append(f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{color}"/>')
        lines.append(f'<text x="{x + 10}" y="{y}">{escape(curve.name)}</text>')
    y = TOP + 14 + 20 * len(curves)
    lines.append(f'<text x="{WIDTH - RIGHT + 12}" y="{y}" fill="#666666">dashed: theory</text>')
    return "\n".join([*lines, "</svg>", ""])


class _Scale:
    def __init__(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        self.x = _decades(xs)
        self.y = _decades(ys)

    def __call__(self, point: Point) -> Point:
        x = LEFT + (WIDTH - LEFT - RIGHT) * _part(point[0], self.x)
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * _part(point[1], self.y)
        return round(x, 1), round(y, 1)


def _decades(values: Sequence[float]) -> range:
    """Return the powers of ten around values.

    >>> _decades([20.0, 999.0])
    range(1, 4)
    """
    return range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)


def _part(value: float, decades: range) -> float:
    return (math.log10(value) - decades[0]) / (len(decades) - 1)


def _axes(scale: _Scale, x_title: str, y_title: str) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for power in scale.x:
        x, _ = scale((10.0**power, 10.0 ** scale.y[0]))
        yield f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}" stroke="#dddddd"/>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>'
    for power in scale.y:
        _, y = scale((10.0 ** scale.x[0], 10.0**power))
        yield f'<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="#dddddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{10.0**power:,g}</text>'
    yield f'<text x="{(LEFT + right) // 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_title)}</text>'
    middle = (TOP + bottom) // 2
    yield (
        f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">{escape(y_title)}</text>'
    )


def _curve(scale: _Scale, curve: Curve, color: str) -> Iterator[str]:
    for points, style in ((curve.theory, ' stroke-dasharray="5 4"'), (curve.measured, "")):
        path = " ".join(f"{x},{y}" for x, y in map(scale, points))
        if path:
            yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"{style}/>'
    for x, y in map(scale, curve.measured):
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="{color}"/>'
