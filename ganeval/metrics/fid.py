"""Fréchet distance of features: plain, and corrected for finite n with an interval."""

from typing import Annotated, Any

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics.frechet import (
    JACKKNIFE_MAX_DIM,
    Corrected,
    Gaussian,
    correct,
    distance,
    plain_gaussian,
)
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    Side,
    check_level,
    check_pair,
    count,
    describe,
    examine,
    n_groups,
    over_ranks,
    take,
    width,
)
from ganeval.moments import Moments

BELOW_0 = (
    "it would lie below 0, where no distance is: do the sides share images, in files of other "
    "kinds or behind statistics?"
)
"""Why there is no interval where 99.9 % of what an estimate allows is negative."""


@over_ranks
def fid(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval."] = 0.95,
    seed: Annotated[int, "Of the jackknife's blocks."] = 0,
    process_group: Any = None,
) -> Score:
    """Fréchet distance (FID) of real and generated images, corrected for finite n.

    Fits a Gaussian to each side's features (covariances divide by n − 1, float64). The plain
    `value` grows as n shrinks, so compare it at equal n only; `corrected` estimates the distance
    of the two distributions, n → ∞, and may be a little below 0 near 0.

    The interval covers the sampling of images, not of training seeds. Class sizes that the labels
    show to be chosen (equal, or the same on both sides) are held fixed in it, others are chance.

    Args:
        real: images, Features, rows [n, d], Moments, or a path to any of them (an `.npz` with
            `mu` and `sigma` is statistics).
        fake: likewise, [m, e] with e = d.
        feature_net: for images; see `extract`.
        interval: False computes the plain value alone, 20 times faster.
        level: coverage of the interval.
        seed: of the blocks, which follow ids, labels and groups, never positions.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in squared feature units, lower is better, 0 is best. Up to 1024 features, or with
        groups, `corrected` and `interval` come from the delete-group jackknife; above, from
        half-split Richardson extrapolation, without an interval where features are constant or
        dependent. Both are None where less than one image per feature would be left,
        where the sides share more than one image in d (in 16 for fewer features), and where the
        interval would lie below 0. `details["no_interval"]` says so.

    Raises:
        InputError: under 2 images on a side, NaN, or sides that do not fit together.

    Source: Heusel et al. 2017, arXiv:1706.08500; bias: Chong & Forsyth 2020, arXiv:1911.07023.
    """
    check_level(level)
    sides = (
        take(real, feature_net, role="real", metric="fid"),
        take(fake, feature_net, role="fake", metric="fid"),
    )
    check_pair(*sides)
    warnings, dependence = examine(*sides)
    if interval and dependence is None:
        result = correct(*sides, seed=seed)
        sure = result.interval(0.999)
        if sure is not None and sure[1] < 0:
            result = Corrected(result.plain, reason=BELOW_0)
    else:
        plain = distance(*(plain_gaussian(side) for side in sides))
        result = Corrected(plain, reason=dependence if interval else None)
    details: dict[str, Any] = {
        "mean_term": result.plain.mean_term,
        "covariance_term": result.plain.covariance_term,
    }
    if result.method:
        details |= {"method": result.method, "blocks": result.n_blocks}
    if result.reason:
        details["no_interval"] = result.reason
    described = describe(
        "fid",
        real=sides[0],
        fake=sides[1],
        options={},
        seed=seed,
        at_this_n=result.estimate is None,
    )
    return Score(
        metric="fid",
        value=result.plain.value,
        corrected=result.estimate,
        interval=result.interval(level),
        level=level,
        std_error=result.std_error,
        better="lower",
        n_real=count(sides[0]),
        n_fake=count(sides[1]),
        n_groups=n_groups(*sides),
        details=details,
        warnings=(*warnings, *_few_images(*sides)),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


def _few_images(real: Side, fake: Side) -> list[str]:
    """A covariance of d features wants more than d images."""
    d = width(real)
    numbers = [n for n in (count(real), count(fake)) if n is not None]
    if not numbers or min(numbers) >= 1.5 * d:
        return []
    return [
        f"{min(numbers)} images for {d} features: FID wants 1.5 per feature at least; "
        "use more images, a net with fewer features, or KID"
    ]


def _blockwise(
    real: Features, fake: Features, x_blocks: np.ndarray, y_blocks: np.ndarray, g: int
) -> tuple[float, np.ndarray]:
    d = width(real)
    if d > JACKKNIFE_MAX_DIM:
        raise InputError(
            f"differences of FID take up to {JACKKNIFE_MAX_DIM} features, and these have {d}; "
            "compare by kid, or with a net of fewer features"
        )
    sides = (
        Moments.of(real.features, x_blocks, n_blocks=g + 1),
        Moments.of(fake.features, y_blocks, n_blocks=g + 1),
    )
    fewest = min(int(s.block_sizes.sum() - s.block_sizes[:g].max()) for s in sides)
    if fewest <= d:
        raise InputError(
            f"{fewest} images are left for {d} features once a block is left out; differences of "
            "FID want more than one image per feature: compare by kid, or with more images"
        )
    plain = distance(*map(Gaussian.of_moments, sides)).value
    left_out = [
        distance(*(Gaussian.of_moments(side.leave_out(i)) for side in sides)).value
        for i in range(g)
    ]
    return plain, np.array(left_out)


METRICS.add(
    "fid",
    Metric(
        name="fid",
        command="fid",
        label="FID",
        function=fid,
        better="lower",
        symmetric=True,
        takes_statistics=True,
        ideal=0.0,
        scale_power=2.0,
        shift_invariant=True,
        blockwise=_blockwise,
    ),
)
