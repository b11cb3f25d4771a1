"""Level: how often does the aggregated MMD test raise an alarm where there is no difference?

    python -m benchmarks.power.level --out benchmarks/power/level.jsonl

Worlds are those of `benchmarks.calibration` in which both sides have one distribution, labels and
groups declared as a user would. A line counts p-values of at most 0.05. Worlds of which only one
side has plates are no such worlds: there, reals vary more than fakes do.
"""

import zlib
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.cells import CHANCE, CHOSEN, Cell, each
from benchmarks.calibration.coverage import draw
from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.calibration.worlds import gap_of
from benchmarks.harness import Row
from ganeval import mmd

PERMUTATIONS = 99
"""Allow a level of exactly 5 %."""


def cells() -> tuple[Cell, ...]:
    """Plates first."""
    found: list[Cell] = []
    for world in ("plates", "shared plates"):
        for groups in (6, 12):
            more = {"groups": groups, "fake_groups": groups}
            found += each("mmd", world, "null", (96,), 8, **more)
    unequal = {"groups": 12, "fake_groups": 12, "sizes": "unequal"}
    found += each("mmd", "plates", "null", (96,), 8, **unequal)
    found += each("mmd", "plates", "null", (96,), 8, groups=24, fake_groups=8)
    for fakes in (0, 12):
        found += each("mmd", "videos", "null", (96,), 16, groups=12, fake_groups=fakes)
    for fakes in (0, 24):
        found += each("mmd", "near copies", "null", (96,), 16, groups=24, fake_groups=fakes)
    found += each("mmd", "gaussian", "null", (20, 60, (20, 100)), 16)
    for world in ("steep", "flat", "t3", "lognormal", "skewed"):
        found += each("mmd", world, "null", (60,), 16)
    found += each("mmd", "gaussian", "null", (60,), 1)
    found += each("mmd", "gaussian", "null", (40,), 256)
    found += each("mmd", "whole", "null", (60,), 2)
    for counts in (CHOSEN, CHANCE):
        found += each("mmd", "mixture", "null", (80,), 16, counts=counts)
        found += each("mmd", "zipf", "null", (80,), 16, counts=counts)
        found += each("mmd", "ten", "null", (80,), 16, counts=counts)
    found += each("mmd", "two", "null", (60,), 8, counts=CHANCE, given="none")
    found += each("mmd", "rare 3 %", "null", (60,), 16)
    found += each("mmd", "digits", "null", (60,), 64)
    return tuple(found)


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Alarms over replicates."""
    alarms = 0
    for i in range(replicates):
        rng = np.random.default_rng([i, zlib.crc32(str(cell).encode())])
        real, (fake,) = draw(cell, [gap_of(cell.gap)], rng)
        alarms += mmd(real, fake, permutations=PERMUTATIONS).details["p_value"] <= 0.05
    return {"replicates": replicates, "alarms": int(alarms)}


LISTS = {"all": cells()}


def show(row: Row) -> str:
    """A line on the screen."""
    cell = Cell(**{name: row[name] for name in harness.fields_of(Cell)})
    low, high = clopper_pearson(row["alarms"], row["replicates"])
    share = 100 * row["alarms"] / row["replicates"]
    return f"{cell}: {share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, show=show)
