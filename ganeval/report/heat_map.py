"""A class matrix as a picture: log10 of the distances, one row per class."""

import os
from typing import TYPE_CHECKING

import numpy as np

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
    # A dollar sign in a user's name must not start a formula.
    names = [name.replace("$", r"\$") for name in found.classes]
    axes.set_xticklabels(names, rotation=90, fontsize=size)
    axes.set_yticklabels(names, fontsize=size)
    axes.tick_params(length=0)
    axes.set_facecolor(LIGHT)
    axes.set_ylabel(found.names[0].replace("$", r"\$"), fontsize=8)
    axes.set_xlabel(found.names[1].replace("$", r"\$"), fontsize=8)
    axes.set_title(title.replace("$", r"\$"), fontsize=10)
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.set_label(f"log10 of {found.metric.upper()}", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    figure.savefig(path, metadata={"Software": None})
