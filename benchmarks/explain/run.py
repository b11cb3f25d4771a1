"""How often is the planted property named first, and how often a property where nothing differs?

    EXPLAIN_POOL=DIR nice python -m benchmarks.explain.run --out benchmarks/explain/results.jsonl
    python -m benchmarks.explain.table

A line is ten draws of a setting: ten pairs of real and fake images out of the pool, each without an
image that is drawn twice, and what `explain` said of each pair.
"""

import functools
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.explain.pool import read_pool
from ganeval import Explanation, Features, Finding, explain
from ganeval.suites.explain import COPIES, Properties, properties_of

DRAWS = 10
"""Pairs of a line."""

PER_CLASS = {"yeast": 100, "septum": 100, "photographs": 50}
"""Images of each of the six proteins, or of the ten classes of photographs, on each side."""

POOL = Path(os.environ.get("EXPLAIN_POOL", "build/explain"))

PLANTED = {
    "yeast shorter": ("log_length", "log_area"),
    "yeast shifted": ("ch0_ch1.log_offset",),
    "yeast blurred": tuple(f"ch{c}.texture_{i}" for c in (0, 1) for i in (1, 2, 3)),
    "yeast no_division": ("ch0.texture_3", "ch0.axial_1"),
    "yeast memorised": (COPIES,),
    "septum no_septum": ("ch1.axial_1",),
    "photographs blurred": tuple(f"ch{c}.detail_2" for c in range(3)),
    "photographs darker": tuple(f"ch{c}.mean" for c in range(3)),
    "photographs grid": tuple(f"ch{c}.grid_2" for c in range(3)),
    "photographs shifted": tuple(f"ch0_ch{c}.detail" for c in (1, 2)),
}
"""What each defect is about: a finding counts if its family has one of these properties.

Where cells that divide are hardly ever drawn, what is missing is what tells them from others: see
`markers`.
"""


@dataclass(frozen=True)
class Cell:
    """Ten draws of one setting."""

    of: str
    """yeast, septum or photographs."""
    defect: str
    """Or `real`, where nothing differs."""
    labels: bool
    """Whether the classes are known to `explain`, which then looks into each."""
    groups: int
    """Plates of each side, whose images share a shift of half a standard deviation; 0 for none."""
    block: int


@functools.cache
def in_units(of: str, defect: str) -> Properties:
    """All images of the pool, in units."""
    return properties_of(read_pool(POOL, of, "real"), read_pool(POOL, of, defect))


@functools.cache
def alike(of: str) -> Features:
    """Images of one distribution; two pools would differ by chance, in every draw alike."""
    real = read_pool(POOL, of, "real")
    if of != "yeast":
        return real
    good = read_pool(POOL, of, "none")
    return Features(
        features=np.concatenate([real.features, good.features]),
        ids=tuple(map(str, range(len(real) + len(good)))),
        labels=(*real.labels, *good.labels),
        hashes=np.concatenate([real.hashes, good.hashes]),
        protocol=real.protocol,
    )


def draws(cell: Cell) -> Iterator[tuple[Features, Features]]:
    """Ten pairs of real and fake images."""
    for i in range(DRAWS):
        rng = np.random.default_rng([cell.block, i, 19])
        if cell.defect == "real":
            both = _drawn(cell, alike(cell.of), rng, times=2)
            half = np.arange(len(both)) % 2 == 0
            sides = [both.take(np.flatnonzero(half)), both.take(np.flatnonzero(~half))]
        else:
            pools = (read_pool(POOL, cell.of, defect) for defect in ("real", cell.defect))
            sides = [_drawn(cell, pool, rng) for pool in pools]
        if cell.groups:
            sides = [
                _plated(side, cell.groups, name, rng)
                for side, name in zip(sides, "rf", strict=True)
            ]
        if not cell.labels:
            sides = [replace(side, labels=None) for side in sides]
        yield sides[0], sides[1]


def _drawn(cell: Cell, pool: Features, rng: np.random.Generator, *, times: int = 1) -> Features:
    """Images of every class, as many of each."""
    labels = np.array(pool.labels)
    n = times * PER_CLASS[cell.of]
    places = [
        rng.choice(np.flatnonzero(labels == name), n, replace=False) for name in np.unique(labels)
    ]
    return pool.take(np.concatenate(places))


def _plated(side: Features, groups: int, name: str, rng: np.random.Generator) -> Features:
    """Images on plates, each of which moves every property of its images."""
    rows = np.asarray(side.features, np.float64)
    plate = rng.permutation(np.arange(len(rows)) % groups)
    moves = 0.5 * rows.std(0) * rng.standard_normal((groups, rows.shape[1]))
    moved = (rows + moves[plate]).astype(np.float32)
    return replace(side, features=moved, hashes=None, groups=tuple(f"{name}{p}" for p in plate))


def run(cell: Cell) -> Mapping[str, Any]:
    """What was said of ten pairs."""
    planted = PLANTED.get(f"{cell.of} {cell.defect}", ())
    counts: Counter[str] = Counter(
        dict.fromkeys(("differs", "first", "named", "findings", "intervals", "covered"), 0)
    )
    firsts: Counter[str] = Counter()
    for real, fake in draws(cell):
        # Whether anything is found rests on permutations and on the classifier's first split.
        found = explain(real, fake, repeats=10 if planted else 1)
        counts["differs"] += found.differs
        counts["findings"] += len(found.findings)
        firsts[found.findings[0].name if found.findings else "nothing"] += 1
        about = [_is_about(finding, found, planted) for finding in found.findings]
        counts["first"] += bool(about and about[0])
        counts["named"] += any(about)
        if not cell.groups:
            for finding in found.findings:
                truth = _truth(finding, in_units(cell.of, cell.defect))
                if planted and truth is not None and finding.effect.interval is not None:
                    low, high = finding.effect.interval
                    counts["intervals"] += 1
                    counts["covered"] += low <= truth <= high
    return {"draws": DRAWS, **counts, "firsts": dict(firsts.most_common())}


def _is_about(finding: Finding, found: Explanation, planted: tuple[str, ...]) -> bool:
    """Whether the family of a finding has a planted property."""
    names = dict(zip(found.properties.names, found.properties.keys, strict=True))
    return any(names[name] in planted for name in (finding.name, *finding.family))


def _truth(finding: Finding, pool: Properties) -> float | None:
    """The effect over the whole pool; None for copies, of which it depends on n."""
    if finding.key == COPIES:
        return None
    column = pool.keys.index(finding.key)
    real, fake = pool.real[:, column], pool.fake[:, column]
    effect = finding.effect
    if effect.aspect == "mean":
        return float(fake.mean() - real.mean())
    if effect.aspect == "spread":
        return float(fake.std() / real.std())
    shares = [
        (side >= effect.beyond if effect.above else side <= effect.beyond).mean()
        for side in (real, fake)
    ]
    return float(shares[1] - shares[0])


DEFECTS = [tuple(name.split(" ")) for name in PLANTED]
LISTS = {
    "defects": [Cell(of, defect, False, 0, b) for of, defect in DEFECTS for b in range(2)],
    "null": [Cell("yeast", "real", False, 0, block) for block in range(10)],
    "classes": [Cell("yeast", "real", True, 0, block) for block in range(10)],
    "plates": [Cell("yeast", "real", False, 12, block) for block in range(10)],
    "photographs": [Cell("photographs", "real", False, 0, block) for block in range(10)],
}


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=None)
