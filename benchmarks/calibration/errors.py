"""How often do the tests raise a false alarm, and how often do they find a difference?

    python -m benchmarks.calibration.errors --out benchmarks/calibration/errors.jsonl

Every line is a test (of c2st with one classifier, of compare, or whether an interval lies above
0), a world, and numbers of images: how often it rejects at 5 %. Where both sides (or both models)
are alike, 5 % is right, and a cell fails where the lower Clopper-Pearson bound is above 6 %.
False alarms of models with training runs of unequal spread are cells of coverage.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.harness import Row
from ganeval import Features


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    test: str
    """c2st:CLASSIFIER, c2st interval (whether 0.5 lies below it), fid interval, kid interval
    (whether 0 does), or compare:METRIC."""
    world: str
    """null, plates, reals on plates, copied reals: both sides are alike. shift: the mean by 0.22
    along one of ten directions. Others: see `alternative`."""
    n: int
    m: int
    plates: int = 0
    runs: int = 1

    def __str__(self) -> str:
        more = [f"{f.name}={v}" for f in fields(self)[4:] if (v := getattr(self, f.name)) > 1]
        return " ".join([self.test, self.world, f"n={self.n}/{self.m}", *more])


D, WIDE = 10, 16
ALIKE = ("null", "plates", "reals on plates", "copied reals")


def as_now(row: Row) -> Row:
    """A line of an earlier version in the names of today."""
    return {"world" if name == "law" else name: value for name, value in row.items()}


def side(cell: Cell, name: str, n: int, rng: np.random.Generator) -> Features:
    """One side's images."""
    real, groups = name == "real", None
    if cell.world in (*ALIKE, "shift"):
        rows = rng.standard_normal((n, D))
    else:
        rows = alternative(cell.world, n, rng, real=real)
    if cell.world == "shift" and not real:
        rows[:, 0] += 0.22 if cell.test.startswith("c2st") else 1.0
    if cell.plates and (real or cell.world == "plates"):
        plate = np.arange(n) * cell.plates // n
        rows += 0.5 * rng.standard_normal((cell.plates, D))[plate]
        groups = tuple(f"{name}{i}" for i in plate)
    if cell.world == "copied reals" and real:
        rows = near_copies(rows, 4, rng)
    ids = tuple(f"{name}{i:06d}" for i in range(n))
    return Features(features=rows, ids=ids, groups=groups)


def near_copies(rows: np.ndarray, times: int, rng: np.random.Generator) -> np.ndarray:
    """Each of the first images so often, hardly changed."""
    copied = np.repeat(rows, times, axis=0)[: len(rows)]
    return copied + 0.05 * rng.standard_normal(rows.shape)


def alternative(world: str, n: int, rng: np.random.Generator, *, real: bool) -> np.ndarray:
    """[n, 16] images; reals are Gaussian where nothing else is said."""
    rows = rng.standard_normal((n, WIDE))
    modes = 4 * np.random.default_rng(7).standard_normal((10, WIDE))
    match world, real:
        case "one mean", False:
            rows[:, 0] += 0.4
        case "less spread", False:
            rows *= 0.93
        case "two correlated", False:
            rows[:, 1] = 0.6 * rows[:, 0] + 0.8 * rows[:, 1]
        case "mode of 5 % missing", True:
            rows[:, 0] += 4 * (rng.random(n) < 0.05)
        case "3 of 10 modes missing", _:
            rows += modes[rng.integers(10 if real else 7, size=n)]
        case "modes of unequal share", _:
            shares = np.ones(10) if real else np.repeat([0.5, 2.0], 5)
            rows += modes[rng.choice(10, size=n, p=shares / shares.sum())]
        case "5 % garbage", False:
            rows *= np.where(rng.random((n, 1)) < 0.05, 3.0, 1.0)
        case "each fake 5 times", False:
            rows = near_copies(rows, 5, rng)
        case "each fake twice", False:
            rows = near_copies(rows, 2, rng)
        case "bimodal", False:
            signs = rng.choice([-1.0, 1.0], size=rows.shape)
            rows = 0.95 * signs + (1 - 0.95**2) ** 0.5 * rows
        case "heavy tails", False:
            rows = rng.standard_t(3, size=rows.shape) / 3**0.5
    return rows


