"""Beyond the thesis: do models put the proteins of one cell where they lie together?

SynthLIN knows all 41 proteins of the same cell, which no microscope can show. Co-localisation of
two proteins is the correlation of their pixels within a cell, averaged over cells.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.thesis import fig12, style, table3, yeast
from benchmarks.thesis.cells import Cell, digits, latest
from benchmarks.thesis.models import DEVICE, ROOT, Model
from benchmarks.thesis.words import picture, table
from ganeval.datasets import LIN6, LIN41
from ganeval.datasets.synthlin import simulate_all
from ganeval.files import whole
from trainers.conditioning import Multichannel, Projection, StarShaped
from trainers.sampling import as_pixels, with_generator

TITLE = "Joint generation against the truth"

MODELS = ("multichannel", "projection, shared noise", "star")
REFERENCES = ("other true cells", "true cells, proteins of different cells")

BRIGHT = 10
"""Mean grey value over all proteins above which a pixel is within a cell."""


def model(what: str, scale: str) -> Model:
    """Models of 41 proteins; the star, which has a net for each, of six."""
    if what == "star":
        return fig12.model("synthlin", "star", scale)
    return table3.model("synthlin", 41, what.partition(",")[0], scale)


def cells(scale: str) -> list[Cell]:
    """Two references and three models."""
    return [
        *(Cell(what, scale) for what in REFERENCES),
        *(Cell(what, scale, model(what, scale).steps) for what in MODELS),
    ]


def needs(cell: Cell) -> list[Model]:
    """One model; none for references."""
    return [model(cell.what, cell.scale)] if cell.what in MODELS else []


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """The matrix, and how far it is from the truth."""
    n = 60 if cell.scale == "small" else 500
    rows = [LIN41.index(name) for name in (LIN6 if cell.what == "star" else LIN41)]
    truth = together(true_cells("test", n)[:, rows])
    found = together(_images(cell, n))
    apart, interval = rms(_above(truth), _above(found))
    alike = float(np.corrcoef(_above(truth).mean(0), _above(found).mean(0))[0, 1])
    return digits(
        {
            "n": n,
            "proteins": len(rows),
            "rms": {"value": apart, "interval": interval},
            "correlation": alike,
            "matrix": found.mean(0).tolist(),
            "truth": truth.mean(0).tolist(),
        }
    )


def true_cells(part: yeast.Part, n: int) -> np.ndarray:
    """[n, 41, 48, 80] uint8: all proteins of the same simulated cells, kept in build/thesis."""
    path = ROOT / "cells" / f"all-{part}-{n}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with whole(path) as beside, beside.open("wb") as file:
            np.save(file, simulate_all(n, part=part).images[:, 1:])
    return np.asarray(np.load(path))


def together(images: np.ndarray) -> np.ndarray:
    """[n, k, k] correlation of the pixels of every two proteins within each cell [n, k, h, w]."""
    found = np.zeros((len(images), images.shape[1], images.shape[1]))
    for i, cell in enumerate(images.astype(np.float64)):
        inside = cell[:, cell.mean(0) > BRIGHT]
        if inside.shape[1] > 1:
            centred = inside - inside.mean(1, keepdims=True)
            size = np.linalg.norm(centred, axis=1, keepdims=True)
            unit = centred / np.where(size > 0, size, 1.0)
            found[i] = unit @ unit.T
    return found


def rms(one: np.ndarray, two: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Root mean square difference of the means of rows [n, d] and [m, d], and its 95 % interval.

    The square is unbiased: what the choice of cells adds is taken off. Its variance is that of the
    influences of the cells, and of products of their deviations, which count where means agree.
    """
    d, gap = one.shape[1], one.mean(0) - two.mean(0)
    sides = [(rows - rows.mean(0), len(rows)) for rows in (one, two)]
    square = float(gap @ gap) - sum(float((x**2).sum()) / (n - 1) / n for x, n in sides)
    linear = sum(4 * float((x @ gap).var(ddof=1)) / n for x, n in sides)
    (x, n), (y, m) = sides
    products = 0.0
    for a, b, size in ((x, x, n * n), (y, y, m * m), (x, y, n * m)):
        squares = (a @ b.T) ** 2
        if a is b:
            np.fill_diagonal(squares, 0)  # a cell with itself
        products += (2 if a is b else 4) * float(squares.sum()) / size / size
    # The noise of the gap adds twice the products to `linear`.
    half = 1.96 * max(linear - products, products) ** 0.5
    ends = (square - half, square, square + half)
    low, value, high = ((max(end, 0.0) / d) ** 0.5 for end in ends)
    return value, (low, high)


