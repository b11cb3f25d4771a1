"""Several tests at once: how sure is each when all of them were looked at."""

from collections.abc import Sequence

import numpy as np

from ganeval.statistics.spread import Spread


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """[m] p-values adjusted so that any false alarm among all is as rare as each would be alone.

    The smallest is multiplied by m, the next by m − 1, and so on; none is below one before it.

    Source: Holm 1979, https://www.jstor.org/stable/4615733.
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


def false_discovery(
    p_values: Sequence[float] | np.ndarray, *, dependent: bool = False
) -> np.ndarray:
    """[m] q-values: of all with a q-value below q, a share of q is false on average, at most.

    Args:
        p_values: [m].
        dependent: whether the tests may depend on each other in any way (Benjamini & Yekutieli);
            without, they are independent or rise together (Benjamini & Hochberg).

    Source: Benjamini & Hochberg 1995, https://www.jstor.org/stable/2346101; Benjamini & Yekutieli
    2001, doi:10.1214/aos/1013699998.
    """
    p = np.asarray(p_values, np.float64)
    m = len(p)
    order = np.argsort(p, kind="stable")
    factor = float((1 / np.arange(1, m + 1)).sum()) if dependent else 1.0
    raised = p[order] * factor * m / np.arange(1, m + 1)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return adjusted


def one_sided_p(estimate: float, found: Spread) -> float:
    """Of a t statistic, against 0 or less; 1 where nothing is known of its error."""
    from scipy.special import stdtr

    if found.reason:
        return 1.0
    return float(stdtr(found.df, -estimate / found.std_error))


def two_sided_p(estimate: float, std_error: float, df: float) -> float:
    """Of a t statistic with `df` degrees of freedom, against 0."""
    from scipy.special import stdtr

    if std_error == 0:
        return 1.0 if estimate == 0 else 0.0
    return float(2 * stdtr(df, -abs(estimate) / std_error))
