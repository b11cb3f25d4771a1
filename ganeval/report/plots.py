"""Plots of samples of each model next to its score and interval."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

from ganeval.metrics import METRICS, Score
from ganeval.report.text import WORDS, drawable, save_picture

_INK, _MUTED, _ACCENT = "#1f2933", "#7b8794", "#0b7285"


def plot_models(
    path: Path,
    samples: Mapping[str, Sequence[np.ndarray]],
    scores: Mapping[str, Score],
    *,
    title: str,
) -> None:
    """Writes a PNG: one row per set with its samples, and next to them its score and interval.

    Args:
        path: file to write.
        samples: a few images [c, h, w] of each set, channels first; the first set are the reals.
        scores: scores of the sets that have one, all of the same metric.
        title: title above the picture.
    """
    from matplotlib.figure import Figure  # no pyplot: no global state, no display

    figure = Figure(figsize=(11, 0.95 * len(samples) + 1.1), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[2.6, 1])
    left.set_title(
        drawable(title), loc="left", pad=14, color=_INK, fontsize=13, fontweight="bold", **WORDS
    )
    names = list(samples)

    strips = [_strip(images) for images in samples.values()]
    gap = strips[0].shape[0] // 5
    for row, strip in enumerate(strips):
        top = row * (strip.shape[0] + gap)
        extent = (0, strip.shape[1], top + strip.shape[0], top)
        left.imshow(strip, extent=extent, cmap="gray_r", vmin=0, vmax=1)
    height = strips[0].shape[0]
    centres = [row * (height + gap) + height / 2 for row in range(len(strips))]
    left.set(xlim=(0, strips[0].shape[1]), ylim=(centres[-1] + height / 2, 0))
    left.set_yticks(centres, [drawable(name) for name in names], color=_INK, fontsize=11, **WORDS)
    left.set_xticks([])

    for row, name in enumerate(names):
        if name in scores:
            _interval(right, centres[row], scores[name])
    right.set(ylim=left.get_ylim(), yticks=[])
    right.axvline(0, color=_MUTED, linewidth=0.8, linestyle=":")
    any_score = next(iter(scores.values()))
    label = METRICS[any_score.metric].label
    right.set_xlabel(
        f"{label}, {any_score.level:.0%} interval ({any_score.better} is better)", color=_INK
    )
    for axis in (left, right):
        axis.tick_params(length=0, colors=_INK)
        for side in ("top", "right", "left", "bottom"):
            axis.spines[side].set_visible(axis is right and side == "bottom")
    figure.draw_without_rendering()  # square pixels shrink the left side: the right one follows
    rows, beside = left.get_position(), right.get_position()
    figure.set_layout_engine("none")
    right.set_position((beside.x0, rows.y0, beside.width, rows.height))
    save_picture(figure, path, bbox_inches="tight", pad_inches=0.2)


def _strip(images: Sequence[np.ndarray]) -> np.ndarray:
    """Images side by side as [h, w] or [h, w, 3] in [0, 1]; extra channels are left out."""
    row = np.concatenate([image.transpose(1, 2, 0) for image in images], axis=1)
    top = np.iinfo(row.dtype).max if row.dtype.kind == "u" else max(float(row.max()), 1e-9)
    scaled = row.astype(np.float64) / top
    if scaled.shape[2] == 1:
        return scaled[:, :, 0]
    if scaled.shape[2] == 2:
        scaled = np.concatenate([scaled, np.zeros_like(scaled[:, :, :1])], axis=2)
    return scaled[:, :, :3]


def _interval(axis: "Axes", height: float, score: Score) -> None:
    value = score.value if score.corrected is None else score.corrected
    if score.interval is not None:
        axis.plot(score.interval, [height, height], color=_ACCENT, lw=3, solid_capstyle="round")
    axis.plot([value], [height], "o", color=_ACCENT, markersize=8)
    axis.annotate(
        f"{value:.2f}",
        (value, height),
        xytext=(0, 9),
        textcoords="offset points",
        ha="center",
        color=_INK,
    )
