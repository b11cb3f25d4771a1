"""Squared maximum mean discrepancy of two sides: unbiased, with every image's influence.

A mean of the kernel over pairs of independent images estimates the mean over pairs of new images:
the pair of an image with itself and pairs within a group (a plate, a patient) are left out. Where
class sizes were chosen, pairs are averaged class by class and weighted by the classes' shares.
"""

from ganeval.metrics.pairs.kernels import pair_sums
from ganeval.metrics.pairs.means import Means, Sets, without_units
from ganeval.metrics.pairs.second_order import second_order, widest_direction
from ganeval.metrics.spine import Side
from ganeval.statistics import NO_PAIR, ONE_PAIR, Estimate, Part, too_few


def mmd_estimate(
    real: Side, fake: Side, *, bandwidth: float | None = None, biased: bool = False
) -> Estimate:
    """The squared maximum mean discrepancy, with influences.

    Args:
        real: one side, with rows.
        fake: the other.
        bandwidth: of the Gaussian kernel; None takes KID's cubic one. Both are reduced, see
            `pair_sums`.
        biased: whether `value` counts each image's pair with itself too (Gaussian kernel only).

    Returns:
        Estimate whose `value` takes all pairs of different images, and whose `corrected` takes
        pairs of independent images, where that is another number.
    """
    first, second = Sets(real.sampling), Sets(fake.sampling)
    n, m = first.n, second.n
    sums = pair_sums(real.rows, fake.rows, first.of_row, second.of_row, bandwidth=bandwidth)
    diagonal = 0 if biased else 1  # where the reduced Gaussian kernel is 0
    value = sums.xx.sum() / (n * (n - diagonal)) + sums.yy.sum() / (m * (m - diagonal))
    value = float(value - 2 * sums.xy.sum() / (n * m))
    within = Means.of(sums.xx, first, first), Means.of(sums.yy, second, second)
    across = Means.of(sums.xy, first, second), Means.of(sums.yx, second, first)
    if not all(means.known for means in (*within, *across)):
        lone = next((s for s in (real.sampling, fake.sampling) if s.n_units == 1), None)
        return Estimate(value, reason=NO_PAIR if lone is None else too_few(lone))
    corrected: float | None = within[0].mean + within[1].mean - 2 * across[0].mean
    if not biased and first.simple and second.simple:
        corrected = None
    alone = without_units(within[0], first), without_units(within[1], second)
    if alone[0] is None or alone[1] is None:
        lone = (first if alone[0] is None else second).sampling
        reason = too_few(lone) if lone.classes is None else ONE_PAIR
        return Estimate(value, corrected, reason=reason)
    widest, variance_at_0 = second_order(sums, first, second, within, across)
    if widest is None:
        widest = sum(widest_direction(side, bandwidth) / len(side.rows) for side in (real, fake))
    return Estimate(
        value,
        corrected,
        tuple(
            Part(2 * (own - other.of_row), sets.sampling)
            for own, other, sets in zip(alone, across, (first, second), strict=True)
        ),
        scale="distance",
        second_order=variance_at_0,
        widest=widest,
    )
