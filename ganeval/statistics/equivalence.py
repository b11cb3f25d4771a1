"""Equivalence: how close are two scores for sure?

That two scores cannot be told apart may only mean that there are few images. Two one-sided tests
(TOST) say instead that their difference lies within a margin: they reject "it is the margin or
more" in both directions, which they do exactly where the interval of the difference, at 1 − 2α,
lies within the margin. So its further end is the smallest margin that the data supports.

Source: Schuirmann 1987, doi:10.1007/BF01068419.
"""

from collections.abc import Callable


def level_of_bounds(level: float, tests: int = 1) -> float:
    """The level of the two-sided interval whose ends are one-sided bounds at `level`.

    With several `tests`, all bounds hold at once (Bonferroni). 0.95 gives 0.9.
    """
    return max(1 - 2 * (1 - level) / tests, 0.0)


def supported_margin(
    estimate: float, half_width: Callable[[float], float], *, level: float, tests: int = 1
) -> float:
    """The smallest margin within which a difference is shown to lie, at `level`.

    Args:
        estimate: of the difference.
        half_width: of its interval, by the interval's level.
        level: 1 less the probability that the difference is further out after all.
        tests: how many such margins are to hold at once.

    Example:
        >>> supported_margin(0.1, lambda level: 0.3, level=0.95)
        0.4
    """
    return abs(estimate) + half_width(level_of_bounds(level, tests))
