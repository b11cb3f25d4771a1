"""Tests of families where one side has groups, and the other side independent images.

A plate of twelve images and a single image cannot change places: where a plate moves, the sides
change their size, and what permutations say of chance is about other sizes. So each difference is
divided by its standard error, with groups as wholes, and read by Student's t, as in an interval.
"""

from collections.abc import Sequence

import numpy as np

from ganeval.statistics import (
    ASPECTS,
    NO_SPREAD,
    FamilyTests,
    Part,
    Sampling,
    rank_scores,
    seeded,
    spread,
    two_sided_p,
    variance_of_few,
)
from ganeval.suites.explain.effects import Both, spread_of_shares

_CHUNK = 1000
"""Draws of joint errors that are made at once."""


def studentised_tests(
    rows: Both,
    samplings: tuple[Sampling, Sampling],
    units: Both,
    families: Sequence[np.ndarray],
    *,
    count: int,
    seed: int,
) -> FamilyTests:
    """Tests whether any property of a family differs between the sides, by t statistics.

    The p-value of a family is that of the smallest of its p-values: normal errors that are
    correlated as the sums over groups are say how small that is by chance.

    Args:
        rows: [n, d] and [m, d] properties of reals and fakes.
        samplings: of both.
        units: [n] and [m] numbers of independent units; the same number on both sides is one unit.
        families: columns of each.
        count: of draws of joint errors.
        seed: of these draws.

    Source: the smallest p-value, Westfall & Young 1993, ISBN 978-0-471-55761-6; normal weights of
    sums, Chernozhukov, Chetverikov & Kato 2013, doi:10.1214/13-AOS1161.
    """
    from scipy.stats import norm

    n, d = rows[0].shape
    scores = rank_scores(np.concatenate(rows)).astype(np.float64)
    real, fake = scores[:n], scores[n:]
    values = fake.mean(0) - real.mean(0)
    p_values = np.ones(values.shape)
    for at in np.ndindex(d, len(ASPECTS)):
        p_values[at] = _p_value((real[:, *at], fake[:, *at]), samplings, is_share=at[1] > 1)
    sizes = norm.isf(np.maximum(p_values, 1e-300) / 2)

    number = np.unique(np.concatenate(units), return_inverse=True)[1]
    pulls = np.concatenate([-(real - real.mean(0)) / n, (fake - fake.mean(0)) / len(fake)])
    sums = np.zeros((number.max() + 1, d, len(ASPECTS)))
    np.add.at(sums, number, pulls)
    scale = np.sqrt((sums**2).sum(0))
    sums /= np.where(scale > 0, scale, 1)
    of_family = [sums[:, family].reshape(len(sums), -1) for family in families]
    observed = np.array([sizes[family].max() for family in families])
    reached, rng = np.zeros(len(families), int), seeded("studentised", seed)
    for start in range(0, count, _CHUNK):
        weights = rng.standard_normal((min(_CHUNK, count - start), len(sums)))
        for f, of_columns in enumerate(of_family):
            reached[f] += (np.abs(weights @ of_columns).max(1) >= observed[f]).sum()
    return FamilyTests((1 + reached) / (1 + count), np.sign(values) * sizes)


def _p_value(scores: Both, samplings: tuple[Sampling, Sampling], *, is_share: bool) -> float:
    """Of the difference of two means; 1 where nothing is known of its error."""
    means = [float(side.mean()) for side in scores]
    value = means[1] - means[0]
    if is_share:
        found = spread_of_shares((scores[0] > 0, scores[1] > 0), samplings)
    else:
        parts = (Part(means[0] - scores[0], samplings[0]), Part(scores[1] - means[1], samplings[1]))
        found = spread(parts)
    if found.reason is None:
        return two_sided_p(value, found.std_error, found.df)
    if found.reason != NO_SPREAD or abs(value) < 1e-6:
        return 1.0
    # One value on each side: a share of 0 against one of 1.
    sizes = [sampling.effective_units for sampling in samplings]
    return two_sided_p(1.0, sum(variance_of_few(1.0, u) for u in sizes) ** 0.5, min(sizes) - 1)
