"""Rényi kernel entropy: how many different images there seem to be."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.lazy import Tensor, torch
from ganeval.metrics._blocks import no_spread, side_blocks, too_few_blocks
from ganeval.metrics.pairs import Points, pair
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    check_level,
    check_pair,
    describe,
    n_groups,
    over_ranks,
    take_features,
    warnings_of,
)
from ganeval.statistics import Jackknife, balanced_labels, jackknife

LEAST_IMAGES = 50
"""With 20 images in five modes a 95 % interval covers 91 %; see benchmarks/calibration."""
LEAST_GROUPS = 12
"""With 4 or 6 groups it covers 90 to 91 %."""


@over_ranks
def rke(
    fake: Any,
    real: Any = None,
    *,
    feature_net: Any = None,
    bandwidth: Annotated[
        float | None,
        "Features closer than this count as alike. (default: half of REAL's typical distance)",
    ] = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval."] = 0.95,
    seed: Annotated[int, "Of the jackknife's blocks."] = 0,
    process_group: Any = None,
) -> Score:
    """Rényi kernel entropy (RKE) of generated images: how many different ones there seem to be.

    n² / Σ k(x, x')² over all pairs, with the Gaussian kernel k = exp(−|x − x'|² / 2σ²): the
    exponential of the entropy of order 2. Fakes in c modes of equal size, each narrow beside σ and
    far from the others, score c. It says nothing about how real they look: read it beside the
    reals' own score in `details`.

    Each image's pair with itself adds 1/n to the mean of k², so that no score exceeds n;
    `corrected` leaves those pairs out and estimates the score at n → ∞.

    Args:
        fake: images, Features, rows [n, d], or a path to any of them.
        real: likewise, [m, e] with e = d, for the bandwidth and for the reals' own score.
        feature_net: for images; see `extract`.
        bandwidth: σ, in feature units. None takes half of the root mean square distance between
            reals, so that all models are measured against the same reals on the same scale. Some
            50 separate modes can be told apart at that; the count grows as σ shrinks.
        interval: delete-group jackknife of log RKE; it costs nothing extra.
        level: coverage of the interval.
        seed: of the blocks.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score from 1 (all alike) to n, higher is more varied. `corrected` and the interval are
        None where no two images are alike at this bandwidth; no interval under 50 images or 12
        groups.

    Raises:
        InputError: neither reals nor a bandwidth, under 2 images on a side, NaN, or sides that do
            not fit together.

    Source: Jalali et al. 2023, An information-theoretic evaluation of generative models in
    learning multi-modal distributions, NeurIPS.
    """
    check_level(level)
    if bandwidth is not None and not bandwidth > 0:
        raise InputError(f"bandwidth is {bandwidth:g}; wanted a distance above 0")
    side = take_features(fake, feature_net, role="fake", metric="rke")
    other = None
    if real is not None:
        other = take_features(real, feature_net, role="real", metric="rke")
        check_pair(other, side)
    if bandwidth is not None:
        sigma = bandwidth
    elif other is not None:
        sigma = _half_of_typical_distance(other)
    else:
        raise InputError(
            "rke needs a scale on which images are alike; give the reals, or a bandwidth"
        )
    sums = _block_sums(side, sigma, seed)
    details: dict[str, Any] = {"log_rke": float(np.log(sums.plain())), "bandwidth": sigma}
    sure: Jackknife | None = None
    reason: str | None = None
    if interval:
        sure, reason = _jackknifed(sums, grouped=side.groups is not None)
        details |= {"method": "delete-group jackknife of log RKE", "blocks": len(sums.sizes)}
        if reason is None and sure is not None:
            reason = no_spread(sure.estimate, sure.std_error)
    if reason is not None:
        details["no_interval"] = reason
    if other is not None:
        details["real"] = _own_score(
            _block_sums(other, sigma, seed), grouped=other.groups is not None
        )
    limits = None if sure is None or reason else sure.interval(level)
    described = describe(
        "rke",
        real=other,
        fake=side,
        options={"bandwidth": bandwidth},
        seed=seed,
        compare_reals=bandwidth is None,
        at_this_n=sure is None,
    )
    return Score(
        metric="rke",
        value=sums.plain(),
        corrected=None if sure is None else float(np.exp(sure.estimate)),
        interval=None if limits is None else (float(np.exp(limits[0])), float(np.exp(limits[1]))),
        level=level,
        # From log RKE to RKE.
        std_error=None
        if sure is None or limits is None
        else float(np.exp(sure.estimate)) * sure.std_error,
        better="higher",
        n_real=None if other is None else len(other),
        n_fake=len(side),
        n_groups=n_groups(side),
        details=details,
        warnings=tuple(warnings_of(other, side)),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of k² over pairs of different images, by blocks of the two [g, g]; sizes [g]."""

    pairs: np.ndarray
    sizes: np.ndarray

    def plain(self) -> float:
        """RKE, with each image's pair with itself."""
        n = float(self.sizes.sum())
        return n * n / (n + float(self.pairs.sum()))

    def log_corrected(self) -> float:
        """Log RKE of pairs of different images, of which the mean k² is unbiased."""
        n, total = float(self.sizes.sum()), float(self.pairs.sum())
        return float(np.log(n * (n - 1) / total)) if total > 0 else float("inf")

    def leave_out(self, block: int) -> "_Sums":
        keep = np.arange(len(self.sizes)) != block
        return _Sums(self.pairs[np.ix_(keep, keep)], self.sizes[keep])


