"""How often do intervals of means, spreads and shares cover, with plates and without?

    python -m benchmarks.explain.intervals --out benchmarks/explain/intervals.jsonl

One normal property of 120 reals and 120 fakes; the fakes are 0.3 standard deviations higher and
vary by 1.2 as much. Plates add a normal number with half the standard deviation of the reals to all
of their images. The nominal level is 95 %; nothing is chosen by its size here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from benchmarks import harness
from ganeval.statistics import ASPECTS, Sampling
from ganeval.suites.explain.effects import Effect, in_aspect

N, SHIFT, RATIO, PLATE = 120, 0.3, 1.2, 0.5


@dataclass(frozen=True)
class Cell:
    """One setting."""

    aspect: str
    """One of ASPECTS."""
    plates: int
    """Of each side; 0 for independent images."""


def sides(plates: int, rng: np.random.Generator) -> tuple[list[np.ndarray], list[Sampling]]:
    """Values and sampling of reals and fakes."""
    values, samplings = [], []
    for name, shift, ratio in (("r", 0.0, 1.0), ("f", SHIFT, RATIO)):
        x, groups = rng.standard_normal(N), None
        if plates:
            of = np.arange(N) % plates
            x += PLATE * rng.standard_normal(plates)[of]
            groups = np.char.add(name, of.astype(str))
        values.append(shift + ratio * x)
        samplings.append(Sampling(N, None, groups))
    return values, samplings


def truth(effect: Effect, plates: int) -> float:
    """The effect in the population, beyond the same value."""
    spread = (1 + PLATE**2) ** 0.5 if plates else 1.0
    if effect.aspect == "mean":
        return SHIFT
    if effect.aspect == "spread":
        return RATIO
    shares = norm.cdf(effect.beyond, [0, SHIFT], [spread, RATIO * spread])
    real, fake = 1 - shares if effect.above else shares
    return float(fake - real)


def run(cell: Cell, *, replicates: int) -> Mapping[str, Any]:
    """Counts of intervals, and of those that cover."""
    printed = covered = 0
    for i in range(replicates):
        values, samplings = sides(cell.plates, np.random.default_rng([i, cell.plates, 23]))
        effect = in_aspect(tuple(values), tuple(samplings), ASPECTS.index(cell.aspect), 0.95)
        if effect.interval is not None:
            printed += 1
            low, high = effect.interval
            covered += low <= truth(effect, cell.plates) <= high
    return {"printed": printed, "covered": covered}


LISTS = {
    "all": [
        Cell(aspect, plates)
        for plates in (0, 4, 6, 12, 24)
        for aspect in ("place", "spread", "beyond 0.25", "beyond 0.9", "beyond 0.95")
    ]
}


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=1000)
