"""A picture of cells and words, in pixels from its upper left corner."""

import os

import numpy as np

from ganeval.report.text import WORDS, save_picture

INK, MUTED = "#1f2933", "#7b8794"
SIDE, GAP = 120, 8
"""Pixels of a cell's width, and between cells."""
_DPI = 100


class Sheet:
    """White until something is pasted or written.

    Args:
        height: in pixels.
        width: in pixels.
    """

    def __init__(self, height: int, width: int) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.pixels = np.ones((height, width, 3))
        """[height, width, 3], from 0 to 1."""
        self._figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
        FigureCanvasAgg(self._figure)

    def paste(self, x: int, y: int, picture: np.ndarray) -> None:
        """Puts a picture [h, w, 3] with its upper left corner at (x, y)."""
        self.pixels[y : y + picture.shape[0], x : x + picture.shape[1]] = picture

    def write(
        self, x: int, y: int, text: str, *, color: object = MUTED, points: float = 6.5
    ) -> None:
        """Writes a text, whose letters `drawable` has, below and to the right of (x, y)."""
        height, width, _ = self.pixels.shape
        self._figure.text(
            x / width, 1 - y / height, text, color=color, fontsize=points, va="top", **WORDS
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a PNG."""
        self._figure.figimage(self.pixels, origin="upper")
        save_picture(self._figure, path, dpi=_DPI)
