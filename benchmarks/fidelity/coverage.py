"""How often do the intervals of clipped density and coverage, Vendi and MIND cover their mean?

    python -m benchmarks.fidelity.coverage --out benchmarks/fidelity/results.jsonl --replicates 200

All four depend on the number of images, so an interval should hold the mean score of samples of
these sizes: that of all replicates of the cell (for clipped scores, of those that are not clipped).
Vendi's bandwidth is the same in all replicates, since its interval takes it as given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness
from ganeval import Score, clipped_density_coverage, mind, vendi


@dataclass(frozen=True)
class Cell:
    """Numbers of images and features, and how the fakes differ."""

    world: str
    n: int
    m: int
    d: int


WORLDS = ("equal", "shifted", "one in five bad", "a mode missing")
SIZES = ((60, 60, 8), (100, 300, 8), (200, 200, 32))
CELLS = [Cell(world, *size) for size in SIZES for world in WORLDS]


def draw(cell: Cell, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Reals [n, d] and fakes [m, d]."""
    real, fake = rng.standard_normal((cell.n, cell.d)), rng.standard_normal((cell.m, cell.d))
    if cell.world == "shifted":
        fake += cell.d**-0.5
    if cell.world == "one in five bad":
        fake[rng.random(cell.m) < 0.2] += 100
    if cell.world == "a mode missing":
        modes = 6 * np.eye(4, cell.d)
        real, fake = (
            real + modes[rng.integers(4, size=cell.n)],
            fake + modes[rng.integers(3, size=cell.m)],
        )
    return real, fake


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Of each metric, the mean, the spread over replicates and the share of intervals that hold."""
    scores: dict[str, list[Score]] = {name: [] for name in METRICS}
    for i in range(replicates):
        sides = draw(cell, np.random.default_rng([i, cell.n, cell.d, *cell.world.encode()]))
        bandwidth = (cell.d / 2) ** 0.5  # half of the typical distance
        of_fakes = vendi(sides[1], real=sides[0], bandwidth=bandwidth)
        for one in (*clipped_density_coverage(*sides), of_fakes, mind(*sides)):
            scores[one.metric].append(one)
    return {name: _summary(found) for name, found in scores.items()}


METRICS = ("clipped_density", "clipped_coverage", "vendi", "mind")


def _summary(scores: list[Score]) -> dict[str, Any]:
    values = np.array([score.details.get("unclipped", score.value) for score in scores])
    truth = float(values.mean())
    if "unclipped" in scores[0].details:
        truth = min(truth, 1.0)
    printed = [score for score in scores if score.interval is not None]
    held = [low <= truth <= high for low, high in (score.interval for score in printed)]  # type: ignore[misc]
    errors = [score.std_error for score in printed]
    return {
        "mean": float(values.mean()),
        "spread": float(values.std(ddof=1)),
        "printed": len(printed) / len(scores),
        "covers": float(np.mean(held)) if held else None,
        "std_error": float(np.median(errors)) if errors else None,  # type: ignore[type-var]
    }


def show(row: Mapping[str, Any]) -> str:
    """A line on the screen."""
    covers = {name: row[name]["covers"] for name in METRICS}
    return f"{row['world']}, {row['n']} / {row['m']}, d = {row['d']}: covers {covers}"


if __name__ == "__main__":
    harness.main(__doc__, {"all": CELLS}, run, show=show)
