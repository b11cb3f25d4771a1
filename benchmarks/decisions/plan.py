"""Is a study as sure as its pilot foretold? One JSON line per cell.

    python -m benchmarks.decisions.plan --out benchmarks/decisions/plan.jsonl

Each replicate draws a pilot, plans studies of 2, 5 and 10 times as many images of both sides, draws
each of them from the same populations, and compares the half-width that was planned, and the range
that was planned for 90 of 100 studies, with the one that came out: Student's t times the standard
error. Plates grow in number. The best plan is the median of all studies of that size: who knew the
population could plan no better.
"""

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration import coverage
from benchmarks.calibration.cells import Cell
from benchmarks.calibration.worlds import GAPS
from ganeval import METRICS, Features, GanevalError
from ganeval.metrics.spine import Pair
from ganeval.statistics import Estimate, Pilot, t_quantile
from ganeval.suites.plan import SHARE

TIMES = (2, 5, 10)
LEVEL = 0.95
CLOSE = 0.2
"""Of a half-width, by which a plan may be off."""


@dataclass(frozen=True)
class Study:
    """A pilot, by one metric, of data of one kind."""

    metric: str
    world: str
    gap: str
    n: int
    d: int
    groups: int = 0

    def cell(self, times: int) -> Cell:
        """As calibration has it."""
        n = times * self.n
        groups = times * self.groups
        return Cell(self.metric, self.world, self.gap, n, n, self.d, groups=groups)


def measure(study: Study, *, replicates: int) -> dict[str, Any]:
    """Planned half-widths, in those that came out, and how often these are in their range."""
    studies: list[list[tuple[float, ...]]] = []
    for i in range(replicates):
        seed = zlib.crc32(str(replace(study, metric="")).encode())
        try:
            pilot = Pilot.of([estimate(study, 1, np.random.default_rng([i, 0, seed]))])
            studies.append(
                [
                    (
                        pilot.half_width(times, times, LEVEL),
                        *pilot.half_widths(times, times, LEVEL, SHARE),
                        half_width(estimate(study, times, np.random.default_rng([i, times, seed]))),
                    )
                    for times in TIMES
                ]
            )
        except GanevalError:
            pass
    planned, low, high, found = np.moveaxis(np.array(studies), -1, 0)
    close = abs(planned / found - 1) < CLOSE
    return {
        "refused": replicates - len(studies),
        "of": close.size,
        "within_20": int(close.sum()),
        "within_20_by_times": close.sum(0).tolist(),
        "within_20_of_typical": int((abs(np.median(found, 0) / found - 1) < CLOSE).sum()),
        "in_range": int(((low <= found) & (found <= high)).sum()),
        "range": [float(np.median(low / planned)), float(np.median(high / planned))],
        "quantiles": np.quantile(planned / found, [0.05, 0.5, 0.95]).tolist(),
    }


def half_width(found: Estimate) -> float:
    """Student's t times the standard error."""
    return t_quantile(LEVEL, found.spread.df) * found.spread.std_error


def estimate(study: Study, times: int, rng: np.random.Generator) -> Estimate:
    """Of a study of so many times the pilot's images."""
    cell = study.cell(times)
    real, (fake,) = coverage.draw(cell, [GAPS[study.gap]], rng)
    return of_metric(study.metric, real, fake)


def of_metric(metric: str, real: Features, fake: Features) -> Estimate:
    """The estimate, or GanevalError where it has no interval."""
    entry = METRICS[metric]
    assert entry.estimate is not None
    found = entry.estimate(*Pair.take(real, fake, None, metric=metric).sides)
    if found.no_interval:
        raise GanevalError(found.no_interval)
    return found


def _cells() -> list[Study]:
    settings: list[dict[str, Any]] = [
        {"world": "gaussian", "gap": "moderate", "n": 200, "d": 16},
        {"world": "digits", "gap": "moderate", "n": 200, "d": 64},
        {"world": "plates", "gap": "moderate", "n": 480, "d": 8, "groups": 24},
        {"world": "skewed", "gap": "moderate", "n": 200, "d": 16},
        {"world": "mixture", "gap": "moderate", "n": 200, "d": 16},
        {"world": "gaussian", "gap": "close", "n": 200, "d": 16},
        {"world": "gaussian", "gap": "null", "n": 200, "d": 16},
        {"world": "digits", "gap": "close", "n": 200, "d": 64},
    ]
    return [
        Study(metric=metric, **setting)
        for setting in settings
        for metric in ("fid", "kid", "rke", "precision", "coverage")
        if metric in ("fid", "kid") or setting["gap"] == "moderate"
    ]


LISTS = {"studies": _cells()}


def show(row: harness.Row) -> str:
    """A line on the screen."""
    low, middle, high = row["quantiles"]
    return (
        f"{row['metric']} {row['world']} {row['gap']} n={row['n']} d={row['d']}: "
        f"{row['within_20']} of {row['of']} within 20 % {row['within_20_by_times']}, "
        f"ratio {low:.2f} {middle:.2f} {high:.2f}, {row['in_range']} in their range"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, measure, replicates=70, show=show)
