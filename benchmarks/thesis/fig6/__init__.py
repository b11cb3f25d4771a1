"""Figure 6: the classifier two-sample test over training, three GANs of 25 Gaussians."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import ganeval
from benchmarks.thesis import style, table1
from benchmarks.thesis.cells import Cell, Claim, latest, quantiles, scored, unless_small
from benchmarks.thesis.models import Model
from benchmarks.thesis.words import picture, table
from ganeval.datasets.gaussians import GRID

TITLE = "Figure 6: C2ST over training, three GANs of 25 Gaussians"

MODELS = ("GAN, 1 D step", "LSGAN, 1 D step", "WGAN-GP, 10 D steps")

N = 1000
"""Points of each side."""


def cells(scale: str) -> list[Cell]:
    """One seed and 200 steps; or three seeds, all for 1,000 steps before any goes on."""
    if scale == "small":
        return [Cell(what, scale, 200) for what in MODELS]
    return [
        Cell(what, scale, steps, seed)
        for steps in (1000, 6000)
        for seed in range(3)
        for what in MODELS
    ]


def needs(cell: Cell) -> list[Model]:
    """A model of Table 1."""
    return [table1.model(cell)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """The test at every checkpoint, on several draws of points."""
    model, checkpoints = table1.model(cell), []
    splits, draws = (5, 2) if cell.scale == "small" else (10, 3)
    for step in model.checkpoints():
        tests = []
        for again in range(draws):
            real, _ = GRID.draw(N, np.random.default_rng([cell.seed, again, step]))
            fake = model.draw(np.zeros(N, int), step, again)
            found = ganeval.c2st(
                real, fake.astype(float), classifier="mlp", repeats=splits, permutations=0
            )
            tests.append(scored(found) | quantiles(found.details["auc"]))
        checkpoints.append({"step": step, "tests": tests})
    return {"checkpoints": checkpoints}


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """A monotonous trend, and instability."""
    last = latest(rows)
    scale, noises = last[0]["scale"], [Noise.of(row) for row in last]
    falls = ", ".join(f"{noise.falls} of {noise.steps} steps" for noise in noises)
    spread = ", ".join(f"{n.moves:.3f} against {n.points:.3f}" for n in noises)
    return [
        Claim(
            "the trend is monotonous",
            f"AUC falls in {falls}",
            all(noise.falls == noise.steps for noise in noises),
            scale,
        ),
        Claim(
            "but highly unstable",
            f"sd from checkpoint to checkpoint against that of new points: {spread}",
            unless_small(any(noise.moves > 2 * noise.points for noise in noises), scale),
            scale,
        ),
    ]


@dataclass(frozen=True)
class Noise:
    """Standard deviations of one AUC, and how often it falls from a checkpoint to the next."""

    splits: float
    points: float
    moves: float
    falls: int
    steps: int

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Noise":
        """From all tests of one training."""
        tests = [found["tests"] for found in row["checkpoints"]]
        medians = np.array([[test["q50"] for test in of] for of in tests])
        means = medians.mean(1)
        # The 10 and 90 % quantiles of a normal distribution lie 2.563 standard deviations apart.
        splits = np.mean([(test["q90"] - test["q10"]) / 2.563 for of in tests[1:] for test in of])
        points = np.sqrt(medians[1:].var(1, ddof=1).mean())
        moves = np.sqrt(np.mean(np.diff(means[1:]) ** 2) / 2) if len(means) > 2 else np.nan
        falls = int((np.diff(means) < 0).sum())
        return cls(float(splits), float(points), float(moves), falls, len(means) - 1)


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Curves, and where the instability comes from."""
    last = latest(rows)
    figure, axes = style.figure(1, side=2.8, wide=1.6)
    lines = []
    for what, colour in zip(MODELS, style.COLOURS, strict=False):
        found = [row for row in last if row["what"] == what]
        for row in found:
            style.show_quantiles(
                axes[0, 0],
                {c["step"]: c["tests"][0] for c in row["checkpoints"]},
                color=colour,
                label=what if row is found[0] else None,
            )
            lines.append(_line(row))
    style.label(axes[0, 0], style.STEPS, "AUC")
    style.legend(axes[0, 0])
    style.save(figure, out / "fig6.png")
    heads = (
        "model | scale | seed | steps | AUC at the end (95 %) | falls in | spread over splits"
        " | over new points | from checkpoint to checkpoint"
    )
    return "\n\n".join(
        [
            "Median AUC of ten splits (small: five) of 1,000 real and 1,000 generated points, with "
            "its 10 and 90 % quantiles, as in the thesis; 0.5 cannot be told apart, 1 always.",
            picture(out, "fig6.png", "C2ST over training"),
            table(heads, lines),
            "**The thesis** found a monotonous trend that is unstable, and no consistent order "
            "of models. The columns on the right are standard deviations of one AUC: over the "
            "splits of one set of points, over fresh points from the same weights, and from "
            "each checkpoint after the first to the next. Where the last is many times the one "
            "before it, it is the models that are unstable and not the test.",
        ]
    )


def _line(row: dict[str, Any]) -> list[object]:
    noise, end = Noise.of(row), row["checkpoints"][-1]["tests"][0]
    return [
        row["what"],
        row["scale"],
        row["seed"],
        row["steps"],
        "{:.3f} ({:.3f} to {:.3f})".format(end["value"], *end["interval"]),
        f"{noise.falls} of {noise.steps} steps",
        *(f"{value:.4f}" for value in (noise.splits, noise.points, noise.moves)),
    ]
