"""How often do the intervals cover the truth? One JSON line per cell.

    python -m benchmarks.calibration.coverage --out benchmarks/calibration/results.jsonl

A cell (see cells.py) is a metric, a world that the images come from (worlds.py), and numbers of
images. Each replicate draws both sides, asks the public function for its interval, and counts
whether it holds the truth (truths.py). `--only` takes names of lists, or words of cells.
"""

import functools
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from benchmarks.calibration.cells import LISTS, Cell, as_now
from benchmarks.calibration.outcomes import Outcome, outcome_of, spoken, summary
from benchmarks.calibration.populations import Sample
from benchmarks.calibration.truths import (
    LOGITS,
    gap_of_run,
    gaps_of_checkpoints,
    kind_of,
    rke_at,
    truth_of,
    truths_of_checkpoints,
)
from benchmarks.calibration.worlds import GAPS, Gap, gap_of, world_of
from benchmarks.harness import Row
from ganeval import Features, GanevalError, Score
from ganeval.metrics.pairs import half_of_typical_distance


def one_of_prdc(name: str, *, real: Any, fake: Any) -> Score:
    """Precision, recall, density or coverage: no seed moves them."""
    score: Score = getattr(ganeval.prdc(real, fake), name)
    return score


SCORES: dict[str, Callable[..., Score]] = {
    "fid": ganeval.fid,
    "kid": ganeval.kid,
    "intra_fid": ganeval.intra_fid,
    "intra_kid": ganeval.intra_kid,
    "inception_score": ganeval.inception_score,
    "rke": ganeval.rke,
    "kde_log_likelihood": ganeval.kde_log_likelihood,
    "sliced_wasserstein_distance": ganeval.sliced_wasserstein_distance,
    "precision": functools.partial(one_of_prdc, "precision"),
    "recall": functools.partial(one_of_prdc, "recall"),
    "density": functools.partial(one_of_prdc, "density"),
    "coverage": functools.partial(one_of_prdc, "coverage"),
    "c2st": functools.partial(ganeval.c2st, classifier="logistic", permutations=0),
    "c2st_ensemble": functools.partial(ganeval.c2st, permutations=0),
}


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """What a cell's line says of so many replicates."""
    truth = truth_of(cell)
    measure = {"score": of_score, "compare": of_difference, "best": of_best}[kind_of(cell)[0]]
    outcomes = []
    for i in range(replicates):
        # One seed for all metrics, sorted or not: they are asked about the same images.
        name = str(cell).removeprefix(cell.metric).replace("given=unsorted", "given=none")
        rng = np.random.default_rng([i, zlib.crc32(name.encode())])
        try:
            outcomes.append(measure(cell, rng))
        except GanevalError as error:
            outcomes.append(Outcome(None, None, None, reason=f"refused: {error}"))
    return summary(outcomes, truth)


def of_score(cell: Cell, rng: np.random.Generator) -> Outcome:
    """One metric's interval."""
    real, (fake,) = draw(cell, [gap_of(cell.gap)], rng)
    given: list[Any] = [real, fake]
    if cell.merged:
        given = [merged(real), merged(fake) if cell.merged == "both" else fake]
    return outcome_of(SCORES[kind_of(cell)[1]](real=given[0], fake=given[1]))


def merged(side: Features) -> ganeval.Moments:
    """Statistics of each class, merged as those of several files are."""
    assert side.labels is not None
    labels = np.array(side.labels)
    total: ganeval.Moments | None = None
    for name in dict.fromkeys(side.labels):
        own = ganeval.statistics_of(side.take(np.flatnonzero(labels == name)))
        total = own if total is None else total.merge(own)
    assert total is not None
    return total


def of_difference(cell: Cell, rng: np.random.Generator) -> Outcome:
    """Of two models, of one or several training runs each."""
    second = "moderate" if cell.gap == "null" else "close"
    gaps = [GAPS["moderate"], GAPS[second]]
    if cell.runs > 1:
        gaps = [gap for spread in cell.spread.split("/") for gap in runs_of(cell, spread, rng)]
    real, fakes = draw(cell, gaps, rng)
    models: dict[str, Any] = {"a": fakes[: cell.runs], "b": fakes[cell.runs :]}
    if cell.runs == 1:
        models = {name: of[0] for name, of in models.items()}
    found = ganeval.compare(real, models, metric=kind_of(cell)[1])
    (pair,) = found.differences
    sign = 1 if pair.model == "a" else -1
    estimate, limits = sign * pair.estimate, None
    if pair.interval is not None:
        low, high = sorted(sign * end for end in pair.interval)
        limits = (low, high)
    reason = "" if limits else getattr(pair, "no_interval", None) or " ".join(found.warnings)
    truth = None
    if kind_of(cell)[1] == "rke":
        sigma = half_of_typical_distance(real.features)
        first, second = (rke_at(world_of(cell, gap), sigma) for gap in gaps)
        truth = first - second
    return Outcome(estimate, estimate, limits, pair.std_error, reason, truth)


def runs_of(cell: Cell, spread: str, rng: np.random.Generator) -> list[Gap]:
    """Distances of a model's training runs."""
    shape = 1 / float(spread) ** 2
    return [gap_of_run(times) for times in rng.gamma(shape, size=cell.runs) / shape]


def of_best(cell: Cell, rng: np.random.Generator) -> Outcome:
    """The interval of the chosen checkpoint should hold the true score of the step it names."""
    real, fakes = draw(cell, gaps_of_checkpoints(cell), rng)
    found = ganeval.best_checkpoint(real, dict(enumerate(fakes)), metric=kind_of(cell)[1])
    truth = truths_of_checkpoints(cell)[found.best]
    reason = "" if found.interval is not None else found.verdict
    return Outcome(found.naive, found.estimate, found.interval, reason=reason, truth=truth)


def draw(cell: Cell, gaps: list[Gap], rng: np.random.Generator) -> tuple[Features, list[Features]]:
    """Reals sorted as files are, and fakes of several models, as generators give them."""
    worlds = [world_of(cell, gap) for gap in gaps]
    drawn = worlds[0].draw_real(cell.n, rng)
    real = features_of(cell, drawn, "real", rng, labelled=worlds[0].labelled)
    fakes = []
    for number, world in enumerate(worlds):
        made = world.draw_fake(cell.m, drawn, rng)
        side = "real" if cell.world == "shared plates" else f"fake{number}"
        fakes.append(features_of(cell, made, side, rng, labelled=world.labelled))
    return real, fakes


def features_of(
    cell: Cell, sample: Sample, side: str, rng: np.random.Generator, *, labelled: bool
) -> Features:
    """A sample with what the program is given of it; groups of one name are the same group."""
    labels = groups = None
    if labelled and cell.given in ("all", "labels"):
        assert sample.classes is not None
        labels = tuple(map(str, sample.classes))
    if sample.clusters is not None and cell.given in ("all", "groups"):
        groups = tuple(f"{side} {number}" for number in sample.clusters)
    order = np.arange(len(sample.rows))
    if cell.given == "unsorted":
        order = rng.spawn(1)[0].permutation(order)
    name = rng.integers(1 << 40)  # ids differ between replicates, as those of other files do
    return Features(
        features=sample.rows[order],
        ids=tuple(f"{name}/{i:06d}" for i in range(len(sample.rows))),
        labels=labels,
        groups=groups,
        logits=LOGITS * sample.rows[order] if "inception_score" in cell.metric else None,
    )


def show(row: Row) -> str:
    """A line on the screen."""
    cell = Cell(**{name: row[name] for name in harness.fields_of(Cell)})
    return f"{cell}: {spoken(row)}"


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, read=as_now, show=show)
