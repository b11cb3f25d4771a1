"""From two sides to a Fréchet distance without its 1/n bias, and how sure it is."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ganeval.arrays import Array
from ganeval.features import Features
from ganeval.lazy import Tensor
from ganeval.metrics._blocks import (
    most_blocks,
    no_spread,
    pair_blocks,
    side_blocks,
    spread,
    too_few_blocks,
)
from ganeval.metrics.frechet.delta import half_split_error
from ganeval.metrics.frechet.distance import Distance, Gaussian, distance
from ganeval.metrics.spine import SAME_IMAGES, Side, count, n_groups, name_of, width
from ganeval.moments import Moments, Origin
from ganeval.statistics import N_BLOCKS, balanced_labels, jackknife, strata, t_quantile

JACKKNIFE_MAX_DIM = 1024
"""Beyond, 21 distances take long and 20 covariances take gigabytes: two halves do."""

_SAME = 1e-12
"""Of the total variance: no two sets of images are that close, but statistics of one set."""


@runtime_checkable
class Blocked(Protocol):
    """Moments of a side and of all but one block of it; Moments, or rows that are summed anew."""

    @property
    def n_blocks(self) -> int:
        """Blocks."""
        ...

    @property
    def block_sizes(self) -> np.ndarray:
        """[n_blocks] rows per block."""
        ...

    @property
    def mean(self) -> Tensor:
        """[d] float64, of all rows."""
        ...

    @property
    def cov(self) -> Tensor:
        """[d, d] float64, of all rows."""
        ...

    def leave_out(self, block: int) -> Moments:
        """Moments of all other blocks."""
        ...


@dataclass(frozen=True)
class Corrected:
    """A plain distance and, where the data allow, its correction."""

    plain: Distance
    estimate: float | None = None
    std_error: float | None = None
    df: float = 1.0
    n_blocks: int = 0
    method: str = ""
    reason: str | None = None
    """Why there is no interval."""

    def interval(self, level: float) -> tuple[float, float] | None:
        """The t interval around `estimate`."""
        if self.estimate is None or self.std_error is None:
            return None
        half = t_quantile(level, self.df) * self.std_error
        return self.estimate - half, self.estimate + half


def correct(real: Side, fake: Side, *, seed: int) -> Corrected:
    """Delete-group jackknife, or half-split Richardson for many features without groups."""
    d = width(real)
    for side in (real, fake):
        if isinstance(side, Moments) and side.n_blocks < 2:
            what = "only mu and sigma" if side.n is None else "no blocks"
            return Corrected(_plain(real, fake), reason=f"{name_of(side)} has {what}")
    if min(count(real) or 0, count(fake) or 0) <= d:
        return Corrected(_plain(real, fake), reason="fewer images than features")
    first, second = _blocked(real, fake, seed)
    g = first.n_blocks
    few = too_few_blocks(g, grouped=n_groups(real, fake) is not None)
    if g < 2:
        return Corrected(_plain(real, fake), reason=few)
    kept = min(int(side.block_sizes.sum() - side.block_sizes.max()) for side in (first, second))
    if kept <= d:
        reason = f"too few images for {d} features once a block is left out"
        return Corrected(_plain(real, fake), reason=reason)
    whole = Gaussian(first.mean, first.cov), Gaussian(second.mean, second.cov)
    plain = distance(*whole)
    if plain.value <= _SAME * float(first.cov.diagonal().sum()):
        return Corrected(plain, reason=SAME_IMAGES)
    left_out = [
        distance(
            Gaussian.of_moments(first.leave_out(i)), Gaussian.of_moments(second.leave_out(i))
        ).value
        for i in range(g)
    ]
    # With two blocks the jackknife's estimate is Richardson's 2 F − mean(F of the halves).
    sure = jackknife(plain.value, left_out, first.block_sizes, second.block_sizes)
    method = "half-split Richardson" if g == 2 else "delete-group jackknife"
    if g == 2 and _in_halves(real, fake):
        if isinstance(real, Features) and isinstance(fake, Features):
            error = half_split_error(
                real.features, fake.features, *whole, labels=strata(real.labels, fake.labels)
            )
            if error is not None:
                return Corrected(plain, sure.estimate, error, float(kept), g, method)
            reason = "constant or dependent features"
        else:
            reason = f"statistics of {d} features do not keep what an interval needs"
        return Corrected(plain, sure.estimate, n_blocks=g, method=method, reason=reason)
    if few:
        return Corrected(plain, sure.estimate, n_blocks=g, method=method, reason=few)
    if same := no_spread(sure.estimate, sure.std_error):
        return Corrected(plain, sure.estimate, n_blocks=g, method=method, reason=same)
    return Corrected(plain, sure.estimate, sure.std_error, sure.df, g, method)


def _in_halves(real: Side, fake: Side) -> bool:
    """Whether 20 blocks would be too much to ask."""
    return width(real) > JACKKNIFE_MAX_DIM and n_groups(real, fake) is None


def statistics_of(features: Features, *, seed: int = 0) -> Moments:
    """Moments of features with the blocks that an interval needs, to be saved and merged.

    Up to 1024 features, 20 blocks as in `fid` itself; beyond, two halves: corrected distances,
    but no interval.
    """
    labels = balanced_labels(features.labels)
    n_blocks = most_blocks(features, labels)
    if features.features.shape[1] > JACKKNIFE_MAX_DIM:
        n_blocks = min(n_blocks, 2)
    blocks = side_blocks(features, seed=seed, labels=labels, n_blocks=n_blocks)
    groups = None
    if features.groups is not None:
        groups = {name: int(b) for name, b in zip(features.groups, blocks, strict=True)}
    origin = Origin(
        name=features.name,
        parts=(features.fingerprint,) if features.fingerprint else (),
        groups=groups,
        protocol=features.protocol,
        warnings=features.warnings,
    )
    return Moments.of(features.features, blocks, n_blocks=n_blocks, origin=origin)


def plain_gaussian(side: Side) -> Gaussian:
    """A side's Gaussian, as a root where it has fewer images than features."""
    if isinstance(side, Moments):
        return Gaussian.of_moments(side)
    if len(side.features) <= side.features.shape[1]:
        return Gaussian.of_rows(side.features)
    return Gaussian.of_moments(Moments.of(side.features))


