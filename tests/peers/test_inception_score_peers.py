"""The Inception Score beside torch-fidelity, and beside torchmetrics where both define the same."""

import numpy as np
import pytest

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours


def logits(n, k, *, spread, seed=0):
    return spread * np.random.default_rng(seed).normal(size=(n, k))


def torch_fidelity(rows, *, splits, seed=2020):
    """(mean, standard deviation) over splits."""
    import torch
    from torch_fidelity import metric_isc

    found = metric_isc.isc_features_to_metric(torch.from_numpy(rows), splits, True, seed)
    return found[metric_isc.KEY_METRIC_ISC_MEAN], found[metric_isc.KEY_METRIC_ISC_STD]


def torchmetrics(rows, *, splits):
    """(mean, standard deviation with n − 1) over splits."""
    import torch
    from torchmetrics.image.inception import InceptionScore

    metric = InceptionScore(feature=torch.nn.Identity(), splits=splits)
    metric.update(torch.from_numpy(rows))
    return tuple(float(x) for x in metric.compute())


CASES = pytest.mark.parametrize(
    ("n", "k", "spread"),
    [(500, 10, 3.0), (503, 41, 1.0), (2000, 1008, 2.0), (200, 1008, 30.0), (300, 10, 0.01)],
    ids=["digits", "unequal splits", "ImageNet", "sure", "unsure"],
)


@CASES
@pytest.mark.parametrize("splits", [1, 10])
def test_inception_score_is_torch_fidelitys(n, k, spread, splits):
    rows = logits(n, k, spread=spread)
    mean, std = torch_fidelity(rows, splits=splits)
    score = ganeval.inception_score(rows, splits=splits, seed=2020)
    assert score.value == pytest.approx(mean, rel=1e-6)
    if splits > 1:
        assert score.details["spread_over_splits"] == pytest.approx(std, rel=1e-6)


def test_other_seeds_are_other_splits_and_still_theirs():
    rows = logits(500, 10, spread=3.0)
    assert ganeval.inception_score(rows, splits=10, seed=7).value == pytest.approx(
        torch_fidelity(rows, splits=10, seed=7)[0], rel=1e-6
    )


def test_float32_logits_are_theirs_too():
    rows = logits(500, 1008, spread=2.0).astype(np.float32)
    mean, _ = torch_fidelity(rows, splits=10)
    assert ganeval.inception_score(rows, splits=10, seed=2020).value == pytest.approx(
        mean, rel=1e-6
    )


@CASES
def test_one_split_is_torchmetrics(n, k, spread):
    """It shuffles by the global generator, which one split does not see."""
    rows = logits(n, k, spread=spread)
    expected, _ = torchmetrics(rows, splits=1)
    assert ganeval.inception_score(rows).value == pytest.approx(expected, rel=1e-6)


def test_ten_splits_are_torchmetrics_given_the_same_shuffle(monkeypatch):
    """Splits of equal size; its standard deviation divides by 9, all others' by 10."""
    import torch

    order = torch.from_numpy(np.random.RandomState(2020).permutation(500))
    monkeypatch.setattr(torch, "randperm", lambda n: order)
    rows = logits(500, 10, spread=3.0)
    mean, std = torchmetrics(rows, splits=10)
    score = ganeval.inception_score(rows, splits=10, seed=2020)
    assert score.value == pytest.approx(mean, rel=1e-6)
    assert score.details["spread_over_splits"] == pytest.approx(std * 0.9**0.5, rel=1e-6)
