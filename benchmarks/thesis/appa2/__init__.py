"""Appendix A.2: conditional GANs of 25 Gaussians, class by class."""

from pathlib import Path
from typing import Any

import numpy as np

import ganeval
from benchmarks.thesis import style
from benchmarks.thesis.cells import Cell, Claim, latest, scored, unless_small
from benchmarks.thesis.models import Model, small
from benchmarks.thesis.words import picture, table
from ganeval.datasets.gaussians import GRID

TITLE = "Appendix A.2: conditional models of 25 Gaussians"

MODELS = {
    "cGAN, 1 D step": ("toy-cgan", ("d_steps=1",)),
    "cLSGAN, 1 D step": ("toy-clsgan", ("d_steps=1",)),
    "cWGAN-GP, 10 D steps": ("toy-cwgan-gp", ()),
}

CLASSES, N = 5, 2000
"""Rows of the grid; points of each."""


def model(cell: Cell) -> Model:
    """The model of a row."""
    recipe, changes = MODELS[cell.what]
    narrow = small(recipe, cell.steps, *changes, batch=256)
    return narrow if cell.scale == "small" else Model(recipe, cell.steps, changes, cell.seed)


def cells(scale: str) -> list[Cell]:
    """200 steps, or all 6,000."""
    return [Cell(what, scale, 200 if scale == "small" else 6000) for what in MODELS]


def needs(cell: Cell) -> list[Model]:
    """One model."""
    return [model(cell)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Of each class the likelihood, the modes it covers of its five, and the share in its row."""
    labels = np.repeat(np.arange(CLASSES), N)
    points = model(cell).draw(labels).astype(float)
    figure, axes = style.figure(2)
    keep = slice(None, None, 4)
    style.show_points(axes[0, 0], points[keep], labels[keep])
    style.show_density(axes[0, 1], points[:: len(points) // 256][:256], GRID.spread)
    style.title(axes[0, 0], f"{cell.what}: {cell.steps} steps, colours are classes")
    style.title(axes[0, 1], "kernel density of 256 points")
    style.save(figure, out / _name(cell.what, cell.scale))
    rng = np.random.default_rng(0)
    return {"classes": [_of_class(k, points[labels == k], rng) for k in range(CLASSES)]}


def _of_class(k: int, fake: np.ndarray, rng: np.random.Generator) -> dict[str, Any]:
    real, _ = GRID.draw(N, rng, np.full(N, k))
    nearest = np.linalg.norm(fake[:, None] - GRID.centres, axis=2).argmin(1)
    near = np.linalg.norm(fake[:, None] - GRID.centres, axis=2).min(1) <= 3 * GRID.spread
    counts = np.bincount(nearest[near & (nearest % CLASSES == k)], minlength=25)
    likelihood = ganeval.kde_log_likelihood(real, fake, bandwidth=GRID.spread)
    return {
        "log_likelihood": scored(likelihood),
        "perfect": likelihood.details["real_reference"]["value"],
        "modes": int((counts >= 0.1 * N / 5).sum()),
        "in_row": float((nearest % CLASSES == k).mean()),
    }


def _name(what: str, scale: str) -> str:
    return f"{what.partition(',')[0].lower()}-{scale}.png"


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """Classes are told apart."""
    last = latest(rows)
    least = {row["what"]: min(c["in_row"] for c in row["classes"]) for row in last}
    agrees, scale = min(least.values()) > 0.9, last[0]["scale"]
    here = ", ".join(f"{what} {share:.2f}" for what, share in least.items())
    return [
        Claim("conditional models capture differences between classes well",
              f"share of points in the row asked for, worst class: {here}",
              agrees or unless_small(agrees, scale), scale)
    ]  # fmt: skip


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """A table over classes, and the pictures."""
    lines, pictures = [], []
    for row in latest(rows):
        classes = row["classes"]
        likely = [c["log_likelihood"]["value"] for c in classes]
        lines.append(
            [
                row["what"], row["scale"], row["steps"],
                " / ".join(f"{value:.1f}" for value in likely),
                f"{np.mean([c['perfect'] for c in classes]):.2f}",
                " / ".join(str(c["modes"]) for c in classes),
                " / ".join(f"{c['in_row']:.2f}" for c in classes),
            ]
        )  # fmt: skip
        pictures.append(picture(out, _name(row["what"], row["scale"]), row["what"]))
    heads = (
        "model | scale | steps | nats per point, classes 0 to 4 | perfect | modes of 5 | "
        "share in the own row"
    )
    return "\n\n".join(
        [
            "A class is a row of the grid, five modes. Mean log-likelihood of 2,000 real points "
            "of a class under the kernel density (bandwidth 1) of 2,000 generated ones, with "
            "the modes that are covered, and the share of points nearest to a mode of the row "
            "asked for.",
            table(heads, lines),
            "**The thesis**: conditional models capture differences between classes well, and "
            "behave within classes as unconditional ones do. The last column shows the first; "
            "modes and likelihoods within rows show the second. Intervals are in "
            "`results.jsonl`.",
            "\n".join(pictures),
        ]
    )
