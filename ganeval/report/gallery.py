"""A gallery: each fake next to the real images that are nearest to it."""

import os
from typing import TYPE_CHECKING

import numpy as np

from ganeval.images import ImageSource
from ganeval.report.pixels import cell_height, coloured, fitted, read_pictures, stretch
from ganeval.report.sheet import GAP, INK, MUTED, SIDE, Sheet
from ganeval.report.text import drawable

if TYPE_CHECKING:
    from ganeval.suites import Neighbors

_ALARM = (0.86, 0.16, 0.16)
_LINE = 16
"""Pixels per line of text."""

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
    near = found.closeness
    chosen = found.order[:show]
    blocks = [("nearest by features", near.rows[chosen])]
    if found.pixel_rows is not None:
        blocks.append(("nearest by pixels", found.pixel_rows[chosen]))
    names = [near.fake.ids[i] for i in chosen]
    left = read_pictures(fakes, names)
    right = read_pictures(searched, (near.searched.ids[j] for _, rows in blocks for j in rows.flat))
    stretch([*left.values(), *right.values()])
    height = cell_height((*left.values(), *right.values()), SIDE)

    k = near.rows.shape[1]
    starts = [GAP, *(3 * GAP + SIDE + b * (k * (SIDE + GAP) + 2 * GAP) for b in (0, 1))]
    sheet = Sheet(
        2 * _LINE + len(chosen) * (height + _LINE + GAP),
        starts[len(blocks)] + k * (SIDE + GAP),
    )
    for x, title in zip(starts, ("fake", *(title for title, _ in blocks)), strict=False):
        sheet.write(x, 4, title, color=INK, points=9)
    for r, (i, name) in enumerate(zip(chosen, names, strict=True)):
        y = 2 * _LINE + r * (height + _LINE + GAP)
        alarm = bool(found.near_copy[i])
        _paste(sheet, starts[0], y, fitted(coloured(left[name]), height, SIDE), alarm)
        sheet.write(starts[0], y + height + 2, _short(name))
        for b, (_, rows) in enumerate(blocks):
            for c, j in enumerate(rows[r]):
                x = starts[b + 1] + c * (SIDE + GAP)
                neighbour, framed = near.searched.ids[j], alarm and b == c == 0
                _paste(sheet, x, y, fitted(coloured(right[neighbour]), height, SIDE), framed)
                how = "" if b or c else "copy: " if near.copied[i] else f"{near.values[i]:.2f}: "
                label = how + _short(neighbour, _LETTERS - len(how))
                sheet.write(x, y + height + 2, label, color=_ALARM if framed else MUTED)
    sheet.save(path)


def _paste(sheet: Sheet, x: int, y: int, picture: np.ndarray, framed: bool) -> None:
    h, w = picture.shape[:2]
    if framed:
        sheet.pixels[y - 3 : y + h + 3, x - 3 : x + w + 3] = _ALARM
    sheet.paste(x, y, picture)


def _short(name: str, letters: int = _LETTERS) -> str:
    """The end of a name, in letters that any font has."""
    text = drawable(name)
    return text if len(text) <= letters else "…" + text[1 - letters :]
