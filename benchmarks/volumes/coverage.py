"""How often does the interval hold the distance, with volumes as groups and without?

    python -m benchmarks.volumes.coverage --out benchmarks/volumes/results.jsonl --jobs 2

Each replicate draws the features of all planes of new volumes on both sides. The distance of the
two distributions is known in closed form.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from benchmarks.calibration.outcomes import Outcome, outcome_of, spoken, summary
from benchmarks.volumes.fields import (
    ALIKE,
    BRIGHTER,
    REAL,
    SIDE,
    SMOOTHER,
    Population,
    features,
    moments,
)
from ganeval import Features, GanevalError

FAKES = {"alike": ALIKE, "smoother": SMOOTHER, "brighter": BRIGHTER}
SCORES = {"fid": ganeval.fid, "kid": ganeval.kid}


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    metric: str
    fake: str
    volumes: int
    groups: bool
    """Whether the planes' volumes are declared."""
    grid: int = 4


CELLS = [
    Cell("fid", fake, 100, groups) for fake in FAKES for groups in (True, False)
] + [Cell("fid", "smoother", 40, True)]  # fmt: skip


def side(rows: np.ndarray, name: str, groups: bool) -> Features:
    """Planes [n, z, d] as Features."""
    n = len(rows)
    ids = [f"case{volume:03d}.nii.gz/z/{plane:04d}" for volume in range(n) for plane in range(SIDE)]
    return Features(
        rows.reshape(n * SIDE, -1).astype(np.float32),
        ids=tuple(ids),
        groups=tuple(id.partition("/")[0] for id in ids) if groups else None,
        name=name,
    )


def replicate(cell: Cell, number: int) -> Outcome:
    """One score of new volumes, the same with and without groups."""
    rng = np.random.default_rng([number, cell.volumes, list(FAKES).index(cell.fake)])
    draw = partial(features, n=cell.volumes, grid=cell.grid, rng=rng)
    real = side(draw(REAL), "real", cell.groups)
    fake = side(draw(FAKES[cell.fake]), "fake", cell.groups)
    try:
        return outcome_of(SCORES[cell.metric](real, fake))
    except GanevalError as error:
        return Outcome(None, None, None, reason=f"refused: {error}")


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """What a cell's line says."""
    truth = distance(REAL, FAKES[cell.fake], cell.grid)
    return summary([replicate(cell, number) for number in range(replicates)], truth)


def distance(real: Population, fake: Population, grid: int) -> float:
    """The Fréchet distance of the planes' distributions."""
    return float(ganeval.frechet_distance(*moments(real, grid), *moments(fake, grid)))


if __name__ == "__main__":
    harness.main(__doc__, {"fid": CELLS}, run, replicates=400, show=spoken)
