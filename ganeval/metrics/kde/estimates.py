"""One log-likelihood from many: of all queries, with influences, or of random draws."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import Array
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics.kde.split import evenly, every
from ganeval.metrics.kde.tiles import PRECISIONS, KernelSums, kernel_sums, log_rests
from ganeval.metrics.spine import Side, here
from ganeval.statistics import Estimate, Part

LEAST_IMAGES, LEAST_VALUES, LEAST_VALUES_OF_FEW = 30, 1000, 4000
"""Queries and centres, and these times features (4 or more, and fewer), that an interval needs. In
few features a rare real lies far from every fake: with heavy tails, 95 % intervals of fewer images
cover as little as 66 %; see benchmarks/calibration."""


@dataclass(frozen=True)
class Window:
    """The kernel, and how it is computed."""

    bandwidth: float
    fast: bool = False

    def sums(self, x: Array, g: Array) -> KernelSums:
        """Of queries x [n, d] over centres g [m, d]; see `kernel_sums`."""
        return kernel_sums(x, g, bandwidth=self.bandwidth, fast=self.fast)


def of_all(queries: Side, centres: Side, window: Window, *, influences: bool = True) -> Estimate:
    """The mean log-likelihood in nats of all queries under all centres.

    A query's influence is its own log-likelihood; that of a centre is what the mean loses without
    its unit (itself, or its group). The interval is around the value: what infinitely many centres
    would give at one bandwidth is no density that anybody has.
    """
    sums = window.sums(queries.rows, centres.rows)
    each, n, m = sums.log_likelihoods, len(queries.rows), len(centres.rows)
    value = float(each.mean())
    details = {
        "queries": n,
        "precision": sums.precision,
        "std_over_queries": float(each.std()),
        "skewness_over_queries": _skewness(each),
    }
    if not influences:
        return Estimate(value, details=details)
    unit = centres.sampling.unit
    sizes = np.bincount(unit)
    logs = log_rests(queries.rows, centres.rows, sums, bandwidth=window.bandwidth, unit=unit)
    left = m - sizes
    loss = np.log(np.maximum(left, 1) / m) - logs
    parts = (
        Part(each - value, queries.sampling),
        Part((left / sizes * loss)[unit], centres.sampling),
    )
    reason = too_few_images(min(n, m), queries.d)
    return Estimate(value, parts=parts, reason=reason, details=details)


def too_few_images(n: int, d: int) -> str | None:
    """Why this number of queries or centres, in d features, has no interval."""
    values = LEAST_VALUES if d >= 4 else LEAST_VALUES_OF_FEW
    least = max(LEAST_IMAGES, math.ceil(values / d))
    if n >= least:
        return None
    which = f"{d} feature{'s' * (d > 1)}"
    return f"{n} queries or fakes in {which}, of {least} that an interval needs at least"


def _skewness(values: np.ndarray) -> float:
    """Third moment over the standard deviation's cube; 0 where all are equal."""
    gaps = values - values.mean()
    std = values.std()
    return float((gaps**3).mean() / std**3) if std > 1e-12 * np.abs(values).max() else 0.0


def of_draws(
    queries: Array, centres: Array, window: Window, *, draws: int, size: int, seed: int
) -> Estimate:
    """The mean over random draws of `size` images of either side.

    Raises:
        InputError: no draws, empty ones, or fewer images than a draw has.
    """
    if draws < 1 or size < 1:
        raise InputError(f"subsets is {draws} and subset_size {size}; wanted at least 1 of each")
    if min(len(queries), len(centres)) < size:
        raise InputError(
            f"subset_size is {size}, but there are {len(queries)} reals to be queries and "
            f"{len(centres)} fakes; give more images or a smaller subset_size"
        )
    rng = np.random.default_rng(seed & (2**64 - 1))
    pairs = zip(*(_parts(len(side), size, draws, rng) for side in (queries, centres)), strict=True)
    found = [window.sums(here(queries, rows), here(centres, columns)) for rows, columns in pairs]
    values = np.array([draw.log_likelihoods.mean() for draw in found])
    std = float(values.std(ddof=1)) if draws > 1 else None
    details = {
        "queries": size,
        "precision": min((draw.precision for draw in found), key=PRECISIONS.index),
        "std_over_subsets": std,
    }
    spread = "" if std is None else f", whose standard deviation is {std:.4g}"
    reason = f"the mean of {draws} draws of {size}{spread}"
    return Estimate(float(values.mean()), reason=reason, details=details)


def _parts(n: int, size: int, draws: int, rng: np.random.Generator) -> list[np.ndarray]:
    """`draws` samples of `size` out of n, disjoint until the images are used up."""
    parts: list[np.ndarray] = []
    while len(parts) < draws:
        order = rng.permutation(n)
        parts += [order[i : i + size] for i in range(0, n - size + 1, size)]
    return parts[:draws]


def real_reference(queries: Features, centres: Features, window: Window) -> dict[str, Any] | None:
    """Half of the reals as centres for the other half, and as many fakes as centres for it.

    What a perfect generator would get from as many images at this bandwidth. None for a single
    real.
    """
    half = every(queries, 2)
    n = min(int(half.sum()), len(centres))
    if n == 0:
        return None
    own = queries.take(np.flatnonzero(half))
    others = queries.features[~half]
    values = [
        float(window.sums(others, side.features[evenly(side, n)]).log_likelihoods.mean())
        for side in (own, centres)
    ]
    return {"value": values[0], "fake_value": values[1], "centres": n, "queries": len(others)}
