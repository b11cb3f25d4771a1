"""A gallery: each fake next to the real images that are nearest to it."""

import os
from typing import TYPE_CHECKING

import numpy as np

from ganeval.images import ImageSource
from ganeval.report.pixels import cell_height, coloured, fitted, read_pictures, stretch
from ganeval.report.text import WORDS, drawable, save_picture

if TYPE_CHECKING:
    from ganeval.suites import Neighbors

_INK, _MUTED, _ALARM = "#1f2933", "#7b8794", (0.86, 0.16, 0.16)
_DPI, _SIDE, _GAP, _LINE = 100, 120, 8, 16
"""Dots per inch; pixels of a cell's width, between cells, and per line of text."""

_LETTERS = 24
"""Letters of a label as wide as a cell."""


def draw_neighbors(
    found: "Neighbors",
    fakes: ImageSource,
    searched: ImageSource,
    path: str | os.PathLike[str],
    *,
    show: int = 12,
) -> None:
    """Writes a PNG: a row per fake with its nearest images by features and by pixels.

    Exact copies come first, then the closest; near-copies have a red frame, and the number before
    the nearest one's name is the closeness. The brightest value of each channel in all pictures is
    white, and the darkest black.

    Args:
        found: result of `neighbors`.
        fakes: images of the fakes.
        searched: images that were searched.
        path: file to write.
        show: number of rows.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    near = found.closeness
    chosen = found.order[:show]
    blocks = [("nearest by features", near.rows[chosen])]
    if found.pixel_rows is not None:
        blocks.append(("nearest by pixels", found.pixel_rows[chosen]))
    names = [near.fake.ids[i] for i in chosen]
    left = read_pictures(fakes, names)
    right = read_pictures(searched, (near.searched.ids[j] for _, rows in blocks for j in rows.flat))
    stretch([*left.values(), *right.values()])
    height = cell_height((*left.values(), *right.values()), _SIDE)

    k = near.rows.shape[1]
    starts = [_GAP, *(3 * _GAP + _SIDE + b * (k * (_SIDE + _GAP) + 2 * _GAP) for b in (0, 1))]
    size = (
        2 * _LINE + len(chosen) * (height + _LINE + _GAP),
        starts[len(blocks)] + k * (_SIDE + _GAP),
    )
    canvas = np.ones((*size, 3))
    figure = Figure(figsize=(size[1] / _DPI, size[0] / _DPI), dpi=_DPI)
    FigureCanvasAgg(figure)

    def write(x: int, y: int, text: str, color: object = _MUTED, points: float = 6.5) -> None:
        figure.text(
            x / size[1], 1 - y / size[0], text, color=color, fontsize=points, va="top",
            **WORDS,
        )  # fmt: skip

    for x, title in zip(starts, ("fake", *(title for title, _ in blocks)), strict=False):
        write(x, 4, title, _INK, 9)
    for r, (i, name) in enumerate(zip(chosen, names, strict=True)):
        y = 2 * _LINE + r * (height + _LINE + _GAP)
        alarm = bool(found.near_copy[i])
        _paste(canvas, y, starts[0], fitted(coloured(left[name]), height, _SIDE), alarm)
        write(starts[0], y + height + 2, _short(name))
        for b, (_, rows) in enumerate(blocks):
            for c, j in enumerate(rows[r]):
                x = starts[b + 1] + c * (_SIDE + _GAP)
                neighbour, framed = near.searched.ids[j], alarm and b == c == 0
                _paste(canvas, y, x, fitted(coloured(right[neighbour]), height, _SIDE), framed)
                how = "" if b or c else "copy: " if near.copied[i] else f"{near.values[i]:.2f}: "
                label = how + _short(neighbour, _LETTERS - len(how))
                write(x, y + height + 2, label, _ALARM if framed else _MUTED)
    figure.figimage(canvas, origin="upper")
    save_picture(figure, path, dpi=_DPI)


def _paste(canvas: np.ndarray, y: int, x: int, picture: np.ndarray, framed: bool) -> None:
    h, w = picture.shape[:2]
    if framed:
        canvas[y - 3 : y + h + 3, x - 3 : x + w + 3] = _ALARM
    canvas[y : y + h, x : x + w] = picture


def _short(name: str, letters: int = _LETTERS) -> str:
    """The end of a name, in letters that any font has."""
    text = drawable(name)
    return text if len(text) <= letters else "…" + text[1 - letters :]