def _plain(real: Side, fake: Side) -> Distance:
    return distance(plain_gaussian(real), plain_gaussian(fake))


@dataclass(frozen=True, eq=False)
class _Rows:
    """Moments without one block, from the rows themselves: two covariances of memory."""

    rows: Array
    blocks: np.ndarray
    n_blocks: int
    total: Moments

    @property
    def block_sizes(self) -> np.ndarray:
        return np.bincount(self.blocks, minlength=self.n_blocks)

    @property
    def mean(self) -> Tensor:
        return self.total.mean

    @property
    def cov(self) -> Tensor:
        return self.total.cov

    def leave_out(self, block: int) -> Moments:
        members = self.blocks == block
        return self.total.minus(Moments.of(self.rows[members])) if members.any() else self.total


def _blocked(real: Side, fake: Side, seed: int) -> tuple[Blocked, Blocked]:
    """Both sides with as many blocks each, block i of one belonging to block i of the other."""
    halves = _in_halves(real, fake)
    if isinstance(real, Features) and isinstance(fake, Features):
        pair = pair_blocks(real, fake, seed=seed, n_blocks=2 if halves else N_BLOCKS)
        g = 1 + max(int(blocks.max()) for blocks in pair)  # the last may be empty on one side
        return _with_blocks(real, pair[0], g), _with_blocks(fake, pair[1], g)
    sides = (real, fake)
    g = min(
        side.n_blocks
        if isinstance(side, Moments)
        else most_blocks(side, balanced_labels(side.labels))
        for side in sides
    )
    if halves and not all(isinstance(side, Moments) for side in sides):
        g = 2
    # The side whose block sizes are less free goes first, and the other follows.
    leads = _rigidity(real) >= _rigidity(fake)
    first, second = (real, fake) if leads else (fake, real)
    one = _into(first, g, np.ones(g, np.int64), seed)
    other = _into(second, g, one.block_sizes, seed)
    return (one, other) if leads else (other, one)


def _rigidity(side: Side) -> int:
    grouped = n_groups(side) is not None
    return 2 * grouped + isinstance(side, Moments)


def _into(side: Side, g: int, shares: np.ndarray, seed: int) -> Blocked:
    if isinstance(side, Moments):
        if side.n_blocks == g:
            return side
        return side.coarsen(spread(side.block_sizes, shares), n_blocks=g)
    labels = balanced_labels(side.labels)
    if side.groups is not None:
        return _with_blocks(side, side_blocks(side, seed=seed, labels=labels, n_blocks=g), g)
    return _with_blocks(side, side_blocks(side, seed=seed, labels=labels, like=shares), g)


def _with_blocks(side: Features, blocks: np.ndarray, g: int) -> Blocked:
    if side.features.shape[1] > JACKKNIFE_MAX_DIM and g > 2:
        return _Rows(side.features, blocks, g, Moments.of(side.features))
    return Moments.of(side.features, blocks, n_blocks=g)
