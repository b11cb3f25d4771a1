"""Permutation tests: had the names of the two sides been dealt out anew, how large would it be?

Exact at any n as long as what is permuted is exchangeable when both sides are alike. Images of a
group (a plate, copies of one image) resemble each other and are not: whole groups move.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np
from numpy.typing import ArrayLike

from ganeval.errors import InputError
from ganeval.statistics.repeats import seeded

BOTH = 2
"""Kind of a unit that has images of both sides."""


@dataclass(frozen=True, eq=False)
class Permutation:
    """Where units go: unit u takes the side and the split of unit `slots[u]`.

    Args:
        slots: [u] unit numbers.
        flips: [u] units of both sides that stay where they are and exchange their sides.
    """

    slots: np.ndarray
    flips: np.ndarray


def permutations(
    kinds: ArrayLike, strata: ArrayLike, *, count: int, seed: int = 0
) -> Iterator[Permutation]:
    """`count` random permutations of units.

    Args:
        kinds: [u] 0 for units of the real side, 1 of the fake one, BOTH for those of both: units
            of one side change places within their stratum, those of both toss a coin.
        strata: [u] numbers of classes whose sizes were chosen; all equal where there are none.
        count: of permutations, drawn with replacement.
        seed: of the draw.
    """
    kinds, strata = np.asarray(kinds), np.asarray(strata)
    rng = seeded("permutation", seed)
    shared = kinds == BOTH
    movable = np.flatnonzero(~shared)
    home = movable[np.argsort(strata[movable], kind="stable")]
    several = len(np.unique(strata[movable])) > 1
    for _ in range(count):
        slots = np.arange(len(kinds))
        draws = rng.random(len(home))
        order = np.lexsort((draws, strata[home])) if several else np.argsort(draws)
        slots[home] = home[order]
        yield Permutation(slots, shared & (rng.random(len(kinds)) < 0.5))


def permuted_sides(
    real: np.ndarray, of: np.ndarray, kinds: np.ndarray, moved: Permutation
) -> np.ndarray:
    """[n] bool, the side of each image after a permutation of the units.

    Args:
        real: [n] bool, the side of each image before.
        of: [n] unit of each image.
        kinds: [u] 0 for units of the real side, 1 of the fake one, BOTH for those of both.
        moved: the permutation.
    """
    now = (kinds[moved.slots] == 0)[of]
    return np.asarray(np.where((kinds == BOTH)[of], real ^ moved.flips[of], now))


def smallest_p_value(kinds: ArrayLike, strata: ArrayLike) -> float:
    """The smallest p-value that all permutations of these units can give a two-sided test.

    One over the number of divisions into sides; where all units may exchange their sides, that
    division has the same difference, and counts too.

    Args:
        kinds: [u] 0 for units of the real side, 1 of the fake one, BOTH for those of both.
        strata: [u] numbers of classes; all equal where there are none.

    Example:
        >>> round(1 / smallest_p_value([0] * 12 + [1] * 3, [0] * 15))
        455
    """
    kinds, strata = np.asarray(kinds), np.asarray(strata)
    log_divisions, mirrored = log(2) * int((kinds == BOTH).sum()), True
    for stratum in np.unique(strata[kinds != BOTH]):
        n_real, n_fake = (int(((kinds == k) & (strata == stratum)).sum()) for k in (0, 1))
        log_divisions += lgamma(n_real + n_fake + 1) - lgamma(n_real + 1) - lgamma(n_fake + 1)
        mirrored &= n_real == n_fake
    return min((1 + mirrored) * exp(-log_divisions), 1.0)


def permutation_p_value(observed: float, permuted: Sequence[float] | np.ndarray) -> float:
    """Share of values as large as the observed one, which counts among them; never 0.

    Source: Phipson & Smyth 2010, doi:10.2202/1544-6115.1585.
    """
    values = np.asarray(permuted, np.float64)
    if not len(values):
        raise InputError("a p-value needs at least one permutation; got none")
    # Equal values must count as equal whatever the order of summation.
    reached = values >= observed - 1e-12 * max(abs(observed), 1.0)
    return float((1 + reached.sum()) / (1 + len(values)))
