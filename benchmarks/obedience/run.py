"""Does obedience's interval cover, and does it find models that ignore what they are asked for?

    python -m benchmarks.obedience.pool POOL
    GANEVAL_POOL=POOL python -m benchmarks.obedience.run --out benchmarks/obedience/results.jsonl

Reals and fakes are drawn from the pool of simulated cells without an image that is drawn twice;
what the fakes were asked for is then changed. What an interval should hold is the mean over draws.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.obedience.pool import read_pool
from ganeval import Features, Score, obedience
from ganeval.features import as_features

POOL = Path(os.environ.get("GANEVAL_POOL", "pool"))


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    fakes: str
    """good (fresh cells); noisy (features with noise of 0.7 of their deviation); renamed (every
    class carries the next one's name); half wrong (half of the labels are the next one's)."""
    net: str
    classes: int
    """The first of LIN41."""
    n: int
    """Reals of each class."""
    m: int
    """Fakes of each class."""
    most: int | None = None
    """Replicates that are enough."""


def cells() -> Iterator[Cell]:
    """All cells."""
    for n in (8, 32, 100):
        yield Cell("good", "lin41", 6, n, n)
        yield Cell("noisy", "lin41", 6, n, n)
        yield Cell("good", "morphology", 6, n, n)
    yield Cell("good", "lin41", 6, 8, 100)
    yield Cell("good", "lin41", 6, 100, 8)
    for n in (8, 100):
        yield Cell("renamed", "lin41", 6, n, n, 200)
        yield Cell("half wrong", "lin41", 6, n, n, 200)
    for n in (4, 8, 32):
        yield Cell("good", "lin41", 24, n, n, 200)
    yield Cell("half wrong", "lin41", 24, 4, 4, 100)


def draw(cell: Cell, rng: np.random.Generator) -> tuple[Features, Features]:
    """Reals and fakes."""
    pool = read_pool(POOL, cell.net)
    names = sorted(pool)[: cell.classes]
    after = dict(zip(names, [*names[1:], names[0]], strict=True))
    rows: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for name in names:
        taken = rng.permutation(len(pool[name]))[: cell.n + cell.m]
        rows[0].append(pool[name][taken[: cell.n]])
        rows[1].append(pool[name][taken[cell.n :]])
    real, fake = (np.concatenate(side).astype(np.float64) for side in rows)
    asked = np.repeat(names, cell.m)
    if cell.fakes == "noisy":
        fake += 0.7 * fake.std(0) * rng.standard_normal(fake.shape)
    wrong = {"renamed": 1.0, "half wrong": 0.5}.get(cell.fakes, 0.0)
    for i in np.flatnonzero(np.arange(len(asked)) % cell.m < wrong * cell.m):
        asked[i] = after[str(asked[i])]
    order = rng.permutation(len(asked))  # files say nothing of what their images show
    return (
        replace(as_features(real), labels=tuple(np.repeat(names, cell.n).tolist())),
        replace(as_features(fake[order]), labels=tuple(asked[order].tolist())),
    )


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Coverage, alarms and time of one cell."""
    start = time.process_time()
    scores = [obedience(*draw(cell, np.random.default_rng([2, i]))) for i in range(replicates)]
    return summary(scores) | {"cpu_seconds_each": (time.process_time() - start) / replicates}


def summary(scores: list[Score]) -> dict[str, Any]:
    """How often intervals hold the mean, and how often p-values are small."""
    values = np.array([score.value for score in scores])
    truth = float(values.mean())
    printed = [score for score in scores if score.interval is not None]
    p_values = np.array([score.details["p_value"] for score in scores])
    held = [low <= truth <= high for low, high in (score.interval or (0, 0) for score in printed)]
    return {
        "mean": truth,
        "reals": float(np.mean([score.details["reals"] for score in scores])),
        "sd": float(values.std(ddof=1)),
        "median_std_error": float(np.median([score.std_error or 0.0 for score in printed])),
        "printed": len(printed),
        "covered": int(np.sum(held)),
        "p_below_0.05": int((p_values < 0.05).sum()),
        "p_below_0.01": int((p_values < 0.01).sum()),
        "largest_p": float(p_values.max()),
    }


LISTS = {"all": list(cells())}

if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=200)
