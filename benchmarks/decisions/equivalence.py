"""How often is a margin claimed that is too small? One JSON line per cell.

    python -m benchmarks.decisions.equivalence --out benchmarks/decisions/equivalence.jsonl

Each replicate draws reals and two models of known distances and asks `compare` within which margin
the models are alike, and how far the better one may be from the reals. A margin below the true
difference is a false claim of equivalence at a margin of that size: at most 5 % may be.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from benchmarks.calibration import coverage
from benchmarks.calibration.cells import Cell
from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.calibration.truths import distance
from benchmarks.calibration.worlds import GAPS, world_of
from ganeval import GanevalError


@dataclass(frozen=True)
class Two:
    """Two models against the same reals."""

    metric: str
    world: str
    first: str
    """Of calibration's distances: moderate, close or null."""
    second: str
    n: int
    m: int
    d: int
    groups: int = 0
    fake_groups: int = 0

    def cell(self) -> Cell:
        """As calibration has it."""
        return Cell(
            self.metric,
            self.world,
            self.first,
            self.n,
            self.m,
            self.d,
            groups=self.groups,
            fake_groups=self.fake_groups,
        )


def measure(cell: Two, *, replicates: int) -> dict[str, Any]:
    """Shares of false claims, and the margins in floors."""
    gaps = [GAPS[name] for name in (cell.first, cell.second)]
    truths = [distance(cell.metric, world_of(cell.cell(), gap)) for gap in gaps]
    apart = abs(truths[0] - truths[1])
    margins, floors, from_reals, refused = [], [], [], 0
    for i in range(replicates):
        rng = np.random.default_rng([i, zlib.crc32(str(cell).encode())])
        real, fakes = coverage.draw(cell.cell(), gaps, rng)
        try:
            found = ganeval.compare(
                real, dict(zip("ab", fakes, strict=True)), metric=cell.metric, seed=i
            )
        except GanevalError:
            refused += 1
            continue
        margins.append(found.differences[0].within)
        floors.append(float("nan") if found.floor is None else found.floor)
        from_reals.append({one.model: one.from_reals for one in found.models}["a"])
    within, floor = np.array(margins), np.array(floors)
    unit = float(np.nanmean(floor))
    reach = np.array(from_reals, float)
    margin = apart * floor / unit  # as it is printed: so many of the floors of this replicate
    return {
        "refused": refused,
        "apart": apart,
        "floor": unit,
        "floor_cv": float(np.nanstd(floor) / unit),
        "median_within": float(np.median(within)),
        "false": int((within < apart).sum()),
        "false_in_floors": int(((within < margin) & (apart >= margin)).sum()),
        "false_of_reals": int((reach < truths[0]).sum()),
        "of": len(within),
        "median_from_reals": float(np.median(reach)),
        "distance": truths[0],
    }


def _cells() -> list[Two]:
    settings: list[dict[str, Any]] = [
        {"world": "gaussian", "n": 100, "m": 100, "d": 16},
        {"world": "skewed", "n": 300, "m": 300, "d": 16},
        {"world": "plates", "n": 480, "m": 480, "d": 8, "groups": 12},
        {"world": "gaussian", "n": 100, "m": 500, "d": 16},
        {"world": "mixture", "n": 300, "m": 300, "d": 16},
        {"world": "gaussian", "n": 500, "m": 500, "d": 64},
    ]
    return [
        Two(metric=metric, first=first, second=second, **setting)
        for setting in settings
        for first, second in (("close", "null"), ("moderate", "close"))
        for metric in ("fid", "kid")
    ]


LISTS = {"models": _cells()}


def show(row: harness.Row) -> str:
    """A line on the screen."""
    low, high = clopper_pearson(row["false"], row["of"])
    return (
        f"{row['metric']} {row['world']} {row['first']}/{row['second']} n={row['n']}/{row['m']} "
        f"d={row['d']}: {row['false']} of {row['of']} ({100 * low:.1f} to {100 * high:.1f} %), "
        f"in floors {row['false_in_floors']}, of the reals {row['false_of_reals']}"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, measure, show=show)