def _above(matrices: np.ndarray) -> np.ndarray:
    """[n, pairs] of [n, k, k]: each pair of proteins once."""
    i, j = np.triu_indices(matrices.shape[1], 1)
    return np.asarray(matrices[:, i, j])


def _images(cell: Cell, n: int) -> np.ndarray:
    """[n, k, h, w] uint8: all proteins of the same cells, as the model has them."""
    if cell.what not in MODELS:
        images = true_cells("train", n)
        if cell.what == REFERENCES[1]:
            rng = np.random.default_rng(0)
            images = np.stack([images[rng.permutation(n), k] for k in range(len(LIN41))], axis=1)
        return images
    state = model(cell.what, cell.scale).state()
    system = with_generator(state.system, state.steady).eval()
    rng = torch.Generator(DEVICE).manual_seed(0)
    z = torch.randn(n, system.noise, generator=rng, device=DEVICE)
    with torch.no_grad():
        if isinstance(system, Multichannel | StarShaped):
            return as_pixels(system.everything(z).flatten(0, 1)).reshape(n, -1, 2, 48, 80)[:, :, 1]
        assert isinstance(system, Projection)
        classes = [torch.full((n,), k, device=DEVICE) for k in range(len(LIN41))]
        return np.stack([as_pixels(system.pictures(z, y))[:, 1] for y in classes], axis=1)


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Matrices side by side and their distance from the truth."""
    order = (*REFERENCES, *MODELS)
    last = sorted(latest(rows), key=lambda row: order.index(row["what"]))
    wide = [row for row in last if row["proteins"] == 41]
    shown = [("truth", wide[0]["truth"]), *((row["what"], row["matrix"]) for row in wide)]
    figure, axes = style.figure(len(shown), side=2.3)
    for axis, (name, values) in zip(axes[0], shown, strict=True):
        image = axis.imshow(np.array(values), vmin=-0.2, vmax=1, cmap="viridis")
        axis.set_xticks([])
        axis.set_yticks([])
        style.title(axis, name.replace("true cells, p", "p"))
    bar = figure.colorbar(image, ax=axes[0, -1], shrink=0.8)
    bar.ax.tick_params(labelsize=6)
    style.save(figure, out / "matrices.png")
    lines = [
        [
            row["what"],
            row["scale"],
            row["steps"],
            row["n"],
            row["proteins"],
            "{:.3f} ({:.3f} to {:.3f})".format(row["rms"]["value"], *row["rms"]["interval"]),
            f"{row['correlation']:.3f}",
        ]
        for row in last
    ]
    heads = (
        "cells | scale | steps | n | proteins | RMS difference from the truth (95 %) | "
        "correlation with it"
    )
    return "\n\n".join(
        [
            "Every model draws all proteins of a cell from one noise. Its matrix of "
            "co-localisation is compared with that of SynthLIN, which knows all proteins of a "
            "cell; what the choice of cells adds is taken off. Other true cells are what a "
            "perfect model would get. True proteins taken from different cells are what a model "
            "gets that knows each protein, and nothing of how they lie together.",
            picture(out, "matrices.png", "Co-localisation of 41 proteins"),
            table(heads, lines),
            "The thesis had only pairs of Bgs4 and one protein, so that it could not ask this. "
            "A joint model is of use where it is nearer to the truth than proteins of different "
            "cells are.",
        ]
    )
