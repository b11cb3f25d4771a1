"""How often does the interval of an audit's separation of classes cover the truth?

    python -m benchmarks.audit.separation --out benchmarks/audit/separation.jsonl --replicates 300

The truth is the share of 2 million random triples, drawn from the classes' distributions, in which
the image of the same class is the closer one. In a world with plates, images of a plate share an
offset, and triples are of different plates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.outcomes import clopper_pearson
from ganeval.features import Features
from ganeval.suites.audit.separation import auc

TRIPLES = 2_000_000


@dataclass(frozen=True)
class Cell:
    """Normal classes whose centres are `gap` apart along axes of their own."""

    n: int
    d: int
    classes: int
    gap: float
    sizes: str = "equal"
    """Of classes: equal, or left to chance."""
    plates: int = 0


CELLS = [
    *(
        Cell(n, 8, classes, gap, sizes)
        for n in (60, 200)
        for classes in (2, 5)
        for gap in (0.0, 1.0, 3.0)
        for sizes in ("equal", "chance")
    ),
    *(Cell(240, 8, 3, gap, "chance", plates) for gap in (0.0, 2.0) for plates in (8, 24)),
]
LISTS = {"all": CELLS}


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """The truth, the mean estimate, and the intervals that were printed and that cover."""
    wanted = truth(cell)
    values, printed, covered = [], 0, 0
    for i in range(replicates):
        found = auc(draw(cell, np.random.default_rng([i, cell.n, cell.classes, cell.plates])))
        values.append(found.value)
        if (interval := found.interval(0.95)) is not None:
            printed += 1
            covered += interval[0] <= wanted <= interval[1]
    return {
        "truth": wanted,
        "mean": float(np.mean(values)),
        "printed": printed,
        "covered": covered,
    }


def centres(cell: Cell) -> np.ndarray:
    """[classes, d]."""
    return cell.gap * np.eye(cell.classes, cell.d)


def draw(cell: Cell, rng: np.random.Generator) -> Features:
    """N images with labels, and plates where there are any."""
    labels = np.arange(cell.n) % cell.classes
    if cell.sizes == "chance":
        labels = rng.integers(cell.classes, size=cell.n)
    rows = centres(cell)[labels] + rng.standard_normal((cell.n, cell.d))
    groups = None
    if cell.plates:
        plate = np.arange(cell.n) % cell.plates
        rows += 0.7 * rng.standard_normal((cell.plates, cell.d))[plate]
        groups = tuple(f"plate {p}" for p in plate)
    return Features(
        rows.astype(np.float32),
        tuple(f"{i:05d}" for i in range(cell.n)),
        labels=tuple(map(str, labels)),
        groups=groups,
        fingerprint=str(rows[0, 0]),
    )


@lru_cache
def truth(cell: Cell) -> float:
    """By triples of independent images; all classes are equally likely."""
    rng = np.random.default_rng(7)
    closer = 0.0
    for _ in range(20):
        t = TRIPLES // 20
        own = rng.integers(cell.classes, size=t)
        other = (own + 1 + rng.integers(cell.classes - 1, size=t)) % cell.classes
        spread = (1 + 0.49 * (cell.plates > 0)) ** 0.5
        x, same, another = (
            centres(cell)[of] + spread * rng.standard_normal((t, cell.d))
            for of in (own, own, other)
        )
        near, far = (np.square(x - y).sum(1) for y in (same, another))
        closer += float((near < far).mean()) / 20
    return closer


def show(row: Mapping[str, Any]) -> str:
    """A line on the screen."""
    low, high = clopper_pearson(row["covered"], row["printed"])
    cell = Cell(**{name: row[name] for name in harness.fields_of(Cell)})
    return (
        f"{cell}: truth {row['truth']:.4f}, mean {row['mean']:.4f}, covers "
        f"{100 * row['covered'] / row['printed']:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, show=show)
