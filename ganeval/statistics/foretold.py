"""A squared distance as a larger study will find it, foretold from a pilot's.

The variance of first order that a study sees is 4 k times the distance that it sees, as in
`distance_interval`. So its range follows from that of the distance: of all estimates that, with the
pilot's, may come from one true distance.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganeval.statistics.intervals import distance_with_tail, growth

if TYPE_CHECKING:
    from ganeval.statistics.estimate import Estimate


@dataclass(frozen=True)
class Foretold:
    """A squared distance in a pilot.

    Args:
        estimate: unbiased; may be below 0.
        first_order: its variance of first order.
        second_order: its variance at distance 0.
        k: a fourth of what the variance grows by with the distance, as the pilot saw it.
        widest: the same in the widest direction.
    """

    estimate: float
    first_order: float
    second_order: float
    k: float
    widest: float

    @classmethod
    def of(cls, found: "Estimate") -> "Foretold":
        """Of a score whose scale is a distance."""
        return cls(
            found.centre,
            max(found.spread.variance - 2 * found.second_order, 0.0),
            found.second_order,
            growth(found.centre, found.spread, found.second_order),
            found.widest,
        )

    @property
    def near_0(self) -> bool:
        """Whether the pilot hardly tells the distance from 0, and so does not show k."""
        return bool(self.estimate < 2 * self.second_order**0.5)

    def first_orders(
        self, first_left: float, second_left: float, share: float
    ) -> tuple[float, float]:
        """The range of the variance of first order that a larger study will see.

        Args:
            first_left: what larger sides leave of the variance of first order, as a share.
            second_left: of that of second order.
            share: of the studies that see one in this range.
        """
        from scipy.special import gammaincinv

        tail = (1 - share) / 2
        widest = max(self.widest, self.k) if self.near_0 else self.k
        # The difference of the pilot's estimate and the study's has both their variances.
        k, second = widest * (1 + first_left), self.second_order * (1 + second_left)
        low = distance_with_tail(self.estimate, 1 - tail, k, second)
        high = distance_with_tail(max(self.estimate, 0.0), tail, k, second)
        if low == 0 and second > 0:
            # At distance 0 the study's own estimate is k (χ² − ν), and may be below 0.
            k = widest * first_left
            half_df = self.second_order * second_left / (4 * k * k)
            low = 2 * k * (float(gammaincinv(half_df, tail)) - half_df)
        least = self.k if low > 0 else widest
        return 4 * least * first_left * low, 4 * widest * first_left * high
