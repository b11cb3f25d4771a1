"""Do two samples differ in any of many properties? Families of properties tested by permutation.

Every property is looked at in three ways: its place, its spread, and the share of images beyond
certain quantiles, which sees that something is rare or missing. All are means over images of
scores of pooled ranks, so they are computed for all permutations by one product of matrices, and
no outlier, unit or logarithm matters. A family's statistic is its largest, each in units of its
own standard deviation under permutation.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

BEYOND = (0.05, 0.1, 0.25, 0.75, 0.9, 0.95)
"""Of both samples together, beyond which images are counted."""

ASPECTS = ("place", "spread", *(f"beyond {q:g}" for q in BEYOND))
"""The ways in which a property is looked at."""

FOR_SCALE = 200
"""Permutations that only tell the standard deviation of each statistic."""

_VALUES = 1 << 24
"""Of a matrix of sides that is made at once."""


class FamilyTests(NamedTuple):
    """What permutations say.

    Args:
        p_values: [f] of each family.
        sizes: [d, a] each statistic in its standard deviations under permutation; above 0 where
            fakes are larger, or vary more, or are more often beyond the quantile.
    """

    p_values: np.ndarray
    sizes: np.ndarray


def rank_scores(rows: np.ndarray) -> np.ndarray:
    """[n, d, a] scores of the pooled rows [n, d], one per aspect; equal values have equal scores.

    Source: place, Wilcoxon 1945, doi:10.2307/3001968; spread, Mood 1954,
    doi:10.1214/aoms/1177728719.
    """
    from scipy.stats import rankdata

    u = (rankdata(rows, axis=0) - 0.5) / len(rows)
    shares = [(u > q) if q > 0.5 else (u < q) for q in BEYOND]
    return np.stack([u - 0.5, (u - 0.5) ** 2, *shares], axis=2).astype(np.float32)


def family_tests(
    rows: np.ndarray,
    real: np.ndarray,
    permuted: Iterable[np.ndarray],
    families: Sequence[np.ndarray],
) -> FamilyTests:
    """Tests whether any property of a family differs between the sides.

    Args:
        rows: [n, d] properties of all images.
        real: [n] bool, the side of each image.
        permuted: the same after each permutation; the first FOR_SCALE tell standard deviations,
            the others, at least one, the p-values.
        families: columns of each; together, every column once.

    The test is exact where the sides are exchangeable: the scores do not know the sides.

    Source: maximum over statistics, Westfall & Young 1993, ISBN 978-0-471-55761-6; p-values,
    Phipson & Smyth 2010, doi:10.2202/1544-6115.1585.
    """
    n, d = rows.shape
    scores = rank_scores(rows).reshape(n, -1)
    scores -= scores.mean(0)
    permutations = iter(permuted)
    scale = np.sqrt(
        np.mean(np.square(_differences(list(islice(permutations, FOR_SCALE)), scores)), 0)
    )
    known = scale > 1e-6
    inverse = np.where(known, 1 / np.where(known, scale, 1), 0).astype(np.float32)
    own = _differences([real], scores)[0] * inverse

    of_column = np.concatenate([np.repeat(f, len(ASPECTS)) for f in _numbered(families)])
    order = np.concatenate([_columns(family) for family in families])
    starts = np.searchsorted(of_column, np.arange(len(families)))

    def largest(statistics: np.ndarray) -> np.ndarray:
        return np.maximum.reduceat(np.abs(statistics)[..., order], starts, axis=-1)

    observed = largest(own)
    reached, count = np.zeros(len(families), int), 0
    for chunk in _chunks(permutations, max(1, _VALUES // n)):
        statistics = largest(_differences(chunk, scores) * inverse)
        reached += (statistics >= observed * (1 - 1e-5)).sum(0)
        count += len(chunk)
    sizes = own.reshape(d, len(ASPECTS)).astype(np.float64)
    return FamilyTests((1 + reached) / (1 + count), sizes)


def _differences(sides: Sequence[np.ndarray], scores: np.ndarray) -> np.ndarray:
    """[b, k] mean score of fakes less that of reals, for each division [n] into sides."""
    real = np.stack(sides).astype(np.float32)
    n_real = real.sum(1, keepdims=True)
    fake = 1 - real
    weights = fake / np.maximum(fake.sum(1, keepdims=True), 1) - real / np.maximum(n_real, 1)
    return np.asarray(weights @ scores)


def _numbered(families: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    return (np.full(len(family), i) for i, family in enumerate(families))


def _columns(family: np.ndarray) -> np.ndarray:
    """Positions of the scores of a family's properties."""
    return (np.asarray(family)[:, None] * len(ASPECTS) + np.arange(len(ASPECTS))).ravel()


def _chunks(values: Iterator[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    while chunk := list(islice(values, size)):
        yield chunk
