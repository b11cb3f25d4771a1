"""One log-likelihood from many: of all queries, with a jackknife, or of random draws."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganeval.arrays import Array
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics._blocks import no_spread, too_few_blocks
from ganeval.metrics.kde.split import evenly, every
from ganeval.metrics.kde.tiles import PRECISIONS, KernelSums, kernel_sums
from ganeval.metrics.spine import n_groups
from ganeval.statistics import Jackknife, jackknife

LEAST_IMAGES, LEAST_VALUES, LEAST_VALUES_OF_FEW = 30, 1000, 4000
"""Queries and centres, and these times features (4 or more, and fewer), that an interval needs. In
few features a rare real lies far from every fake: with heavy tails, 95 % intervals of fewer images
cover as little as 66 %; see benchmarks/calibration."""


@dataclass(frozen=True)
class Window:
    """The kernel, and how it is computed."""

    bandwidth: float
    fast: bool = False

    def sums(self, x: Array, g: Array, blocks: np.ndarray | None = None) -> KernelSums:
        """Of queries x [n, d] over centres g [m, d]; see `kernel_sums`."""
        found = kernel_sums(x, g, bandwidth=self.bandwidth, blocks=blocks, fast=self.fast)
        if not np.isfinite(found.log_likelihoods()).all():
            raise InputError(
                f"bandwidth is {self.bandwidth:g}, and squared distances in it are too large to "
                "be numbers; give a larger one"
            )
        return found


@dataclass(frozen=True)
class Estimate:
    """A mean log-likelihood in nats per query.

    Args:
        value: the mean.
        queries: that it is a mean of, or that a draw has.
        precision: the least exact that was used.
        details: the standard deviation over queries or over draws; how it was jackknifed.
        sure: the jackknife around `value`.
        reason: why there is none.
    """

    value: float
    queries: int
    precision: str
    details: Mapping[str, Any]
    sure: Jackknife | None = None
    reason: str | None = None

    @classmethod
    def of(cls, sums: KernelSums) -> "Estimate":
        """All queries under all centres."""
        each = sums.log_likelihoods()
        details = {"std_over_queries": float(each.std()), "skewness_over_queries": _skewness(each)}
        return cls(float(each.mean()), len(each), sums.precision, details)

    def total(self) -> "Estimate":
        """The sum over queries instead of the mean."""
        n, sure, details = self.queries, self.sure, dict(self.details)
        if sure is not None:
            sure = replace(sure, estimate=n * sure.estimate, std_error=n * sure.std_error)
        if (spread := details.get("std_over_subsets")) is not None:
            details["std_over_subsets"] = n * spread
        return replace(self, value=n * self.value, sure=sure, details=details)


def plain(queries: Features, centres: Features, window: Window) -> Estimate:
    """All queries under all centres."""
    return Estimate.of(window.sums(queries.features, centres.features))


def jackknifed(
    queries: Features,
    centres: Features,
    window: Window,
    of_queries: np.ndarray,
    of_centres: np.ndarray,
) -> Estimate:
    """As `plain`, leaving out one block of both sides at a time; a block may lack one of them.

    The interval is around the value. The jackknife's own estimate goes some of the way to
    infinitely many centres, which at one bandwidth is no density that anybody has.
    """
    g = int(max(of_queries.max(), of_centres.max())) + 1
    sizes = [np.bincount(blocks, minlength=g) for blocks in (of_queries, of_centres)]
    sums = window.sums(queries.features, centres.features, of_centres)
    found = Estimate.of(sums)
    details = {**found.details, "method": "delete-group jackknife", "blocks": g}
    found = replace(found, details=details)
    if few := too_few_images(min(len(queries), len(centres)), queries.features.shape[1]):
        return replace(found, reason=few)
    filled = min(int((part > 0).sum()) for part in sizes)
    if few := too_few_blocks(filled, grouped=n_groups(queries, centres) is not None):
        return replace(found, reason=few)
    if min(part.sum() - part.max() for part in sizes) < 2:
        return replace(found, reason="too few images once a block is left out")
    left_out = [sums.log_likelihoods(without=i)[of_queries != i].mean() for i in range(g)]
    sure = jackknife(found.value, left_out, *sizes)
    if same := no_spread(found.value, sure.std_error):
        return replace(found, reason=same)
    return replace(found, sure=replace(sure, estimate=found.value))


def too_few_images(n: int, d: int) -> str | None:
    """Why so few queries or centres in so many features have no interval."""
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
    queries: Features, centres: Features, window: Window, *, draws: int, size: int, seed: int
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
    found = [
        Estimate.of(window.sums(queries.features[rows], centres.features[columns]))
        for rows, columns in pairs
    ]
    values = np.array([draw.value for draw in found])
    return Estimate(
        float(values.mean()),
        size,
        min((draw.precision for draw in found), key=PRECISIONS.index),
        {"std_over_subsets": float(values.std(ddof=1)) if draws > 1 else None},
    )


def _parts(n: int, size: int, draws: int, rng: np.random.Generator) -> list[np.ndarray]:
    """`draws` samples of `size` out of n, disjoint until the images are used up."""
    parts: list[np.ndarray] = []
    while len(parts) < draws:
        order = rng.permutation(n)
        parts += [order[i : i + size] for i in range(0, n - size + 1, size)]
    return parts[:draws]


def real_reference(queries: Features, centres: Features, window: Window) -> dict[str, Any] | None:
    """Half of the reals as centres for the other half, beside as many fakes as centres for it.

    What a perfect generator would get from so many images at this bandwidth. None for a single
    real.
    """
    half = every(queries, 2)
    n = min(int(half.sum()), len(centres))
    if n == 0:
        return None
    others = queries.features[~half]
    mine = np.flatnonzero(half)
    own = queries.take(mine)
    own = own.features[evenly(own, n)]
    as_many = centres.features[evenly(centres, n)]
    return {
        "value": Estimate.of(window.sums(others, own)).value,
        "fake_value": Estimate.of(window.sums(others, as_many)).value,
        "centres": n,
        "queries": len(others),
    }
