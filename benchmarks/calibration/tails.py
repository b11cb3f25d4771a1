"""Heavy tails: does FID withhold the intervals that would not cover, and print the others?

    python -m benchmarks.calibration.tails --out benchmarks/calibration/tails.jsonl

Each replicate has the interval that would be printed without the check of tails, and whether the
check withholds it (`ganeval/metrics/frechet/tails.py`). A line says how often all these intervals
hold the distance of the distributions, and how often those do that are printed.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.cells import CHANCE, Cell, each
from benchmarks.calibration.coverage import draw
from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.calibration.truths import truth_of
from benchmarks.calibration.worlds import gap_of
from benchmarks.harness import Row
from ganeval.metrics import METRICS
from ganeval.metrics.frechet.tails import TOO_HEAVY
from ganeval.metrics.spine import Pair


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Counts over replicates."""
    truth, outcomes = truth_of(cell), []
    assert truth is not None and METRICS["fid"].estimate is not None
    for i in range(replicates):
        real, (fake,) = draw(cell, [gap_of(cell.gap)], np.random.default_rng([i, 5]))
        found = METRICS["fid"].estimate(*Pair.take(real, fake, None, metric="fid").sides)
        heavy = found.reason == TOO_HEAVY
        limits = (replace(found, reason=None) if heavy else found).interval(0.95)
        if limits is not None:
            outcomes.append((heavy, limits[0] <= truth <= limits[1]))
    withheld = np.array([heavy for heavy, _ in outcomes], bool)
    held = np.array([hit for _, hit in outcomes], bool)
    return {
        "replicates": replicates,
        "intervals": len(outcomes),
        "hold": int(held.sum()),
        "printed": int((~withheld).sum()),
        "covered": int(held[~withheld].sum()),
    }


def cells() -> Iterator[Cell]:
    """Light tails, heavy ones, and rare kinds of images, which look alike to influences."""
    noises = ["gaussian", "uniform", "skewed", *(f"t{k}" for k in (10, 7, 5, 4, 3))]
    noises += ["lognormal 0.25", "lognormal 0.5", "lognormal 0.75", "lognormal"]
    for noise in noises:
        yield from each("fid", noise, "moderate", (100, 400, (5000, 200)), 16)
    for noise in ("steep", "lognormal steep"):
        yield from each("fid", noise, "moderate", (500,), 64)
    for noise in ("gaussian", "skewed", "lognormal"):
        yield from each("fid", noise, "moderate", (30, 100, 400), 1)
        yield from each("fid", noise, "moderate", (100,), 4)
    yield from each("fid", "rare 1 %", "missing, null", (400, 1000), 16)
    yield from each("fid", "rare 3 %", "missing, null", (100, 400), 16)
    yield from each("fid", "two", "moderate", (60, 200), 8, counts=CHANCE, given="unsorted")
    yield from each("fid", "zipf", "moderate", (300,), 16, counts=CHANCE, given="unsorted")
    yield from each("fid", "whole", "moderate", (100,), 2)


LISTS = {"all": tuple(cells())}


def spoken(row: Row) -> str:
    """A line on the screen."""
    text = f"{row['world']} {row['gap']} d={row['d']} n={row['n']}/{row['m']}: "
    for name, hits, of in (("all", "hold", "intervals"), ("printed", "covered", "printed")):
        low, high = clopper_pearson(row[hits], row[of]) if row[of] else (0.0, 1.0)
        text += f"{name} {row[of]}, cover {100 * low:.1f} to {100 * high:.1f} %; "
    return text


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, read=lambda row: row, show=spoken)
