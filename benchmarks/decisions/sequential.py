"""A training run that is looked at 200 times: false alarms, and gains that are found.

    python -m benchmarks.decisions.sequential --out benchmarks/decisions/sequential.jsonl

A run has one set of reals and new fakes at every look, all as far from the reals (in directions of
their own) until a jump, and from then on nearer. `Progress` is asked at every look. It is compared
with a single test at 5 % of the first checkpoint after the jump against the first of all. Every set
of reals and its looks make several runs, in random orders.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.outcomes import clopper_pearson
from ganeval import METRICS, Score
from ganeval.metrics.spine import Side
from ganeval.metrics.spine.side import take
from ganeval.statistics import Estimate, gain, one_sided_p
from ganeval.suites import Progress

ORDERS = 12
"""Runs from one set of reals and its looks."""

WAIT = 47
"""Looks after the jump within which a gain should show."""


@dataclass(frozen=True)
class Runs:
    """Runs by one metric."""

    metric: str
    shift: float = 0.9
    """Of the fakes, in standard deviations."""
    after: tuple[float, ...] = (0.5, 0.4, 0.25)
    """The same, after a jump."""
    jumps: tuple[int, ...] = (2, 42)
    """First look that is better."""
    looks: int = 200
    n: int = 200
    m: int = 100
    d: int = 4


def measure(cell: Runs, *, replicates: int) -> dict[str, Any]:
    """Of so many sets of reals: runs with false alarms, and those in which a gain was found."""
    alarms, naive, runs = 0, 0, 0
    gains: dict[tuple[int, float], list[tuple[bool, bool, int]]] = {}
    for i in range(replicates):
        rng = np.random.default_rng([i, 17])
        real = side(rng.standard_normal((cell.n, cell.d)), "real")
        alike = pool(cell, real, cell.shift, cell.looks, rng)
        better = {shift: pool(cell, real, shift, WAIT + 1, rng) for shift in cell.after}
        for _ in range(ORDERS):
            order = [alike[k] for k in rng.permutation(cell.looks)]
            runs += 1
            alarms += first_claim(cell, order) is not None
            naive += any(single(one, order[0]) < 0.05 for one in order[1:])
            for at in cell.jumps:
                for shift, pooled in better.items():
                    new = [pooled[k] for k in rng.permutation(WAIT + 1)]
                    claim = first_claim(cell, [*order[: at - 1], *new])
                    found = claim is not None and claim >= at
                    wait = claim - at + 1 if claim is not None else 0
                    fixed = single(new[0], order[0]) < 0.05
                    gains.setdefault((at, shift), []).append((found, fixed, wait))
    return {
        "runs": runs,
        "false_alarms": alarms,
        "alarms_of_a_test_at_every_look": naive,
        "gains": [
            {
                "jump_at": at,
                "after": shift,
                "found": sum(found for found, _, _ in all_),
                "fixed_found": sum(fixed for _, fixed, _ in all_),
                "median_wait": float(np.median([wait for found, _, wait in all_ if found] or [0])),
            }
            for (at, shift), all_ in gains.items()
        ],
    }


def pool(
    cell: Runs, real: Side, shift: float, count: int, rng: np.random.Generator
) -> list[Estimate]:
    """Estimates of so many checkpoints against the same reals."""
    entry, found = METRICS[cell.metric], []
    assert entry.estimate is not None
    for _ in range(count):
        direction = rng.standard_normal(cell.d)
        rows = rng.standard_normal((cell.m, cell.d)) + shift * direction / np.linalg.norm(direction)
        found.append(entry.estimate(real, side(rows, "fake")))
    return found


def side(rows: np.ndarray, role: str) -> Side:
    """Independent images."""
    return take(rows, None, role=role, metric="fid")


def single(now: Estimate, before: Estimate) -> float:
    """The p-value of one test, once."""
    apart = gain(now, before)
    return one_sided_p(-apart.value, apart.spread)


def first_claim(cell: Runs, looks: list[Estimate]) -> int | None:
    """The look at which `Progress` first says that something is better; None if it never does."""
    progress = Progress(looks=cell.looks)
    for number, estimate in enumerate(looks, 1):
        score = Score(
            cell.metric, estimate.value, estimate.corrected, (0.0, 1.0), 0.95, None, "lower",
            None, None, estimate=estimate,
        )  # fmt: skip
        if progress.look(score, step=number).better and number > 1:
            return number
    return None


LISTS = {"runs": [Runs("fid"), Runs("kid")]}


def show(row: harness.Row) -> str:
    """A line on the screen."""
    runs, alarms = row["runs"], row["false_alarms"]
    low, high = clopper_pearson(alarms, runs)
    often = row["alarms_of_a_test_at_every_look"]
    gains = "; ".join(
        f"at {one['jump_at']} to {one['after']}: {one['found']}, fixed {one['fixed_found']}, "
        f"wait {one['median_wait']:g}"
        for one in row["gains"]
    )
    return (
        f"{row['metric']}: false {alarms} of {runs} ({100 * low:.1f} to {100 * high:.1f} %), a "
        f"test at every look {often}; {gains}"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, measure, replicates=40, show=show)
