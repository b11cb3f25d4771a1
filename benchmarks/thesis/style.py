"""One style for all pictures: samples as grids, points with their density, curves, bars."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, ScalarFormatter

from ganeval.report.text import WORDS, drawable, save_picture

INK, MUTED = "#1f2933", "#9aa5b1"
COLOURS = ("#0b7285", "#c2410c", "#7048a8", "#4d7c0f", "#a16207")
"""Of models, in the order in which a figure names them."""

FIRST = 50
STEPS = f"step (the initial weights at {FIRST})"
"""Where the initial weights stand on a logarithmic axis of steps, and the axis' name."""

REACH = 27.0
"""Half the side of pictures of the 25 Gaussians."""


def figure(columns: int, rows: int = 1, *, side: float = 2.6, wide: float = 1.0) -> Any:
    """A figure and its axes [rows, columns], each `side` inches high and `wide` times as wide."""
    made = Figure(figsize=(columns * side * wide, rows * side), dpi=100, layout="constrained")
    axes = made.subplots(rows, columns, squeeze=False)
    for one in axes.flat:
        one.tick_params(labelsize=7, length=2, colors=INK)
        for name in ("top", "right"):
            one.spines[name].set_visible(False)
    return made, axes


def title(axes: Axes, text: str) -> None:
    """A short title above axes."""
    axes.set_title(drawable(text), fontsize=8, color=INK, **WORDS)


def label(axes: Axes, x: str = "", y: str = "") -> None:
    """Names of both axes."""
    axes.set_xlabel(drawable(x), fontsize=8, color=INK, **WORDS)
    axes.set_ylabel(drawable(y), fontsize=8, color=INK, **WORDS)


def legend(axes: Axes) -> None:
    """Names of the lines."""
    axes.legend(fontsize=7, frameon=False)


def save(made: Figure, path: Path) -> None:
    """Writes a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_picture(made, path)


def tiles(images: np.ndarray, *, gap: int = 2) -> np.ndarray:
    """One RGB picture [h, w, 3] of images [rows, columns, c, h, w] uint8.

    One channel is grey; of two, the first is red and the second green, as in LIN.
    """
    rows, columns, c, h, w = images.shape
    rgb = np.zeros((rows, columns, 3, h, w), np.uint8)
    if c == 1:
        rgb[:] = images
    else:
        rgb[:, :, : min(c, 3)] = images[:, :, :3]
    padded = np.pad(rgb, ((0, 0), (0, 0), (0, 0), (0, gap), (0, gap)), constant_values=255)
    whole = padded.transpose(0, 3, 1, 4, 2).reshape(rows * (h + gap), columns * (w + gap), 3)
    return np.asarray(whole[:-gap, :-gap])


def show_tiles(
    axes: Axes, images: np.ndarray, *, rows: Sequence[str] = (), columns: Sequence[str] = ()
) -> None:
    """Draws a grid of images [rows, columns, c, h, w] with the names of its rows and columns."""
    picture = tiles(images)
    axes.imshow(picture, interpolation="nearest")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    high, wide = picture.shape[0] / images.shape[0], picture.shape[1] / images.shape[1]
    axes.set_yticks([high * (i + 0.5) for i in range(len(rows))], list(rows))
    axes.set_xticks([wide * (i + 0.5) for i in range(len(columns))], list(columns))
    axes.xaxis.tick_top()


def show_points(axes: Axes, points: np.ndarray, colours: np.ndarray | None = None) -> None:
    """Draws points [n, 2] of the 25 Gaussians."""
    options = {"color": INK} if colours is None else {"c": colours, "cmap": "viridis"}
    axes.scatter(*points.T, s=1.5, linewidths=0, **options)
    _square(axes)


def show_density(axes: Axes, points: np.ndarray, bandwidth: float) -> None:
    """Draws the kernel density of points [n, 2]."""
    at = np.linspace(-REACH, REACH, 108)
    x, y = (np.exp(-((at[:, None] - points[:, i]) ** 2) / (2 * bandwidth**2)) for i in (0, 1))
    axes.imshow(y @ x.T, origin="lower", extent=(-REACH, REACH, -REACH, REACH), cmap="viridis")
    _square(axes)


def show_quantiles(
    axes: Axes, tests: Mapping[int, Mapping[str, float]], *, color: str, label: str | None
) -> None:
    """Draws the median of a test over the steps of a training, and its 10 and 90 % quantiles."""
    steps = [max(step, FIRST) for step in tests]
    low, middle, high = (np.array([of[q] for of in tests.values()]) for q in ("q10", "q50", "q90"))
    bars = abs(np.array([low, high]) - middle)
    axes.errorbar(steps, middle, bars, color=color, lw=1, capsize=2, label=label)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.minorticks_off()


def _square(axes: Axes) -> None:
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
    axes.set_xticks([-20, 0, 20])
    axes.set_yticks([-20, 0, 20])
