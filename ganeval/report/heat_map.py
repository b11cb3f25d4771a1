"""A class matrix as a picture: log10 of the distances, one row per class."""

import os
from typing import TYPE_CHECKING

import numpy as np

from ganeval.report.text import WORDS, drawable, save_picture

if TYPE_CHECKING:
    from ganeval.suites import ClassMatrix

DARK, LIGHT = "viridis", "white"


def draw_matrix(found: "ClassMatrix", path: str | os.PathLike[str], *, title: str = "") -> None:
    """Writes a PNG.

    Colours are log10 of the distances, from the smallest positive one; zero and negative values,
    which KID can have, stay white.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    k = len(found.classes)
    side = max(3.5, 0.17 * k + 1.5)
    figure = Figure(figsize=(side + 1.1, side), layout="constrained", dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    positive = np.where(found.values > 0, found.values, np.nan)
    image = axes.imshow(np.log10(positive), cmap=DARK)
    size = 9 if k <= 15 else 6
    for ticks in (axes.set_xticks, axes.set_yticks):
        ticks(range(k))
    names = [drawable(name) for name in found.classes]
    axes.set_xticklabels(names, rotation=90, fontsize=size, **WORDS)
    axes.set_yticklabels(names, fontsize=size, **WORDS)
    axes.tick_params(length=0)
    axes.set_facecolor(LIGHT)
    axes.set_ylabel(drawable(found.names[0]), fontsize=8, **WORDS)
    axes.set_xlabel(drawable(found.names[1]), fontsize=8, **WORDS)
    axes.set_title(drawable(title), fontsize=10, **WORDS)
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.set_label(f"log10 of {found.metric.upper()}", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    save_picture(figure, path)
