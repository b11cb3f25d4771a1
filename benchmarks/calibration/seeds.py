"""How much of an interval is the seed's? The same images under 20 seeds, one JSON line per case.

    python -m benchmarks.calibration.seeds --out benchmarks/calibration/seeds.jsonl

`width_ratio` is the widest half-width over the narrowest; `centre_sd` the standard deviation of
the corrected number, in mean half-widths: their means over a few data sets, and the worst. A metric
without a seed has 1 and 0.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.cells import Cell
from benchmarks.calibration.coverage import SCORES, draw
from benchmarks.calibration.outcomes import Outcome, outcome_of
from benchmarks.calibration.worlds import gap_of
from benchmarks.harness import Row
from ganeval import GanevalError

SEEDS = 20


@dataclass(frozen=True)
class Case:
    """One kind of data under one metric."""

    metric: str
    world: str
    gap: str
    n: int
    m: int
    d: int
    counts: str = ""
    groups: int = 0
    most: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        first = f"{self.metric} {self.world} {self.gap} d={self.d} n={self.n}/{self.m}"
        more = [f"{f.name}={v}" for f in fields(self)[6:-1] if (v := getattr(self, f.name))]
        return " ".join([first, *more])

    def cell(self) -> Cell:
        """What coverage.py draws."""
        return Cell(
            self.metric,
            self.world,
            self.gap,
            self.n,
            self.m,
            self.d,
            counts=self.counts,
            groups=self.groups,
        )


def run(case: Case, *, replicates: int) -> dict[str, Any]:
    """Of so many data sets."""
    ratios, sds, reasons, printed = [], [], list[str](), 0
    for number in range(replicates):
        cell = case.cell()
        real, (fake,) = draw(cell, [gap_of(cell.gap)], np.random.default_rng([number, 17]))
        scores = scored(case.metric, real, fake)
        given = [o for o in scores if o.interval is not None]
        printed += len(given)
        reasons += [o.reason for o in scores if o.interval is None]
        if len(given) < 2:
            continue
        low, high = np.array([o.interval for o in given], float).T
        half, centre = (high - low) / 2, np.array([o.estimate for o in given], float)
        ratios.append(float(half.max() / half.min()))
        sds.append(float(centre.std(ddof=1) / half.mean()))
    return {
        "seeds": SEEDS if has_seed(case.metric) else 1,
        "printed": printed,
        "width_ratio": float(np.mean(ratios)) if ratios else None,
        "width_ratio_worst": max(ratios, default=None),
        "centre_sd": float(np.mean(sds)) if sds else None,
        "centre_sd_worst": max(sds, default=None),
        "no_interval": sorted(set(reasons)),
    }


def has_seed(metric: str) -> bool:
    """Whether a seed can move the score at all."""
    return "seed" in inspect.signature(SCORES[metric]).parameters


def scored(metric: str, real: Any, fake: Any) -> list[Outcome]:
    """Under every seed; a score without a seed is as often the same."""
    options: list[dict[str, Any]] = [{"seed": seed} for seed in range(SEEDS)]
    if not has_seed(metric):
        options = [{}]
    found = []
    for given in options:
        try:
            found.append(outcome_of(SCORES[metric](real=real, fake=fake, **given)))
        except GanevalError as error:
            found.append(Outcome(None, None, None, reason=f"refused: {error}"))
    return found * (SEEDS // len(found))


def cases() -> Iterator[Case]:
    """A handful of data sets."""
    for metric in ("fid", "kid"):
        for n, d in ((100, 16), (600, 16), (160, 64), (600, 64)):
            yield Case(metric, "gaussian", "moderate", n, n, d)
        yield Case(metric, "gaussian", "moderate", 100, 1000, 16)
        yield Case(metric, "gaussian", "null", 600, 600, 64)
        yield Case(metric, "mixture", "moderate", 600, 600, 16, counts="chosen/chosen")
        yield Case(metric, "plates", "moderate", 480, 480, 16, groups=12)
        yield Case(metric, "flat", "moderate", 3300, 3300, 1100, most=1)
    for metric in ("intra_fid", "intra_kid"):
        yield Case(metric, "ten", "moderate", 400, 400, 8, counts="chosen/chosen")
    for metric in ("inception_score", "rke", "kde_log_likelihood", "c2st"):
        yield Case(metric, "gaussian", "moderate", 300, 300, 16)
    for metric in ("precision", "recall", "density", "coverage", "sliced_wasserstein_distance"):
        yield Case(metric, "gaussian", "moderate", 300, 300, 16)


LISTS = {"all": tuple(cases())}


def show(row: Row) -> str:
    """A line on the screen."""
    case = Case(**{name: row[name] for name in harness.fields_of(Case)})
    if row["width_ratio"] is None:
        return f"{case}: no interval"
    return (
        f"{case}: widest over narrowest {row['width_ratio']:.2f} (worst "
        f"{row['width_ratio_worst']:.2f}), centre's sd {row['centre_sd']:.3f} half-widths"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=3, show=show)
