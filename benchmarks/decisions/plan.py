"""Is a study as sure as its pilot foretold? One JSON line per cell.

    python -m benchmarks.decisions.plan --out benchmarks/decisions/plan.jsonl

Each replicate draws a pilot, plans studies of 2, 5 and 10 times as many images of both sides, draws
each of them from the same populations, and compares the half-width that was planned with the one
that came out: Student's t times the standard error, as the pilot's. Plates grow in number.
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

TIMES = (2, 5, 10)
LEVEL = 0.95


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
    """Ratios of planned over realised half-widths."""
    ratios: dict[int, list[float]] = {times: [] for times in TIMES}
    printed: dict[int, list[float]] = {times: [] for times in TIMES}
    refused = 0
    for i in range(replicates):
        seed = zlib.crc32(str(replace(study, metric="")).encode())
        try:
            pilot = Pilot.of([estimate(study, 1, np.random.default_rng([i, 0, seed]))])
            for times in TIMES:
                larger = estimate(study, times, np.random.default_rng([i, times, seed]))
                planned = pilot.half_width(times, times, LEVEL)
                found = t_quantile(LEVEL, larger.spread.df) * larger.spread.std_error
                low, high = larger.interval(LEVEL) or (float("nan"), float("nan"))
                ratios[times].append(planned / found)
                printed[times].append(planned / ((high - low) / 2))
        except GanevalError:
            refused += 1
    whole = np.concatenate([ratios[times] for times in TIMES])
    return {
        "refused": refused,
        "of": len(whole),
        "within_20": int((abs(whole - 1) < 0.2).sum()),
        "within_20_by_times": [
            int((abs(np.array(ratios[times]) - 1) < 0.2).sum()) for times in TIMES
        ],
        "within_20_of_printed": int(
            (abs(np.concatenate([printed[times] for times in TIMES]) - 1) < 0.2).sum()
        ),
        "quantiles": np.quantile(whole, [0.05, 0.5, 0.95]).tolist(),
    }


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
        f"ratio {low:.2f} {middle:.2f} {high:.2f}"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, measure, replicates=70, show=show)
