"""Plates on one side only: how often is something reported where nothing differs?

    nice python -m benchmarks.explain.one_side --out benchmarks/explain/one_side.jsonl

Reals are on plates, fakes are independent. Of 24 properties, three each follow one of eight
factors: the factor itself, its exponential, and whether it is above 1. Every plate adds a normal
number with half the standard deviation of its images to each factor; each fake has a plate of its
own, so that single images of both sides have one distribution. Where there is a fault, the first
factor of the fakes is higher by one standard deviation. The least number of plates is lowered here,
to see why there is one.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks import harness
from ganeval import Features, explain
from ganeval.features import features_from_array
from ganeval.suites.explain import findings

FACTORS, PLATE, REALS, FAKES, DRAWS = 8, 0.5, 144, 96, 20
KINDS = ("plain", "exponential", "above 1")
NAMES = tuple(f"{kind} {factor}" for kind in KINDS for factor in range(FACTORS))


@dataclass(frozen=True)
class Cell:
    """DRAWS pairs of sides."""

    plates: int
    """Of the reals."""
    shift: float
    """Of the first factor of the fakes, in standard deviations of images of one plate."""
    block: int


def table(plate: np.ndarray, shift: float, rng: np.random.Generator) -> Features:
    """Images on these plates [n]."""
    x = rng.standard_normal((len(plate), FACTORS))
    x += PLATE * rng.standard_normal((plate.max() + 1, FACTORS))[plate]
    x[:, 0] += shift
    rows = np.concatenate([x, np.exp(x), (x > 1).astype(float)], axis=1)
    return replace(features_from_array(rows, name="table"), columns=NAMES)


def run(cell: Cell) -> Mapping[str, Any]:
    """What was said of these pairs."""
    findings.FEWEST_GROUPS = min(cell.plates, findings.FEWEST_GROUPS)
    counts = Counter(dict.fromkeys(("differs", "findings", "named first", "too few"), 0))
    for i in range(DRAWS):
        rng = np.random.default_rng([cell.plates, cell.block, i, 31])
        plate = np.arange(REALS) % cell.plates
        real = replace(table(plate, 0, rng), groups=tuple(f"plate {p}" for p in plate))
        found = explain(real, table(np.arange(FAKES), cell.shift, rng), repeats=1)
        counts["differs"] += found.differs
        counts["findings"] += bool(found.findings)
        counts["named first"] += bool(found.findings) and found.findings[0].name.endswith(" 0")
        counts["too few"] += found.too_few is not None
    return {"draws": DRAWS, **counts}


LISTS = {
    "null": [Cell(plates, 0.0, block) for plates in (12, 6, 4) for block in range(5)],
    "fault": [Cell(plates, 1.0, 0) for plates in (12, 6, 4)],
}


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=None)
