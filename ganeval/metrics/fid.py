"""Fréchet distance of features: plain, and corrected for finite n with an interval.

Its formula and the influence of every image are in `frechet/estimate.py`; its standard error comes
from the influences, as that of all metrics, in `statistics/spread.py`; its command is made from the
entry at the end of this file, in `cli/metrics.py`.
"""

from typing import Annotated, Any

from ganeval.metrics.frechet import estimate
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Metric,
    Pair,
    Score,
    check_level,
    scored,
    sums_over_ranks,
)


@sums_over_ranks
def fid(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Fréchet distance (FID) of real and generated images, corrected for finite n.

    The distance |μ₁ − μ₂|² + tr(S₁ + S₂ − 2 (S₁S₂)^½) of Gaussians with each side's mean and
    covariance (divided by n − 1; float64). The plain `value` grows as n shrinks, so compare it at
    equal n only. `corrected` estimates the distance of the two distributions, as if there were
    infinitely many images; it may be a little below 0 when the distance is near 0.

    The interval reflects which images were sampled, not a new training run. Class sizes that the
    labels show to be chosen (equal, or the same on both sides) are held fixed; others are chance.

    Args:
        real: images, Features, rows [n, d], Moments, or a path to any of them (an `.npz` with
            `mu` and `sigma` is statistics).
        fake: the generated side, in any of these forms, [m, e] with e = d.
        feature_net: for images; see `extract`.
        interval: False computes the plain value alone.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in squared feature units; lower is better, 0 is best. The interval is never below 0.
        `corrected` and `interval` are None for fewer images than features, and where the sides
        share more than one image in d (in 16 for fewer features) or are closer than chance makes
        two samples; `details["no_interval"]` says why.

    Raises:
        InputError: under 2 images on a side, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.fid("real/", "fake/", feature_net="lin41").corrected

    Source: Heusel et al. 2017, arXiv:1706.08500; its bias: Chong & Forsyth 2020, arXiv:1911.07023;
    estimator: `ganeval.metrics.frechet.estimate`; standard error: `ganeval.statistics.spread`.
    """
    check_level(level)
    pair = Pair.take(real, fake, feature_net, metric="fid", statistics=True, interval=interval)
    found = estimate(*pair.sides, interval=interval and not pair.odd.dependence)
    return scored(
        "fid", pair, found, level=level, seed=seed, interval=interval, warnings=_few_images(pair)
    )


def _few_images(pair: Pair) -> list[str]:
    """A covariance of d features wants more than d images."""
    d = pair.fake.d
    numbers = [side.n for side in pair.sides if side.n is not None]
    if not numbers or min(numbers) >= 1.5 * d:
        return []
    return [
        f"{min(numbers)} images for {d} features: FID wants 1.5 per feature at least; "
        "use more images, a net with fewer features, or KID"
    ]


METRICS.add(
    "fid",
    Metric(
        name="fid",
        command="fid",
        label="FID",
        function=fid,
        estimate=estimate,
        better="lower",
        symmetric=True,
        takes_statistics=True,
        ideal=0.0,
        scale_power=2.0,
        shift_invariant=True,
    ),
)
