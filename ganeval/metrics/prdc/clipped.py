"""Clipped density and coverage: of density and coverage, what can be read as a share of images."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.prdc import clipped_left_out as rows
from ganeval.metrics.prdc.calibration import good_share
from ganeval.metrics.prdc.clipped_left_out import Clipped
from ganeval.metrics.spine import (
    COUNT,
    METRICS,
    SEED,
    SHARE,
    Metric,
    Pair,
    Score,
    Side,
    check_level,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate, Part, judged_mean

K = 5
"""As published."""

LEAST_NEAR = 20
"""Fakes in any ball, or reals with a fake in theirs, that an interval needs."""

_NAMES = ("clipped_density", "clipped_coverage")


class ClippedDensityCoverage(NamedTuple):
    """Two scores, of which higher is better."""

    density: Score
    coverage: Score


@over_ranks
def clipped_density_coverage(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    k: Annotated[int, "Neighbours of both.", COUNT] = K,
    interval: Annotated[bool, "With intervals."] = True,
    level: Annotated[float, "Coverage of the intervals.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> ClippedDensityCoverage:
    """Clipped density and coverage: shares of good fakes and of well covered reals.

    Around each real lies a ball that reaches to its k-th nearest real. Clipped density counts
    the balls that a fake is in, at most k of them, over k; no ball is larger than the median one,
    so that the wide ball of an outlier makes no fake good. The mean over fakes is divided by that
    of the reals among each other. Clipped coverage counts the fakes in each real's ball, at most
    k, over k; from the mean over reals follows the share of good fakes that would give it.

    Both fall in proportion to the share of bad fakes: of a perfect model whose fakes are replaced
    by bad ones until a share q is left, both are q on average. That makes 0.8 readable as "as if
    four in five were good", also for models that are bad in other ways.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: the generated side, in any of these forms, [m, e] with e = d.
        feature_net: for images; see `extract`.
        k: neighbours.
        interval: False computes the values alone.
        level: coverage of the intervals.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same scores. See `extract`.

    Returns:
        ClippedDensityCoverage, two Scores from 0 to 1. A perfect model gets 1, or a little less by
        chance. The interval is for the mean score of samples of these sizes, of which no more
        than 1 counts. It reflects which images were sampled, not a new training run, and comes
        from leaving every image out in turn. There is none where under 20 fakes are in any ball
        (under 20 reals have a fake in theirs), and none where the sides share images.
        `details["unclipped"]` is not clipped at 1: far above it, fakes crowd where reals are dense.

    Raises:
        InputError: k or fewer images on a side, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.clipped_density_coverage("real/", "fake/", feature_net="lin41").density

    Source: Salvy et al. 2025, Enhanced generative model evaluation with clipped density and
    coverage, arXiv:2507.01761.
    """
    check_level(level)
    if k < 1:
        raise InputError(f"k is {k}; wanted at least 1 neighbour")
    pair = Pair.take(real, fake, feature_net, metric="clipped_density_coverage")
    interval_known = interval and not pair.odd.dependence
    found = [_ESTIMATES[name](*pair.sides, k, interval_known) for name in _NAMES]
    return ClippedDensityCoverage(
        *(
            scored(
                name,
                pair,
                estimate,
                level=level,
                seed=seed,
                interval=interval,
                options={"k": k},
                at_this_n=True,
            )
            for name, estimate in zip(_NAMES, found, strict=True)
        )
    )


def _density(real: Side, fake: Side, k: int = K, interval: bool = True) -> Estimate:
    """How well fakes lie in balls, over how well reals do: a ratio of means."""
    _check(real, fake, k)
    if not interval:
        of_fakes, of_reals = (each.mean() for each in rows.plain_density(real.rows, fake.rows, k))
        return _at_most_1(float(of_fakes / of_reals) if of_reals else 0.0, k)
    found = rows.clipped_density(real.rows, fake.rows, k)
    own = found.reals.value
    if not own:
        return replace(_at_most_1(0.0, k), reason="no real is in the ball of another")
    ratio = found.fakes.value / own
    # Without each image, of both means.
    without = found.fakes.without_real / found.reals.without_real
    return _with_influences(
        ratio,
        (_influence(without), _influence(found.fakes.without_fake / own)),
        (real, fake),
        replace(found.fakes, judgements=found.fakes.judgements / own),
        tuple(excess / own**2 for excess in found.fakes.excess),
        k,
        judges_reals=False,
    )


def _coverage(real: Side, fake: Side, k: int = K, interval: bool = True) -> Estimate:
    """How well reals are covered, and the share of good fakes that it means."""
    _check(real, fake, k)
    n, m = len(real.rows), len(fake.rows)
    if not interval:
        covered = float(rows.plain_coverage(real.rows, fake.rows, k).mean())
        return _at_most_1(good_share(covered, n, m, k)[0], k)
    units = tuple(None if side.groups is None else side.sampling.unit for side in (real, fake))
    found = rows.clipped_coverage(real.rows, fake.rows, k, (units[0], units[1]))
    share, slope = good_share(found.value, n, m, k)
    return _with_influences(
        share,
        (slope * _influence(found.without_real), slope * _influence(found.without_fake)),
        (real, fake),
        replace(found, judgements=slope * found.judgements),
        tuple(slope**2 * excess for excess in found.excess),
        k,
        judges_reals=True,
    )


_ESTIMATES: dict[str, Callable[..., Estimate]] = dict(
    zip(_NAMES, (_density, _coverage), strict=True)
)


def _check(real: Side, fake: Side, k: int) -> None:
    for side, role in ((real, "real"), (fake, "fake")):
        if len(side.rows) <= k:
            raise InputError(
                f"clipped_density_coverage with k = {k} needs at least {k + 1} images per side; "
                f"{role} has {len(side.rows)}; use more images, or a smaller k"
            )


def _influence(without: np.ndarray) -> np.ndarray:
    """[n] of each image, from the score without it."""
    return np.asarray((len(without) - 1) * (without.mean() - without))


def _at_most_1(share: float, k: int) -> Estimate:
    """As published; influences are those on the share that is not clipped."""
    details = {"k": k, "unclipped": share}
    return Estimate(min(share, 1.0), limits=(0.0, 1.0), details=details)


def _with_influences(
    share: float,
    influences: tuple[np.ndarray, np.ndarray],
    sides: tuple[Side, Side],
    judged: Clipped,
    excess: tuple[float, ...],
    k: int,
    *,
    judges_reals: bool,
) -> Estimate:
    own = sides[0] if judges_reals else sides[1]
    near = int((judged.judgements > 0).sum())
    what = "reals have a fake in their ball" if judges_reals else "fakes are in any real's ball"
    return replace(
        _at_most_1(share, k),
        parts=tuple(
            Part(influence, side.sampling)
            for influence, side in zip(influences, sides, strict=True)
        ),
        judged=judged_mean(
            judged.judgements, own.sampling, excess=excess, judges_reals=judges_reals
        ),
        reason=f"{near} {what}, of {LEAST_NEAR} that an interval needs"
        if near < LEAST_NEAR
        else None,
    )


def _part(name: str) -> Callable[..., Score]:
    """One of the two as a function of its own."""

    @functools.wraps(clipped_density_coverage)
    def part(*given: Any, **options: Any) -> Score:
        return clipped_density_coverage(*given, **options)[_NAMES.index(name)]

    return part


for _name in _NAMES:
    METRICS.add(
        _name,
        Metric(
            name=_name,
            command="clipped",
            label=_name.replace("_", " ").capitalize(),
            function=_part(_name),
            estimate=_ESTIMATES[_name],
            better="higher",
            symmetric=False,
            ideal=1.0,
            scale_power=0.0,
            shift_invariant=True,
            min_images=6,
            notices_missing_modes=_name == "clipped_coverage",
            together=clipped_density_coverage,
        ),
    )
