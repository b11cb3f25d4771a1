"""False discoveries among many tests."""

import numpy as np
import pytest
from scipy import stats

from ganeval.statistics import false_discovery


@pytest.mark.parametrize(("dependent", "method"), [(False, "bh"), (True, "by")])
def test_q_values_are_those_of_scipy(dependent, method):
    p = np.random.default_rng(0).random(30) ** 2
    expected = stats.false_discovery_control(p, method=method)
    np.testing.assert_allclose(false_discovery(p, dependent=dependent), expected, rtol=1e-12)


def test_of_the_classes_that_are_marked_few_are_false():
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(400):
        z = rng.standard_normal(41)
        z[:10] += 3.5  # ten classes truly differ
        marked = np.flatnonzero(false_discovery(stats.norm.sf(z)) < 0.05)
        shares.append(np.mean(marked >= 10) if len(marked) else 0.0)
    assert np.mean(shares) <= 0.05
