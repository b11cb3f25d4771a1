"""Are images of one class closer to each other than to images of other classes?

For an image x, another one x' of its class and one y of another class: how often is x' closer to x
than y is? The mean over all such triples is a U-statistic; half is what a net gets that sees
nothing. Triples within a group (a plate, a patient) do not count, as alike they always are.
"""

from dataclasses import dataclass

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.statistics import Estimate, Part, balanced_labels, sampling_of
from ganeval.suites.matrix import matrix


@dataclass(frozen=True)
class Separation:
    """Distances within and between classes, as one net sees them.

    Args:
        auc: how often an image of the same class is closer than one of another class.
        interval: of it; None where there is none.
        within: median KID of one half of a class from the other half.
        between: median KID of two classes.
        apart: how often two classes are farther apart than one from itself.
        reason: why KID is None: a class has too few images.
    """

    auc: float
    interval: tuple[float, float] | None
    within: float | None = None
    between: float | None = None
    apart: float | None = None
    reason: str | None = None


def separation(images: Features, *, level: float, seed: int = 0) -> Separation | str:
    """How far a net keeps classes apart; or why that cannot be asked.

    Example:
        >>> separation(ganeval.extract("real/", "lin41"), level=0.95).auc
    """
    if images.labels is None:
        return "no labels"
    if len(set(images.labels)) < 2:
        return "a single class"
    found = auc(images)
    if np.isnan(found.value):
        return "no class has two images of different groups"
    try:
        classes = matrix(images, metric="kid", seed=seed)
    except InputError as error:
        return Separation(found.value, found.interval(level), reason=str(error))
    others = classes.values[~np.eye(len(classes.classes), dtype=bool)]
    return Separation(
        found.value,
        found.interval(level),
        float(np.median(classes.own)),
        float(np.median(others)),
        classes.separation,
    )


def auc(images: Features) -> Estimate:
    """The mean over triples, with the influence of every image."""
    rows = to_numpy(images.features).astype(np.float64)
    labels = np.unique(np.asarray(images.labels), return_inverse=True)[1]
    n = len(rows)
    unit = np.arange(n)
    if images.groups is not None:
        unit = np.unique(np.asarray(images.groups), return_inverse=True)[1]
    squares = np.square(rows).sum(1)
    values, pulls = np.full(n, np.nan), np.zeros(n)
    for i in range(n):
        distances = squares - 2 * (rows @ rows[i])
        free = unit != unit[i]
        own = np.flatnonzero(free & (labels == labels[i]))
        others = np.flatnonzero(free & (labels != labels[i]))
        if not len(own) or not len(others):
            continue
        beyond = 1 - _rank(distances[own], distances[others])
        before = _rank(distances[others], distances[own])
        values[i] = beyond.mean()
        pulls[own] += (beyond - values[i]) / len(own)
        pulls[others] += (before - values[i]) / len(others)
    asked = ~np.isnan(values)
    if not asked.any():
        return Estimate(float("nan"), reason="there are no triples")
    mean = float(values[asked].mean())
    pulls[asked] += values[asked] - mean
    sampling = sampling_of(n, balanced_labels(images.labels), images.groups)
    part = Part(pulls * n / asked.sum(), sampling)
    return Estimate(mean, parts=(part,), limits=(0.0, 1.0))


def _rank(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """[v] the share of `among` below each value; equal ones count half."""
    ordered = np.sort(among)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + up_to) / (2 * len(among)))
