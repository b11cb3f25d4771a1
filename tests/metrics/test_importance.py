import numpy as np
import pytest

from ganeval.metrics import c2st, group_importance
from ganeval.metrics.spine import Pair

pytest.importorskip("xgboost")


def pair(real, fake):
    return Pair.take(real, fake, None, metric="c2st")


@pytest.fixture(scope="module")
def planted():
    """Columns 0 and 1 say the same and give the fakes away; column 2 is noise."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 200, 3))
    fake[:, 0] += 2
    for side in (real, fake):
        side[:, 1] = side[:, 0]
    return pair(real, fake)


def test_columns_that_say_the_same_matter_together(planted):
    _, found = group_importance(planted, [np.array([0, 1]), np.array([2])], repeats=4)
    both, noise = found.auc.mean(1)
    assert found.auc.shape == (2, 4)
    assert both > 0.3
    assert abs(noise) < 0.03
    assert found.log_loss.mean(1)[0] > 0.5


def test_without_all_columns_the_auc_falls_to_one_half(planted):
    score, found = group_importance(planted, [np.arange(3)], repeats=4)
    assert np.array(score.details["auc"]["values"]) - found.auc[0] == pytest.approx(0.5, abs=0.08)


def test_the_score_is_that_of_c2st(planted):
    real, fake = (side.features for side in planted.sides)
    score, _ = group_importance(planted, [np.arange(3)], repeats=4)
    other = c2st(real, fake, classifier="xgboost", repeats=4)
    assert (score.value, score.interval) == (other.value, other.interval)
    assert score.details["p_value"] == other.details["p_value"]
    assert score.protocol == other.protocol


def test_the_same_seed_gives_the_same_importance(planted):
    one, same, other = (
        group_importance(planted, [np.array([0])], repeats=2, seed=seed)[1].auc
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_it_says_how_far_it_is(planted):
    done = []
    group_importance(planted, [np.array([0])], repeats=3, progress=lambda *two: done.append(two))
    assert done == [(1, 3), (2, 3), (3, 3)]
