"""Are fakes taken for their class less often than reals are? A test over images or groups."""

from collections.abc import Sequence

import numpy as np


def p_value_of_deficit(
    real: np.ndarray,
    fake: np.ndarray,
    of_real: np.ndarray,
    of_fake: np.ndarray,
    *,
    pulls: np.ndarray | None = None,
    real_groups: Sequence[str] | np.ndarray | None = None,
    fake_groups: Sequence[str] | np.ndarray | None = None,
) -> float:
    """One-sided: small where fakes score lower than reals of the same classes.

    The difference of the class means, weighted by how frequent classes are among the fakes, over
    its standard error if both sides of a class had the same mean: that of shares of independent
    images, or, where it is larger, that of groups, which count as one each; those of both sides
    are summed over both. What other reals would make of the classifiers is added: they judge both
    sides, but not each side alike.

    Args:
        real: [n] judgements, from 0 to 1.
        fake: [m].
        of_real: [n] class numbers from 0; every class has an image on both sides.
        of_fake: [m].
        pulls: [n] how much the mean of the fakes moves with one more copy of a real; None for 0.
        real_groups: [n] names; None where images are independent.
        fake_groups: [m].
    """
    from scipy.special import stdtr

    k = int(of_real.max()) + 1
    n, m = np.bincount(of_real, minlength=k), np.bincount(of_fake, minlength=k)
    sums = np.bincount(of_real, real, k), np.bincount(of_fake, fake, k)
    weights = m / m.sum()
    gap = float((weights * (sums[1] / m - sums[0] / n)).sum())
    pooled = (sums[0] + sums[1]) / (n + m)
    # With the pooled mean estimated, deviations from it are too small by this factor.
    loss = (n + m) / (n + m - 1)
    # A few reals may all be right by chance: what fakes are like says how likely that was.
    variance = float((weights**2 * loss * pooled * (1 - pooled) * (1 / n + 1 / m)).sum())
    df, units = np.inf, _units(len(real), len(fake), real_groups, fake_groups)
    if real_groups is not None or fake_groups is not None:
        residuals = np.concatenate(
            [
                -(weights * loss**0.5 / n)[of_real] * (real - pooled[of_real]),
                (weights * loss**0.5 / m)[of_fake] * (fake - pooled[of_fake]),
            ]
        )
        variance, df = max(variance, _variance(units, residuals)), _freedom(units, residuals)
    if variance == 0:
        return 1.0
    if pulls is not None:
        variance += _variance(units[: len(pulls)], pulls - pulls.mean())
    return float(stdtr(df, gap / variance**0.5))


def _variance(units: np.ndarray, pulls: np.ndarray) -> float:
    """Of the sum of what independent units add to it."""
    g = len(np.unique(units))
    return float((np.bincount(units, pulls) ** 2).sum()) * g / max(g - 1, 1)


def _units(
    n: int,
    m: int,
    real_groups: Sequence[str] | np.ndarray | None,
    fake_groups: Sequence[str] | np.ndarray | None,
) -> np.ndarray:
    """[n + m] numbers from 0 of the independent units."""
    names = [
        [("", i, role) for i in range(count)]
        if groups is None
        else [(str(name), -1, "") for name in groups]
        for role, count, groups in (("real", n, real_groups), ("fake", m, fake_groups))
    ]
    number: dict[tuple[str, int, str], int] = {}
    return np.array([number.setdefault(name, len(number)) for side in names for name in side])


def _freedom(units: np.ndarray, pulls: np.ndarray) -> float:
    """Degrees of freedom: units that weigh as much as these, less one."""
    sizes = np.bincount(units, np.abs(pulls))
    return max(float(sizes.sum() ** 2 / (sizes**2).sum()) - 1, 1.0)
