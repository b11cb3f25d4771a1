"""Example images of what `explain` found: reals and fakes from the lowest value to the highest."""

import os
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ganeval.images import ImageSource
from ganeval.report.pixels import cell_height, coloured, fitted, read_pictures, stretch
from ganeval.report.sheet import GAP, INK, SIDE, Sheet
from ganeval.report.text import drawable

if TYPE_CHECKING:
    from ganeval.suites import Explanation, Finding

_LINE, _LEFT = 15, 56
"""Pixels per line of text, and of row names."""

EXAMPLES = "examples.png"
"""Name of the picture, beside the tables."""

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
    height = cell_height(all_images, SIDE)
    row = height + _LINE + 2
    tops = np.cumsum([_LINE + GAP, *(len(title) * _LINE + 2 * row + 2 * GAP for title in titles)])
    sheet = Sheet(int(tops[-1]) + GAP, _LEFT + ACROSS * (SIDE + GAP) + GAP)
    sheet.write(GAP, GAP, _HEADING, points=8)
    for finding, pick, title, top in zip(chosen, picks, titles, tops, strict=False):
        for i, line in enumerate(title):
            sheet.write(GAP, int(top) + GAP + i * _LINE, line, color=INK, points=8)
        column = found.properties.keys.index(finding.key)
        channels = list(dict.fromkeys(finding.words.channels))
        for r, (name, (source, values)) in enumerate(sides.items()):
            y = int(top) + GAP + len(title) * _LINE + 2 + r * row
            sheet.write(GAP, y + height // 2 - 6, name, color=INK, points=8)
            for c, i in enumerate(pick[name]):
                image = images[name][source.ids[i]]
                picture = fitted(coloured(image[channels] if channels else image), height, SIDE)
                x = _LEFT + c * (SIDE + GAP)
                sheet.paste(x, y, picture)
                value = f"{values[i, column]:.4g} {finding.unit}".strip()
                sheet.write(x, y + height + 1, value)
    sheet.save(path)


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
