"""How often does an audit notice a fault that there is none of?

    python -m benchmarks.audit.level --out benchmarks/audit/level.jsonl --replicates 300

Images with a fault of strength 0 have the distribution of images without it. In the world `new`
they are other images; in `mirrored` the same ones, mirrored, which changes nothing of a symmetric
distribution; in `noise` the same ones with other noise. `digits` are other real images, by the
features of net `mnist`, in classes of chosen size. A line counts p-values of at most 0.05: all of
them, and those of scores that are worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.outcomes import clopper_pearson
from ganeval import METRICS, memorization
from ganeval.features import Features
from ganeval.suites import JUDGED
from ganeval.suites.audit.paired import Reals


@dataclass(frozen=True)
class Cell:
    """A metric, where images come from, and how many there are of each kind."""

    metric: str
    world: str
    n: int
    d: int


CELLS = [
    *(
        Cell(metric, world, n, d)
        for n, d in ((60, 8), (150, 32))
        for world in ("new", "mirrored", "noise")
        for metric in JUDGED
    ),
    *(Cell(metric, "digits", 150, 64) for metric in JUDGED),
    *(Cell("memorization", "new", n, d) for n, d in ((60, 8), (150, 32))),
]
ALPHA = 0.05


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Counts of p-values, of those that are small, and of those that are small and worse."""
    p_values, worse = [], []
    for i in range(replicates):
        rng = np.random.default_rng([i, cell.n, cell.d, *cell.world.encode()])
        real, control, changed = draw(cell, rng)
        if cell.metric == "memorization":
            unseen = _features(rng.standard_normal((cell.n, cell.d)), "unseen")
            score = memorization(unseen, changed, train=real)
            p_values.append(score.details["p_value"])
            worse.append(True)
            continue
        against = Reals(real)
        found = against.compared(cell.metric, against.pairs(control, changed))
        if found.p_value is not None and found.difference is not None:
            sign = 1 if METRICS[cell.metric].better == "lower" else -1
            p_values.append(found.p_value)
            worse.append(sign * found.difference > 0)
    small = np.array(p_values) <= ALPHA
    return {
        "tested": len(p_values),
        "small": int(small.sum()),
        "noticed": int((small & np.array(worse, bool)).sum()),
    }


def draw(cell: Cell, rng: np.random.Generator) -> tuple[Features, Features, Features]:
    """The reals, images without a fault and images with one of strength 0."""
    n, d = cell.n, cell.d
    if cell.world == "digits":
        return _digits(n, rng)
    groups = cell.metric != "memorization"
    real, control = rng.standard_normal((2, n, d))
    changed = rng.standard_normal((n, d))
    if cell.world == "mirrored":
        changed = -control
    if cell.world == "noise":
        whole = control
        control, changed = (0.8 * whole + 0.6 * rng.standard_normal((n, d)) for _ in range(2))
    names = "changed" if cell.world == "new" else "fake"
    return (
        _features(real, "real", groups),
        _features(control, "fake", groups),
        _features(changed, names, groups),
    )


def _features(
    rows: np.ndarray, name: str, groups: bool = False, labels: tuple[str, ...] | None = None
) -> Features:
    ids = tuple(f"{name} {i:05d}" for i in range(len(rows)))
    return Features(
        rows.astype(np.float32),
        ids,
        labels=labels,
        groups=ids if groups else None,
        name=name,
        fingerprint=f"{name} {rows[0, 0]}",
    )


def _digits(n: int, rng: np.random.Generator) -> tuple[Features, Features, Features]:
    """N images each, with the same number of every digit."""
    pool, digits = _pool()
    by_digit = [rng.permutation(np.flatnonzero(digits == digit)) for digit in range(10)]
    each = n // 10
    found = []
    for i, name in enumerate(("real", "fake", "changed")):
        rows = np.concatenate([of[i * each : (i + 1) * each] for of in by_digit])
        labels = tuple(str(digit) for digit in np.repeat(np.arange(10), each))
        found.append(_features(pool[rows], name, True, labels))
    return found[0], found[1], found[2]


@lru_cache
def _pool() -> tuple[np.ndarray, np.ndarray]:
    """Features and digits of MNIST's test images."""
    import os

    import ganeval

    images = f"{os.environ['GANEVAL_DATA']}/mnist/t10k-images-idx3-ubyte.gz"
    found = ganeval.extract(images, "mnist", cache=False)
    return np.asarray(found.features), np.array(found.labels).astype(int)


LISTS = {
    "simulated": [cell for cell in CELLS if cell.world != "digits"],
    "digits": [cell for cell in CELLS if cell.world == "digits"],
}


def show(row: Mapping[str, Any]) -> str:
    """A line on the screen."""
    low, high = clopper_pearson(row["small"], row["tested"])
    return (
        f"{row['metric']} {row['world']} n={row['n']} d={row['d']}: "
        f"{100 * row['small'] / row['tested']:.1f} % ({100 * low:.1f} to {100 * high:.1f}), "
        f"noticed {100 * row['noticed'] / row['tested']:.1f} % of {row['tested']}"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, show=show)
