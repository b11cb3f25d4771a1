from itertools import permutations

import numpy as np
import pytest

from ganeval.statistics import BOTH, smallest_p_value


@pytest.mark.parametrize(
    ("kinds", "strata"),
    [
        ([0, 0, 0, 1, 1], [0] * 5),
        ([0, 0, 1, 1], [0] * 4),
        ([0, 0, 1, 0, 1, 1], [0, 0, 0, 1, 1, 1]),
    ],
)
def test_it_is_the_p_value_of_the_most_extreme_of_all_divisions(kinds, strata):
    """By counting: reals are far below fakes in each stratum, so no other division is as far."""
    kinds, strata = np.array(kinds), np.array(strata)
    values = kinds * 100.0 + np.arange(len(kinds)) ** 2 / 7
    orders = [
        order
        for order in map(list, permutations(range(len(kinds))))
        if (strata[order] == strata).all()
    ]
    sides = np.array([kinds[order] for order in orders])
    differences = [abs(values[s == 1].mean() - values[s == 0].mean()) for s in sides]
    own = abs(values[kinds == 1].mean() - values[kinds == 0].mean())
    share = np.mean(np.array(differences) >= own - 1e-9)
    assert smallest_p_value(kinds, strata) == pytest.approx(share)


def test_units_of_both_sides_toss_a_coin():
    assert smallest_p_value(np.arange(10**5) % 2, np.zeros(10**5)) == 0
    assert smallest_p_value([BOTH] * 5, [0] * 5) == pytest.approx(2 / 2**5)
