"""The public sanity checks on our metrics of fidelity and variety. One JSON line per setting.

python -m benchmarks.sanity.run --out benchmarks/sanity/results.jsonl --replicates 3
python -m benchmarks.sanity.table
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.sanity.worlds import worlds
from ganeval import clipped_density_coverage, prdc

METRICS = {
    "clipped_density": "fidelity",
    "clipped_coverage": "variety",
    "density": "fidelity",
    "coverage": "variety",
    "precision": "fidelity",
    "recall": "variety",
}
"""In pairs, and what each is for."""


@dataclass(frozen=True)
class Cell:
    """A setting of a check."""

    check: str
    setting: str
    most: int | None = field(default=None, compare=False)
    """Replicates at most: up to 10,000 images a side take long, and vary little."""


LARGE = ("cube, both sizes", "cube, fakes' size", "sphere and torus")

CELLS = [
    Cell(check, name, 1 if check in LARGE else None)
    for check, settings in worlds().items()
    for name in settings
]
LISTS = {
    "small": [cell for cell in CELLS if cell.most is None],
    "large": [cell for cell in CELLS if cell.most is not None],
}


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """The mean scores along the axis; both sides standardised by the reals, as in the suite."""
    world = worlds()[cell.check][cell.setting]
    sums = np.zeros((len(METRICS), len(world.axis)))
    for replicate in range(replicates):
        rng = np.random.default_rng([replicate, *cell.check.encode(), *cell.setting.encode()])
        for i, at in enumerate(world.axis):
            real, fake = world.draw(rng, float(at))
            middle, spread = real.mean(0), real.std(0)
            sums[:, i] += _scores((real - middle) / spread, (fake - middle) / spread)
    means = dict(zip(METRICS, (sums / replicates).tolist(), strict=True))
    return {"axis": np.asarray(world.axis, float).tolist(), "scores": means}


def _scores(real: np.ndarray, fake: np.ndarray) -> list[float]:
    clipped = clipped_density_coverage(real, fake, interval=False)
    plain = prdc(real, fake, interval=False)
    found = (*clipped, plain.density, plain.coverage, plain.precision, plain.recall)
    return [score.value for score in found]


def show(row: Mapping[str, Any]) -> str:
    """A line on the screen."""
    ends = {
        name: [round(scores[0], 2), round(scores[-1], 2)] for name, scores in row["scores"].items()
    }
    return f"{row['check']} {row['setting']}: {ends}"


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, show=show)