def _block_sums(side: Features, sigma: float, seed: int) -> _Sums:
    blocks = side_blocks(side, seed=seed, labels=balanced_labels(side.labels))
    g = int(blocks.max()) + 1
    with torch.no_grad():
        points, _ = pair(side.features, side.features)
        member = torch.from_numpy(blocks[:, None] == np.arange(g)).to(points.center)
        total = points.center.new_zeros(g, g)
        for i in points.tiles():
            for j in points.tiles():
                if j.start < i.start:
                    continue  # each pair once
                alike = _squared_kernel(points, i, j, sigma)
                if i == j:
                    alike.fill_diagonal_(0.0)
                part = member[i].T @ (alike @ member[j])
                total += part if i == j else part + part.T
    return _Sums(to_numpy(total), np.bincount(blocks))


def _squared_kernel(points: Points, i: slice, j: slice, sigma: float) -> Tensor:
    """[t, r] exp(−|x − x'|² / σ²); exactly 1 for copies, at any σ."""
    squared = points.product(i, points, j, torch.float64)
    squared += points.norms[i, None]
    squared += points.norms[j]
    squared.clamp_(min=0).masked_fill_(points.keys[i, None] == points.keys[j], 0.0)
    return squared.mul_(-1 / max((sigma * points.scale) ** 2, 1e-300)).exp_()


def _half_of_typical_distance(side: Features) -> float:
    """Half the root mean square distance of different images: √(tr S / 2), S their covariance."""
    points, _ = pair(side.features, side.features)
    return float((points.norms.sum() / (2 * (len(points) - 1))).sqrt()) / points.scale


def _jackknifed(sums: _Sums, *, grouped: bool) -> tuple[Jackknife | None, str | None]:
    """Of log RKE, and why there is no interval."""
    g = len(sums.sizes)
    n = int(sums.sizes.sum())
    if g < 2 or n - int(sums.sizes.max()) < 2:
        return None, too_few_blocks(g, grouped=grouped) or "too few images once a block is left out"
    left_out = [sums.leave_out(i).log_corrected() for i in range(g)]
    if not np.isfinite(left_out).all():
        return None, "no two images are alike at this bandwidth"
    few = too_few_blocks(g, grouped=grouped)
    if few is None and n < LEAST_IMAGES:
        few = f"{n} images, of {LEAST_IMAGES} that an interval needs at least"
    if few is None and grouped and g < LEAST_GROUPS:
        few = f"{g} groups, of {LEAST_GROUPS} that an interval needs at least"
    return jackknife(sums.log_corrected(), left_out, sums.sizes), few


def _own_score(sums: _Sums, *, grouped: bool) -> dict[str, Any]:
    """The reals' score by the same rule: what a perfect generator would get."""
    sure, _ = _jackknifed(sums, grouped=grouped)
    return {
        "value": sums.plain(),
        "corrected": None if sure is None else float(np.exp(sure.estimate)),
    }


METRICS.add(
    "rke",
    Metric(
        name="rke",
        command="rke",
        label="RKE",
        function=rke,
        better="higher",
        symmetric=False,
        one_sided=True,
        scale_power=0.0,
        shift_invariant=True,
    ),
)
