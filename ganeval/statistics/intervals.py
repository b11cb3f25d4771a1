"""Intervals: of a mean, of a logarithm, and of a squared distance."""

from ganeval.statistics.spread import Spread

IMPOSSIBLE = 3.29
"""Standard errors below 0: a distance that chance takes this far down once in 1000 times."""

NORMAL = 1e9
"""Degrees of freedom with which Student's t is normal."""

TOO_CLOSE = (
    "the two sides are closer to each other than two samples can be by chance: do both hold the "
    "same images, or the same chosen number of images of every class? Give labels "
    "(--label-by) or other reals"
)


def t_quantile(level: float, df: float) -> float:
    """The standard errors to either side of a two-sided t interval."""
    from scipy.special import stdtrit

    return float(stdtrit(max(df, 1.0), 0.5 + level / 2))


def t_interval(estimate: float, spread: Spread, level: float) -> tuple[float, float]:
    """`estimate` ± the standard errors that Student's t asks for."""
    half = t_quantile(level, spread.df) * spread.std_error
    return estimate - half, estimate + half


def within(
    limits: tuple[float, float], estimate: float, interval: tuple[float, float]
) -> tuple[float, float]:
    """The interval of a score that cannot be beyond limits.

    Where the estimate is, as that of a squared distance below 0, the interval starts at the limit.
    """
    low, high = interval
    moved = min(max(estimate, limits[0]), limits[1]) - estimate
    return max(low + moved, limits[0]), min(high + moved, limits[1])


def skewed_interval(estimate: float, spread: Spread, level: float) -> tuple[float, float]:
    """The t interval, with all values that the estimate does not contradict, each by its own error.

    The error of a score that a few images decide is skewed: if the true score were further out on
    the side of those images, more of them would be drawn, and the variance would be larger. In the
    exponential family through the influences it grows by κ₃/V per unit of the score, with κ₃ its
    third cumulant and V its variance: 1/n for a mean count, (1 − 2p)/n for a share. So all F with
    (estimate − F)² ≤ q² (V + (κ₃/V) (F − estimate)), as in Wilson's interval of a share, join.
    """
    low, high = t_interval(estimate, spread, level)
    q = t_quantile(level, NORMAL)
    shift = q * q * spread.third / spread.variance / 2
    half = (q * q * spread.variance + shift * shift) ** 0.5
    return min(low, estimate + shift - half), max(high, estimate + shift + half)


def wilson_interval(share: float, n: float, quantile: float) -> tuple[float, float]:
    """All shares p with |share − p| ≤ quantile · √(p (1 − p)/n), of n independent images.

    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    square = quantile**2 / n
    centre = (share + square / 2) / (1 + square)
    half = quantile * (share * (1 - share) / n + square / (4 * n)) ** 0.5 / (1 + square)
    return max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0)


def too_close(estimate: float, spread: Spread, second_order: float) -> bool:
    """Whether an estimate of a squared distance is further below 0 than chance takes it."""
    return bool(estimate < -IMPOSSIBLE * max(second_order**0.5, spread.std_error))


def distance_interval(
    estimate: float, spread: Spread, level: float, *, second_order: float, widest: float
) -> tuple[float, float]:
    """Of an unbiased estimate of a squared distance, which itself is never below 0.

    The error of a squared distance grows with the distance, and near 0 it is skewed, so that a
    symmetric interval misses large distances. If deviations between the sides are normal, the
    estimate for a true distance F follows k (χ²(ν, F/k) − ν), a noncentral χ², with variance
    2νk² + 4kF: 2νk² is the variance at distance 0, and k what the variance grows by with F. All F
    for which the estimate is neither in the upper nor in the lower tail make the interval; the t
    interval is added where it reaches further. For the mean of one Gaussian feature this is exact.

    Args:
        estimate: of the squared distance; may be below 0.
        spread: of the estimate where it is.
        level: nominal coverage.
        second_order: variance of the estimate at distance 0.
        widest: k where deviations are in the widest direction: the largest eigenvalue of the
            covariance of their mean. Of use where the estimate is too small to show k itself.

    Returns:
        (low, high) with low ≥ 0.
    """
    from scipy.special import ndtr

    shown = estimate > 4 * second_order**0.5
    k = growth(estimate, spread, second_order) if shown else widest
    k = max(k, 1e-9 * spread.std_error)
    q = t_quantile(level, spread.df)
    tail, half, above = float(ndtr(-q)), q * spread.std_error, max(estimate, 0.0)
    low = distance_with_tail(estimate, 1 - tail, k, second_order)
    high = distance_with_tail(above, tail, k, second_order)
    return max(min(low, estimate - half), 0.0), max(high, above + half)


def growth(estimate: float, spread: Spread, second_order: float) -> float:
    """What the variance of a squared distance grows by with the distance, over 4, as it is seen."""
    first_order = max(spread.variance - 2 * second_order, 0.0)
    return float(first_order / (4 * max(estimate, second_order**0.5, 1e-300)))


def _tail(estimate: float, distance: float, k: float, second_order: float) -> float:
    """P(an estimate this low or lower) at a true squared distance.

    Abdel-Aty's cube root, 1954, doi:10.2307/2332731, is as good as exact from many degrees on.
    """
    from scipy.special import chndtr, ndtr

    df, shift = second_order / (2 * k * k), distance / k
    mean = df + shift
    if mean <= 0:
        return float(estimate >= 0)
    ratio = (estimate / k + df) / mean
    if ratio <= 0:
        return 0.0
    freedom = mean**2 / (df + 2 * shift)
    if freedom < 100 and df > 0:
        return float(chndtr(ratio * mean, df, shift))
    if freedom > 1e6:
        return float(ndtr((estimate - distance) / (second_order + 4 * k * distance) ** 0.5))
    spread = 2 / (9 * freedom)
    return float(ndtr((ratio ** (1 / 3) - 1 + spread) / spread**0.5))


def distance_with_tail(estimate: float, tail: float, k: float, second_order: float) -> float:
    """The squared distance at which an estimate as low has this chance; 0 if less at 0 already."""
    if _tail(estimate, 0.0, k, second_order) <= tail:
        return 0.0
    high = max(estimate, 0.0) + 10 * (second_order**0.5 + k)
    while _tail(estimate, high, k, second_order) > tail:
        high *= 2
    low, high = 0.0, float(high)
    for _ in range(64):  # halves, as SciPy's root finders take 0.3 s to import
        middle = (low + high) / 2
        if _tail(estimate, middle, k, second_order) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2
