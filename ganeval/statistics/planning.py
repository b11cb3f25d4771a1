"""How many images would be enough? The error that a pilot foretells for a larger study.

With influences φ the variance of a score is a sum of one term for each set of images, which falls
as 1/n; where the sides are alike, the influences vanish and what is left is of second order and
falls as (1/n + 1/m)². Influences are estimated with that noise too, so that a standard error s of
the pilot has s² = first order + twice the second order. Both are scaled apart. Groups (plates,
patients) take the place of images: with as many images in each, twice the groups are twice as much.

What a pilot foretells is itself uncertain, and so is what the larger study will say of its own
error: of g plates each knows its variance by g - 1 degrees of freedom, and the error of a squared
distance grows with the distance, which neither knows exactly. `half_widths` has both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ganeval.statistics.estimate import Estimate, difference
from ganeval.statistics.foretold import Foretold
from ganeval.statistics.intervals import NORMAL, t_quantile
from ganeval.statistics.spread import Spread, spread

MOST_TIMES = 1e6
"""As many times the pilot's images are too many for anybody."""


@dataclass(frozen=True)
class Pilot:
    """The error of a score, or of a difference of two, in a pilot; sides may grow apart.

    Args:
        real: variance of first order by the choice of reals; 0 where only the fakes are scored.
        fake: of first order by the choice of fakes.
        second_order: variance where the sides have the same distribution.
        share: of the reals in 1/n + 1/m.
        df: degrees of freedom of the reals' and the fakes' variance.
        shared: whether groups are on both sides, which then grow together.
        distances: of the score, or of the two, if they are squared distances.
    """

    real: float
    fake: float
    second_order: float
    share: float
    df: tuple[float, float]
    shared: bool = False
    distances: tuple[Foretold, ...] = ()

    @classmethod
    def of(cls, found: Sequence[Estimate]) -> "Pilot":
        """Of one score, or of the difference of two on the same reals."""
        whole = found[0] if len(found) == 1 else difference(found[0], found[1])
        second_order = sum(one.second_order for one in found)
        one_sided = len(whole.parts) == len(found)
        real = [] if one_sided else list(whole.parts[:1])
        fake = list(whole.parts[len(real) :])
        total = whole.spread
        own = [spread(parts) if parts else Spread(0.0, df=NORMAL) for parts in (real, fake)]
        # A side whose influences are all alike (two models on reals that neither differs by).
        variances = [0.0 if one.reason else one.variance for one in own]
        apart = sum(variances)
        shared = not one_sided and abs(spread(whole.parts).variance - apart) > 1e-9 * apart
        n = [1 / sum(part.sampling.n_units for part in parts) if parts else 0.0
             for parts in (real, fake[:1])]  # fmt: skip
        share = n[0] / sum(n)
        # Where first and second order are alike, so are the shares of their noise.
        first = max(total.variance - 2 * second_order, 0.0)
        of_real = variances[0] / apart if apart else share
        if first > 0 and second_order > 0:
            of_real = max(variances[0] - 2 * second_order * share, 0.0)
            of_fake = max(variances[1] - 2 * second_order * (1 - share), 0.0)
            of_real = of_real / (of_real + of_fake) if of_real + of_fake > 0 else share
        return cls(
            first * of_real,
            first * (1 - of_real),
            second_order,
            share,
            (own[0].df, own[1].df) if not shared else (total.df, total.df),
            shared,
            tuple(map(Foretold.of, found)) if found[0].scale == "distance" else (),
        )

    def spread(self, real: float, fake: float) -> Spread:
        """The spread with `real` times the reals and `fake` times the fakes, as it would be found.

        Raises:
            ValueError: sides that share groups cannot grow apart.
        """
        if self.shared and real != fake:
            raise ValueError("sides that share groups grow together")
        blur = 2 * self.second_order * self._second_left(real, fake)
        parts = [
            (self.real / real + blur * self.share, self.df[0] * real),
            (self.fake / fake + blur * (1 - self.share), self.df[1] * fake),
        ]
        variance = sum(v for v, _ in parts)
        if variance == 0:
            return Spread(0.0, df=NORMAL)
        return Spread(variance, df=1 / sum((v / variance) ** 2 / df for v, df in parts))

    def half_width(self, real: float, fake: float, level: float) -> float:
        """Standard errors to either side, by Student's t, of the interval at `level`."""
        found = self.spread(real, fake)
        return t_quantile(level, found.df) * found.std_error

    def half_widths(
        self, real: float, fake: float, level: float, share: float
    ) -> tuple[float, float]:
        """Between which this share of such studies finds its half-width.

        A variance as it is found, over that of the pilot, follows Snedecor's F if influences are
        normal; that of first order is as large as the distances that the study may find allow.
        """
        from scipy.special import fdtri

        found, now, tail = self.spread(real, fake), self.spread(1, 1), (1 - share) / 2
        first_left = self._first_left(real, fake)
        least = most = found.variance
        for one in self.distances:
            low, high = one.first_orders(first_left, self._second_left(real, fake), share)
            least -= max(one.first_order * first_left - low, 0.0)
            most += max(high - one.first_order * first_left, 0.0)
        lower, upper = (
            max(variance, 0.0) * float(fdtri(found.df, now.df, p))
            for variance, p in ((least, tail), (most, 1 - tail))
        )
        q = t_quantile(level, found.df)
        return q * lower**0.5, q * upper**0.5

    def _first_left(self, real: float, fake: float) -> float:
        """What larger sides leave of the variance of first order, as a share."""
        whole = self.real + self.fake
        of_real = self.real / whole if whole else self.share
        return of_real / real + (1 - of_real) / fake

    def _second_left(self, real: float, fake: float) -> float:
        """What they leave of that of second order."""
        return (self.share / real + (1 - self.share) / fake) ** 2

    def detectable(self, real: float, fake: float, level: float, power: float) -> float:
        """The difference that the test at `level` finds with this probability."""
        found = self.spread(real, fake)
        more = t_quantile(2 * power - 1, found.df)
        return (t_quantile(level, found.df) + more) * found.std_error


def least_times(reach: Callable[[float], float], wanted: float) -> float | None:
    """How many times as many are enough for `reach`, which falls with them; None if never.

    No fewer than there are: 1 where they are enough.

    Args:
        reach: a half-width, or a detectable difference, by how many times as many there are.
        wanted: the reach that is asked for.
    """
    if reach(1.0) <= wanted:
        return 1.0
    if reach(MOST_TIMES) > wanted:
        return None
    low, high = 1.0, MOST_TIMES
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if reach(middle) <= wanted else (middle, high)
    return high
