"""Classes that are marked as unlike the reals': how many falsely? One JSON line per cell.

    python -m benchmarks.decisions.classes --out benchmarks/decisions/classes.jsonl

Each replicate draws 20 classes, of which some (0 or 5) of the fakes are shifted, and asks
`intra_kid` or `intra_fid` which differ.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from ganeval import Features
from ganeval.features import as_features

CLASSES = 20


@dataclass(frozen=True)
class Table:
    """A table of classes."""

    metric: str
    n: int
    """Images of each class and side."""
    d: int = 8
    shifted: int = 0
    shift: float = 0.0


def measure(cell: Table, *, replicates: int) -> dict[str, Any]:
    """Shares of p-values below 0.05 of classes alike, false discoveries, and classes found."""
    alike, small, false, found = 0, 0, [], 0
    for i in range(replicates):
        rng = np.random.default_rng([i, cell.n])
        moved = np.arange(CLASSES) < cell.shifted
        score = getattr(ganeval, cell.metric)(
            side(rng, cell, np.zeros(CLASSES)), side(rng, cell, cell.shift * moved)
        )
        own = [score.details["classes"][name(c)] for c in range(CLASSES)]
        p = np.array([one.get("p_value", 1.0) for one in own])
        marked = np.array([one.get("q_value", 1.0) for one in own]) < 0.05
        alike += int((~moved).sum())
        small += int((p[~moved] < 0.05).sum())
        false.append((marked & ~moved).sum() / max(marked.sum(), 1))
        found += int((marked & moved).sum())
    return {
        "alike": alike,
        "small": small,
        "false_discovery_rate": float(np.mean(false)),
        "found": found,
        "of": replicates * cell.shifted,
    }


def name(number: int) -> str:
    """Of a class."""
    return f"class {number:02d}"


def side(rng: np.random.Generator, cell: Table, shifts: np.ndarray) -> Features:
    """All classes, in a random place each, as far from each other as images of one are."""
    rows = rng.standard_normal((CLASSES * cell.n, cell.d))
    number = np.repeat(np.arange(CLASSES), cell.n)
    rows[:, 0] += shifts[number]
    return replace(as_features(rows), labels=tuple(map(name, number)))


LISTS = {
    "alike": [Table("intra_kid", n) for n in (4, 8, 32, 100)] + [Table("intra_fid", 32)],
    "shifted": [
        Table("intra_kid", n, shifted=5, shift=shift) for n, shift in ((8, 2.0), (32, 1.0))
    ],
}


def show(row: harness.Row) -> str:
    """A line on the screen."""
    return (
        f"{row['metric']} n={row['n']}: p < 0.05 in {row['small']} of {row['alike']}, false "
        f"discoveries {100 * row['false_discovery_rate']:.1f} %, found {row['found']} of "
        f"{row['of']}"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, measure, replicates=200, show=show)
