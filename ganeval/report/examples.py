"""Example images of what `explain` found: reals and fakes from the lowest value to the highest."""

import os
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ganeval.images import ImageSource
from ganeval.report.pixels import cell_height, coloured, fitted, read_pictures, stretch
from ganeval.report.text import WORDS, drawable, save_picture

if TYPE_CHECKING:
    from ganeval.suites import Explanation, Finding

_INK, _MUTED = "#1f2933", "#7b8794"
_DPI, _SIDE, _GAP, _LINE, _LEFT = 100, 120, 8, 15, 56
"""Dots per inch; pixels of a cell's width, between cells, per line of text, and of row names."""

ACROSS = 7
"""Images of each side, at equal steps from the lowest value to the highest."""

_HEADING = (
    "Every row goes from the lowest value on the left, over the median in the middle, to the "
    "highest on the right."
)

_LETTERS = 150
"""Of a line of the title."""


def draw_examples(
    found: "Explanation",
    reals: ImageSource,
    fakes: ImageSource,
    path: str | os.PathLike[str],
    *,
    show: int = 5,
) -> None:
    """Writes a PNG: for each finding a row of reals and a row of fakes, from low to high values.

    The first column has the lowest value of each side, the last the highest, the middle the median:
    images of a column are at the same place in the order of their own side. A finding about one
    channel shows that channel in grey, about two both in red and green.

    Args:
        found: result of `explain`; its properties are of these images, in their order.
        reals: images of the reals.
        fakes: images of the fakes.
        path: file to write.
        show: findings, the most important first, those of all images before those of classes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    every = [*found.findings, *(f for of_class in found.by_class.values() for f in of_class)]
    chosen = every[:show]
    sides = {"reals": (reals, found.properties.real), "fakes": (fakes, found.properties.fake)}
    picks = [{name: _picks(f, found, name) for name in sides} for f in chosen]
    titles = [_title(f) for f in chosen]
    images = {
        name: read_pictures(source, [source.ids[i] for pick in picks for i in pick[name]])
        for name, (source, _) in sides.items()
    }
    all_images = [image for of_side in images.values() for image in of_side.values()]
    stretch(all_images)
    height = cell_height(all_images, _SIDE)
    row = height + _LINE + 2
    tops = np.cumsum([_LINE + _GAP, *(len(title) * _LINE + 2 * row + 2 * _GAP for title in titles)])
    size = int(tops[-1]) + _GAP, _LEFT + ACROSS * (_SIDE + _GAP) + _GAP
    canvas = np.ones((*size, 3))
    figure = Figure(figsize=(size[1] / _DPI, size[0] / _DPI), dpi=_DPI)
    FigureCanvasAgg(figure)

    def write(x: int, y: int, text: str, color: str, points: float) -> None:
        figure.text(
            x / size[1], 1 - y / size[0], text, color=color, fontsize=points, va="top", **WORDS
        )

    write(_GAP, _GAP, _HEADING, _MUTED, 8)
    for finding, pick, title, top in zip(chosen, picks, titles, tops, strict=False):
        for i, line in enumerate(title):
            write(_GAP, int(top) + _GAP + i * _LINE, line, _INK, 8)
        column = found.properties.keys.index(finding.key)
        channels = list(dict.fromkeys(finding.words.channels))
        for r, (name, (source, values)) in enumerate(sides.items()):
            y = int(top) + _GAP + len(title) * _LINE + 2 + r * row
            write(_GAP, y + height // 2 - 6, name, _INK, 8)
            for c, i in enumerate(pick[name]):
                image = images[name][source.ids[i]]
                picture = fitted(coloured(image[channels] if channels else image), height, _SIDE)
                x = _LEFT + c * (_SIDE + _GAP)
                canvas[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
                value = f"{values[i, column]:.4g} {finding.unit}".strip()
                write(x, y + height + 1, value, _MUTED, 6.5)
    figure.figimage(canvas, origin="upper")
    save_picture(figure, path, dpi=_DPI)


def _picks(finding: "Finding", found: "Explanation", side: str) -> list[int]:
    """Positions of the images of one side, from the lowest value of the property to the highest."""
    properties = found.properties
    values = properties.real if side == "reals" else properties.fake
    column = values[:, properties.keys.index(finding.key)]
    rows = finding.rows[0 if side == "reals" else 1]
    order = rows[np.argsort(column[rows], kind="stable")]
    places = np.linspace(0, len(order) - 1, min(ACROSS, len(order))).round().astype(int)
    return [int(i) for i in order[places]]


def _title(finding: "Finding") -> list[str]:
    name = "" if finding.label is None else f"{finding.label}: "
    return textwrap.wrap(drawable(f"{name}{finding}"), _LETTERS) or [""]
