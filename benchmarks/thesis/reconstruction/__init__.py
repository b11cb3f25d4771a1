"""Beyond the thesis: held-out cells reconstructed by optimising the noise, as in Osokin et al."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.thesis import fig12, style, table3, yeast
from benchmarks.thesis.cells import Cell, digits, latest
from benchmarks.thesis.models import DEVICE, Model
from benchmarks.thesis.words import picture, table
from trainers._base import System
from trainers.sampling import as_pixels, with_generator

TITLE = "Reconstruction of held-out cells"

MODELS = ("one-class", "star", "multichannel", "projection")

K = 6

PUBLISHED = "0.041 to 0.061 (nearest training cell: 0.079)"
"""Median L2 of Osokin et al. 2017 on LIN, over their GANs; arXiv:1708.04692."""


def model(what: str, scale: str) -> Model:
    """A model of six proteins."""
    if what in fig12.MODELS:
        return fig12.model("synthlin", what, scale)
    return table3.model("synthlin", K, what, scale)


def cells(scale: str) -> list[Cell]:
    """Four models."""
    return [Cell(what, scale, model(what, scale).steps) for what in MODELS]


def needs(cell: Cell) -> list[Model]:
    """One model."""
    return [model(cell.what, cell.scale)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """RMSE of the best reconstruction of each cell, and of the nearest training cell."""
    small = cell.scale == "small"
    each, restarts, steps = (2, 1, 6) if small else (20, 5, 50)
    names = yeast.PROTEINS[K]
    real = yeast.cells_of("synthlin", names, "test", yeast.per_class(cell.scale))[:, :each]
    known = yeast.cells_of("synthlin", names, "train", 100 if small else 500)
    state = model(cell.what, cell.scale).state()
    system = with_generator(state.system, state.steady).eval()
    system.requires_grad_(False)
    found, drawn = [], []
    for k in range(K):
        for i in range(each):
            target = torch.from_numpy(real[k, i]).to(DEVICE).float() / 127.5 - 1
            z, image = reconstruct(system, target, k, restarts=restarts, steps=steps, seed=i)
            near = np.sqrt(np.mean((known[k] / 255.0 - real[k, i] / 255.0) ** 2, axis=(1, 2, 3)))
            found.append(
                {
                    "class": k,
                    "rmse": float((image - target).square().mean().sqrt() / 2),
                    "nearest": float(near.min()),
                    "noise_nll": float((z.square().sum() + len(z) * np.log(2 * np.pi)) / 2),
                }
            )
            drawn.append(np.stack([real[k, i], as_pixels(image[None])[0], known[k][near.argmin()]]))
    tiles = np.stack(drawn).reshape(K, -1, 2, 48, 80)[:, :6]
    figure, axes = style.figure(1, side=2.6, wide=2.0)
    columns = ("cell", "reconstructed", "nearest") * 2
    style.show_tiles(axes[0, 0], tiles, rows=names, columns=columns)
    style.save(figure, out / _name(cell.what, cell.scale))
    return {"restarts": restarts, "lbfgs_steps": steps, "cells": digits(found)}


def reconstruct(
    system: System, target: Tensor, k: int, *, restarts: int, steps: int, seed: int
) -> tuple[Tensor, Tensor]:
    """The noise [d] whose picture of class k is nearest to `target` [c, h, w], and that picture.

    L-BFGS from several draws of noise; 20 evaluations in each of its steps, step size 0.05.
    """
    best: tuple[float, Tensor, Tensor] | None = None
    y = torch.tensor([k], device=target.device)
    for start in range(restarts):
        rng = torch.Generator(target.device).manual_seed(1000 * seed + start)
        z = torch.randn(1, system.noise, generator=rng, device=target.device).requires_grad_()
        optimizer = torch.optim.LBFGS([z], lr=0.05, max_iter=20)

        def loss(z: Tensor = z, optimizer: torch.optim.Optimizer = optimizer) -> Tensor:
            optimizer.zero_grad()
            error = (system.pictures(z, y)[0] - target).square().mean()
            error.backward()  # type: ignore[no-untyped-call]
            return error

        for _ in range(steps):
            optimizer.step(loss)
        with torch.no_grad():
            image = system.pictures(z, y)[0]
            error = float((image - target).square().mean())
        if best is None or error < best[0]:
            best = error, z.detach()[0], image
    assert best is not None
    return best[1], best[2]


def _name(what: str, scale: str) -> str:
    return f"{what}-{scale}.png"


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Medians, and a paired test against the nearest training cell."""
    from scipy.stats import wilcoxon

    last, lines = latest(rows), []
    for row in last:
        rmse, near, nll = (
            np.array([one[name] for one in row["cells"]])
            for name in ("rmse", "nearest", "noise_nll")
        )
        p = wilcoxon(rmse, near).pvalue
        lines.append(
            [row["what"], row["scale"], row["steps"], len(rmse), _median(rmse), _median(near),
             f"{int((rmse < near).sum())} of {len(rmse)}", f"{p:.2g}", f"{np.median(nll):.0f}"]
        )  # fmt: skip
    heads = (
        "model | scale | steps | cells | RMSE, median ± MAD | nearest training cell | nearer "
        "than it | p (Wilcoxon) | NLL of the noise"
    )
    return "\n\n".join(
        [
            "L-BFGS over the noise of a trained generator, from several starts, so that its "
            "picture is like a held-out cell (grey values from 0 to 1). A generator that has "
            "learned to draw any cell comes nearer than the nearest training cell of the "
            "protein does; the noise it needs should not be unlikely (142 ± 7 for 100 standard "
            "normal numbers).",
            table(heads, lines),
            f"Osokin et al. on LIN, after 50,000 steps or more: {PUBLISHED}. The scale of grey "
            "values of SynthLIN is LIN's.",
            "\n".join(picture(out, _name(r["what"], r["scale"]), r["what"]) for r in last),
        ]
    )


def _median(values: np.ndarray) -> str:
    middle = np.median(values)
    return f"{middle:.3f} ± {np.median(abs(values - middle)):.3f}"
