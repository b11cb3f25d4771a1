"""Two sides of a score that fit together, and what is odd about them."""

from dataclasses import dataclass, replace
from typing import Any

from ganeval.metrics.spine.columns import in_order_of
from ganeval.metrics.spine.oddities import Oddities, find_oddities
from ganeval.metrics.spine.side import Side, check_pair, take
from ganeval.statistics import balanced_labels, strata


@dataclass(frozen=True, eq=False)
class Pair:
    """Real and generated images, checked.

    Args:
        real: None for a score of the fakes alone.
        fake: the generated side.
        odd: what a reader should know about them.
        one_sided: whether each side has a score of its own.
    """

    real: Side | None
    fake: Side
    odd: Oddities
    one_sided: bool = False

    @classmethod
    def take(
        cls,
        real: Any,
        fake: Any,
        feature_net: Any,
        *,
        metric: str,
        statistics: bool = False,
        bearable: float | None = None,
        one_sided: bool = False,
        interval: bool = True,
    ) -> "Pair":
        """Both sides, from whatever was given.

        Args:
            real: images, Features, rows [n, d], or a path to any of them; None for none, where
                one side is enough.
            fake: the generated side, likewise.
            feature_net: for images.
            metric: for messages.
            statistics: whether Moments, or a file of them, will do.
            bearable: share of images on both sides that an interval bears.
            one_sided: whether each side has a score of its own, so that one is enough, images on
                both sides do no harm, and class sizes are those of one side.
            interval: whether there may be one, to which undeclared sets of images matter.

        Raises:
            InputError: as `take`, or sides that do not fit together.
        """
        first = None
        if real is not None or not one_sided:
            first = take(real, feature_net, role="real", metric=metric, statistics=statistics)
        second = take(fake, feature_net, role="fake", metric=metric, statistics=statistics)
        return cls.of(first, second, bearable=bearable, one_sided=one_sided, interval=interval)

    @classmethod
    def of(
        cls,
        real: Side | None,
        fake: Side,
        *,
        bearable: float | None = None,
        one_sided: bool = False,
        interval: bool = True,
    ) -> "Pair":
        """Of two sides; their class sizes together say whether they were chosen."""
        if real is not None:
            fake = in_order_of(real, fake)
        odd = find_oddities(real, fake, bearable=bearable, interval=interval)
        if real is not None:
            check_pair(real, fake)
        if real is None or one_sided:
            alone = fake.sampled(balanced_labels(fake.labels))
            if real is None:
                return cls(None, alone, odd, one_sided=True)
            odd = replace(odd, dependence=find_oddities(None, fake, interval=interval).dependence)
            return cls(real.sampled(balanced_labels(real.labels)), alone, odd, one_sided=True)
        chosen = strata(real.labels, fake.labels)
        return cls(real.sampled(chosen[0], fake), fake.sampled(chosen[1], real), odd)

    def with_real(self, real: Side) -> "Pair":
        """The pair with the reals sampled otherwise."""
        return replace(self, real=real)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Real and fake, where both are there."""
        assert self.real is not None
        return self.real, self.fake

    @property
    def n_groups(self) -> int | None:
        """The smallest number of groups on a side that has groups, of those that are scored."""
        scored = (self.fake,) if self.one_sided else (self.real, self.fake)
        counts = [side.n_groups for side in scored if side is not None]
        return min((g for g in counts if g is not None), default=None)
