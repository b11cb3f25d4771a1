"""The score of the best of several models or checkpoints, without the luck of having been picked.

The lowest of many noisy numbers is lower than what it measures. The covariance of their errors says
how they would turn out with other images, for any true scores, and so gives an interval for the
true score of the one that was picked, without setting images aside.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_SHARE = 0.1
"""Share of the error of the interval that goes into the band that keeps it short."""

_TIE = 1e-6
"""Standard errors by which scores differ that are equal but for rounding."""


@dataclass(frozen=True)
class Winner:
    """The best of several scores.

    Args:
        index: of the best.
        naive: its estimate: too good, since luck helped to pick it.
        estimate: corrected; above its true score about as often as below.
        interval: of its true score.
        contenders: those that cannot be told from the best one, itself included; they hold the
            truly best one as often as `level` says.
    """

    index: int
    naive: float
    estimate: float
    interval: tuple[float, float]
    contenders: tuple[int, ...]


def winner(
    estimates: np.ndarray,
    covariance: np.ndarray,
    *,
    level: float = 0.95,
    lower_is_better: bool = True,
    df: float = np.inf,
) -> Winner:
    """Finds the best of t scores and an interval for its true score.

    Given how far the others are behind, the winner's estimate is a truncated normal variable around
    its true score. The interval holds all true scores for which the estimate is in neither tail,
    within a band that holds all t scores at once (Šidák's, for any correlations), which bounds its
    length where others are close. Where they are far behind it is the usual interval.

    Args:
        estimates: [t] scores, unbiased.
        covariance: [t, t] of their errors; those of shared reals make it non-diagonal.
        level: coverage, for any true scores.
        lower_is_better: whether the lowest is the best.
        df: degrees of freedom of `covariance` (Satterthwaite's, of the winner's variance).

    Source: Andrews, Kitagawa & McCloskey 2024, doi:10.1093/qje/qjad043 (hybrid inference).
    """
    from scipy.special import ndtri

    sign = -1.0 if lower_is_better else 1.0
    scores = sign * np.asarray(estimates, np.float64)
    # As much wider as Student's t is than the normal distribution.
    errors = np.asarray(covariance, np.float64) * _widened(level, df) ** 2
    t, top = len(scores), int(scores.argmax())
    contenders = _contenders(scores, errors, 1 - level)
    # Luck that lowers a skewed score lowers its estimated error too, and so gets it picked; scores
    # like the best one show how large errors are.
    errors[top, top] = max(errors[top, top], np.median(np.diag(errors)[list(contenders)]))
    variance = float(errors[top, top])
    std_error, best = variance**0.5, float(scores[top])
    low, high = _wins_within(scores, errors, top)
    alpha = 1 - level
    beta = _SHARE * alpha
    band = float(-ndtri((1 - (1 - beta) ** (1 / t)) / 2)) * std_error
    tail = (alpha - beta) / (1 - beta) / 2

    def true_score(share: float) -> float:
        """The true score at which the estimate is lower than it is with this probability."""
        return _bisected(
            lambda mean: _share_below(
                best, mean, std_error, max(low, mean - band), min(high, mean + band)
            ),
            share,
            best - band,
            best + band,
        )

    # Of two that nearly tie, the winner's score says next to nothing beyond that it won: what is
    # left of it is the far end of the band. Luck is no more than that of the best of t equal and
    # independent scores, but for 1 − level, and no interval is narrower than without a choice.
    luckiest = float(ndtri(level ** (1 / t))) * std_error
    estimate = max(true_score(0.5), best - luckiest)
    worst = true_score(1 - tail)
    most = max(true_score(tail), worst + 2 * float(ndtri(1 - alpha / 2)) * std_error, estimate)
    ends = sign * worst, sign * most
    return Winner(
        index=top,
        naive=float(estimates[top]),
        estimate=sign * estimate,
        interval=(min(ends), max(ends)),
        contenders=contenders,
    )


def _widened(level: float, df: float) -> float:
    """Student's quantile over the normal one."""
    from scipy.special import ndtri, stdtrit

    if not np.isfinite(df):
        return 1.0
    return float(stdtrit(max(df, 1.0), 0.5 + level / 2) / ndtri(0.5 + level / 2))


def _wins_within(scores: np.ndarray, errors: np.ndarray, top: int) -> tuple[float, float]:
    """The values between which the winner's estimate would still win.

    What is independent of it in the other estimates stays as it is. One that ties with it (shares
    of few images often do) says nothing of these values: next to any of them both would have won.
    """
    variance = errors[top, top]
    rest = scores - errors[top] / variance * scores[top]
    gain = 1 - errors[top] / variance  # what the winner gains on each as its estimate rises
    others = scores < scores[top] - _TIE * variance**0.5
    rises, falls = others & (gain > 1e-12), others & (gain < -1e-12)
    low = (rest[rises] / gain[rises]).max(initial=-np.inf)
    high = (rest[falls] / gain[falls]).min(initial=np.inf)
    return min(float(low), float(scores[top])), max(float(high), float(scores[top]))


def _share_below(x: float, mean: float, std_error: float, low: float, high: float) -> float:
    """The distribution function of a normal variable that is known to be in [low, high]."""
    from scipy.special import ndtr

    a, b, c = ((end - mean) / std_error for end in (low, x, high))
    if a > 0:  # in the other tail, where differences keep their digits
        a, b, c = -c, -b, -a
        whole = ndtr(c) - ndtr(a)
        return float((ndtr(c) - ndtr(b)) / whole) if whole > 0 else 0.5
    whole = ndtr(c) - ndtr(a)
    return float((ndtr(b) - ndtr(a)) / whole) if whole > 0 else 0.5


def _bisected(falling: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a falling function has the wanted value, to a billionth of the range."""
    for _ in range(32):
        middle = (low + high) / 2
        if falling(middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _contenders(scores: np.ndarray, errors: np.ndarray, alpha: float) -> tuple[int, ...]:
    """The scores that no other beats at 1 − alpha, one-sided, corrected for the number of others.

    The truly best one is left out only if one of the t − 1 others falsely beats it (Bonferroni).
    """
    from scipy.special import ndtri

    t = len(scores)
    spread = np.diag(errors)[:, None] + np.diag(errors) - 2 * errors
    lead = scores[:, None] - scores  # of a row over a column
    beaten = lead > float(-ndtri(alpha / max(t - 1, 1))) * np.sqrt(np.maximum(spread, 0.0))
    return tuple(int(i) for i in np.flatnonzero(~(beaten & (lead > 0)).any(axis=0)))
