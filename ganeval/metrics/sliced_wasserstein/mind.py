"""MIND, the Monge Inception distance: squared sliced Wasserstein on the scale of FID."""

from typing import Annotated, Any

import numpy as np

from ganeval.metrics.sliced_wasserstein.transport import (
    orthogonal_directions,
    transport,
    transport_costs,
)
from ganeval.metrics.spine import (
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
from ganeval.statistics import Estimate, Part

DIRECTIONS = 1000
"""As published."""

SCALE = 3
"""Times the number of features: brings the mean cost to the scale of FID, as published."""


@over_ranks
def mind(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Monge Inception distance (MIND): a sliced Wasserstein distance on the scale of FID.

    3 d times the mean over 1000 lines of the squared optimal transport between the projections
    of both sides, d features: what `sliced_wasserstein_distance` with p = 2 has the root of. It
    looks at whole distributions, and not at means and covariances alone as FID does. Published
    scores are of Inception's features (net `inception:torch-fidelity`) of 5,000 images a side; any
    net will do.

    Lines are orthogonal in sets of d and always the same; published ones are random, whose mean
    cost varies a little more. The value is biased upwards at finite n: compare it at equal numbers
    only. Of unequal numbers all images count, where the published code leaves some out.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: the generated side, in any of these forms, [m, e] with e = d.
        feature_net: for images; see `extract`.
        interval: False computes the value alone.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in squared feature units, lower is better, 0 is best. The interval is for the mean
        score of samples of these sizes, and reflects which images were sampled, not a new training
        run. There is none where the sides share images.

    Raises:
        InputError: under 2 images on a side, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.mind("real/", "fake/", feature_net="inception:torch-fidelity").value

    Source: Berthet et al. 2026, arXiv:2605.06797.
    """
    check_level(level)
    pair = Pair.take(real, fake, feature_net, metric="mind")
    found = _estimate(*pair.sides, interval=interval and not pair.odd.dependence)
    return scored("mind", pair, found, level=level, seed=seed, interval=interval, at_this_n=True)


def _estimate(real: Side, fake: Side, *, interval: bool = True) -> Estimate:
    """The mean cost and its influences, in other units."""
    lines = orthogonal_directions(real.d, DIRECTIONS)
    influences: list[np.ndarray] = []
    if interval:
        costs, *influences = transport(real.rows, fake.rows, lines, p=2)
    else:
        costs = transport_costs(real.rows, fake.rows, lines, p=2)
    value, scale = float(costs.mean()), SCALE * real.d
    parts = tuple(
        Part(influence, side.sampling)
        for influence, side in zip(influences, (real, fake), strict=False)
    )
    return Estimate(
        value,
        parts=parts,
        limits=(0.0, np.inf),
        reason=None if value > 0 else "the two sides are equal on every line",
        details={"direction_std_error": scale * float(costs.std()) / len(costs) ** 0.5},
    ).times(scale)


METRICS.add(
    "mind",
    Metric(
        name="mind",
        command="mind",
        label="MIND",
        function=mind,
        better="lower",
        symmetric=True,
        ideal=0.0,
        scale_power=2.0,
        shift_invariant=True,
        estimate=_estimate,
    ),
)
