"""Sliced Wasserstein distance: optimal transport along many directions, each by sorting."""

from typing import Annotated, Any

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.sliced_wasserstein.transport import (
    orthogonal_directions,
    transport,
    transport_costs,
)
from ganeval.metrics.spine import (
    COUNT,
    METRICS,
    SEED,
    SHARE,
    Bounds,
    Metric,
    Pair,
    Score,
    Side,
    check_level,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate, Part

ORDER, DIRECTIONS = 2, 1024
"""By default."""


@over_ranks
def sliced_wasserstein_distance(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    p: Annotated[int, "Order of the distance: 1 or 2.", Bounds(1, 2)] = ORDER,
    directions: Annotated[int, "Lines that the features are projected on.", COUNT] = DIRECTIONS,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Sliced Wasserstein distance of real and generated images: what transport costs, on lines.

    SW_p = (mean over directions of W_p^p)^(1/p), where W_p^p is the cost |x − y|^p of the best
    transport between the two sets of projections: ∫ |F⁻¹(t) − G⁻¹(t)|^p dt, exact for any
    numbers of images. Directions are uniform, and orthogonal in sets of d, which makes their mean
    vary less (for shifts, not at all); they depend on d and their number alone.

    The value is biased upwards at finite n, like the plain Fréchet distance: compare it at equal
    numbers only. The interval is for the mean value of samples of these sizes, not for the distance
    of infinitely many images, which may lie below it. It reflects which images were sampled, not a
    new training run.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: the generated side, in any of these forms, [m, e] with e = d.
        feature_net: for images; see `extract`.
        p: 1 or 2.
        directions: more are slower and vary less; `details["direction_std_error"]` says how much
            they still do.
        interval: False computes the value alone.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in feature units, lower is better, 0 is best. For two Gaussians that differ by a
        shift μ, SW_2 is |μ|/√d. There is no interval where the sides share images.
        With features of heavy tails, that of p = 2 covers less than it says; p = 1, which does
        not square them, is safer.

    Raises:
        InputError: a p other than 1 and 2, no directions, under 2 images on a side, NaN, or sides
            that do not fit.

    Example:
        >>> ganeval.sliced_wasserstein_distance("real/", "fake/", feature_net="lin41").value

    Source: Rabin et al. 2012, doi:10.1007/978-3-642-24785-9_37; Bonneel et al. 2015,
    doi:10.1007/s10851-014-0506-3; orthogonal directions: Rowland et al. 2019, PMLR 89.
    """
    check_level(level)
    if p not in (1, 2):
        raise InputError(f"p is {p}; wanted 1 or 2")
    if directions < 1:
        raise InputError(f"directions is {directions}; wanted at least 1")
    pair = Pair.take(real, fake, feature_net, metric="sliced_wasserstein_distance")
    found = _estimate(
        *pair.sides, p=p, directions=directions, interval=interval and not pair.odd.dependence
    )
    return scored(
        "sliced_wasserstein_distance",
        pair,
        found,
        level=level,
        seed=seed,
        interval=interval,
        options={"p": p, "directions": directions},
        at_this_n=True,
    )


def _estimate(
    real: Side,
    fake: Side,
    *,
    p: int = ORDER,
    directions: int = DIRECTIONS,
    interval: bool = True,
) -> Estimate:
    """The distance, whose error is that of the mean cost over p SW^(p − 1).

    The error of the cost grows with the distance, that of the distance does not: so the interval is
    around the distance itself.
    """
    lines = orthogonal_directions(real.d, directions)
    influences: list[np.ndarray] = []
    if interval:
        costs, *influences = transport(real.rows, fake.rows, lines, p=p)
    else:
        costs = transport_costs(real.rows, fake.rows, lines, p=p)
    mean = float(costs.mean())
    value = mean ** (1 / p)
    slope = 1 / (p * value ** (p - 1)) if value > 0 else 0.0
    parts = tuple(
        Part(slope * influence, side.sampling)
        for influence, side in zip(influences, (real, fake), strict=False)
    )
    spread = float(costs.std()) / len(costs) ** 0.5
    return Estimate(
        value,
        parts=parts,
        limits=(0.0, np.inf),
        reason=None if value > 0 else "the two sides are equal on every line",
        details={"mean_cost": mean, "direction_std_error": slope * spread},
    )


METRICS.add(
    "sliced_wasserstein_distance",
    Metric(
        name="sliced_wasserstein_distance",
        command="swd",
        label="Sliced Wasserstein",
        function=sliced_wasserstein_distance,
        better="lower",
        symmetric=True,
        ideal=0.0,
        scale_power=1.0,
        shift_invariant=True,
        estimate=_estimate,
    ),
)