ALTERNATIVES = (
    "one mean",
    "less spread",
    "two correlated",
    "mode of 5 % missing",
    "3 of 10 modes missing",
    "modes of unequal share",
    "5 % garbage",
    "each fake 5 times",
    "each fake twice",
    "bimodal",
    "heavy tails",
)


def rejects(cell: Cell, seed: int) -> bool:
    """Whether p < 0.05, or the interval is above what it should hold, in one replicate."""
    rng = np.random.default_rng([seed, cell.n, cell.m, cell.plates, *map(ord, cell.world)])
    kind, _, what = cell.test.partition(":")
    real = side(cell, "real", cell.n, rng)
    if kind == "compare":
        better = replace(cell, world="plates" if cell.plates else "null")
        models = {
            name: [side(of, f"fake{name}{i}", cell.m, rng) for i in range(cell.runs)]
            for name, of in (("a", cell), ("b", better))
        }
        given = {name: of if cell.runs > 1 else of[0] for name, of in models.items()}
        found = ganeval.compare(real, given, metric=what)
        return found.differences[0].p_value < 0.05
    fake = side(cell, "fake", cell.m, rng)
    if kind in ("fid interval", "kid interval"):
        score = {"fid": ganeval.fid, "kid": ganeval.kid}[kind.split()[0]](real, fake)
        return score.interval is not None and score.interval[0] > 0
    if kind == "c2st interval":
        score = ganeval.c2st(real, fake, classifier="logistic", permutations=0, seed=seed)
        return score.interval is not None and score.interval[0] > 0.5
    quick: dict[str, Any] = {"iterations": 100} if what == "mlp" else {}
    score = ganeval.c2st(
        real, fake, classifier=what, permutations=99, repeats=5, seed=seed, **quick
    )
    return bool(score.details["p_value"] < 0.05)


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """The share of rejections with its Clopper-Pearson bounds."""
    k = sum(rejects(cell, seed) for seed in range(replicates))
    low, high = clopper_pearson(k, replicates)
    return {"rejected": k / replicates, "lower_bound": low, "upper_bound": high}


def first() -> Iterator[Cell]:
    """Alike or shifted, in ten features."""
    for world in ("null", "shift"):
        for n, m in ((200, 200), (150, 450)):
            yield Cell("c2st:logistic", world, n, m)
            yield Cell("c2st interval", world, n, m)
            for classifier in ("knn", "mlp", "xgboost"):
                yield Cell(f"c2st:{classifier}", world, n, m)
            for metric in ("fid", "kid"):
                yield Cell(f"compare:{metric}", world, n, m)
        for metric in ("fid", "kid"):
            yield Cell(f"compare:{metric}", world, 200, 200, runs=3)
    for plates in (8, 24):
        yield Cell("c2st:logistic", "plates", 240, 240, plates=plates)
        yield Cell("c2st:knn", "plates", 240, 240, plates=plates)
        yield Cell("compare:kid", "plates", 240, 240, plates=plates)


def dependent() -> Iterator[Cell]:
    """Images that resemble each other: on plates, which are given, or copied, which nobody says."""
    for classifier in ("logistic", "knn"):
        yield Cell(f"c2st:{classifier}", "copied reals", 240, 240)
        for plates in (8, 24):
            yield Cell(f"c2st:{classifier}", "reals on plates", 240, 240, plates=plates)


def power() -> Iterator[Cell]:
    """150 images a side that differ in one way."""
    for world in ALTERNATIVES:
        for test in ("fid interval", "kid interval", "c2st:logistic", "c2st:knn", "c2st:xgboost"):
            yield Cell(test, world, 150, 150)


LISTS = {"first": tuple(first()), "dependent": tuple(dependent()), "power": tuple(power())}


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, read=as_now)
