"""The classifier two-sample test against sbi's, whose default is a multi-layer perceptron."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours


def sbis(real, fake):
    """Accuracy over five folds."""
    from sbi.utils.metrics import c2st

    sides = (torch.from_numpy(side).float() for side in (real, fake))
    return float(c2st(*sides, seed=1, n_folds=5, classifier="mlp"))


def ours(real, fake, classifier):
    """Median accuracy over repeats that hold out a fifth."""
    score = ganeval.c2st(real, fake, classifier=classifier, test_size=0.2, permutations=0)
    return score.details["accuracy"]["q50"]


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("classifier", ["logistic", "mlp"])
def test_accuracy_is_sbis_where_the_best_is_known(shift, classifier):
    """Two normal distributions: no classifier can beat the threshold in the middle."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 1000, 5))
    fake[:, 0] += shift
    best = norm.cdf(shift / 2)
    assert ours(real, fake, classifier) == pytest.approx(sbis(real, fake), abs=0.05)
    assert ours(real, fake, classifier) == pytest.approx(best, abs=0.04)


def test_a_difference_that_only_the_perceptrons_see():
    """The sides have the same mean but another spread."""
    rng = np.random.default_rng(1)
    real, fake = rng.standard_normal((2, 1000, 5))
    fake *= 1.8
    assert ours(real, fake, "mlp") == pytest.approx(sbis(real, fake), abs=0.05)
    assert ours(real, fake, "mlp") > 0.7 > 0.55 > ours(real, fake, "logistic")


def test_unequal_sets_are_balanced_where_sbi_rewards_counting():
    """900 against 100 of one distribution: guessing the larger side is right 9 times in 10."""
    rng = np.random.default_rng(2)
    real, fake = rng.standard_normal((900, 3)), rng.standard_normal((100, 3))
    assert sbis(real, fake) > 0.85
    assert ours(real, fake, "logistic") == pytest.approx(0.5, abs=0.08)
