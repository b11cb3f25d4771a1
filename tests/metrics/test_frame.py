import numpy as np
import pytest
import torch

from ganeval.metrics.frechet import estimate, images
from ganeval.metrics.frechet.frame import Frame
from ganeval.metrics.frechet.images import Images, strips
from ganeval.metrics.spine import Side, take
from ganeval.statistics import Sampling

D = 6


def side(n, *, seed, classes=3, groups=7):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, D)) * np.linspace(1, 2, D) + seed
    made = take(x, None, role="real", metric="fid")
    names = np.array([f"plate {i}" for i in rng.integers(groups, size=n)])
    return Side("real", made.features, None, Sampling(n, rng.integers(classes, size=n), names))


@pytest.mark.parametrize("spread", [1.0, 1e3, 1e6])
def test_a_few_columns_say_what_the_whole_matrix_w_says(spread):
    """W is a Cauchy matrix; every row's c_j q_j sum agrees to rounding."""
    c = torch.logspace(0, -np.log10(spread), 300, dtype=torch.float64)
    frame = Frame(torch.zeros(2), 0.0, c, torch.zeros(0), torch.zeros(0))
    assert frame.w_factor.shape[1] < 60
    q = torch.from_numpy(np.random.default_rng(0).standard_normal((50, 300)) ** 2)
    expected = ((q @ frame.w) * q).sum(1)
    found = (q @ frame.w_factor).square().sum(1)
    assert torch.allclose(found, expected, rtol=1e-11, atol=0)


def test_groups_bend_the_distance_by_their_deviations_from_their_class():
    """Against sums over single images, one by one."""
    real, fake = side(60, seed=0), side(50, seed=1)
    frame = Frame.of(real, fake)
    mean, of = real.total.mean, real.sampling
    z = (torch.from_numpy(real.rows) - mean) @ frame.to_first.T
    outers = z[:, :, None] * z[:, None, :]
    class_means = torch.stack([outers[of.classes == k].mean(0) for k in range(3)])
    deviations = (outers - class_means[of.classes]) * torch.from_numpy(of.weights)[:, None, None]
    expected = 0.0
    for name in np.unique(of.groups):
        total = deviations[of.groups == name].sum(0)
        expected += float((frame.w * total**2).sum())
    found = Images(real.rows, mean, frame.to_first, of).bend_of_groups(frame.w)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("numbers", [1, 40, 10**6])
def test_the_memory_for_class_matrices_does_not_move_the_estimate(numbers, monkeypatch):
    real, fake = side(80, seed=0), side(70, seed=1)
    whole = estimate(real, fake)
    monkeypatch.setattr(images, "_NUMBERS", numbers)
    parts = estimate(real, fake)
    assert parts.corrected == pytest.approx(whole.corrected, rel=1e-12)
    assert parts.second_order == pytest.approx(whole.second_order, rel=1e-12)


def test_matrices_of_all_classes_are_made_in_strips_of_bounded_size():
    x, sampling = np.zeros((500, 1)), Sampling(500, np.arange(500) % 50, np.arange(500) // 10)
    many = Images(x, torch.zeros(1), torch.eye(1), sampling)
    pieces = list(strips(10_000, many))
    assert [i for s in pieces for i in range(s.start, s.stop)] == list(range(10_000))
    assert max(50 * (s.stop - s.start) * 10_000 for s in pieces) <= 2**25
    alone = Images(x, torch.zeros(1), torch.eye(1), Sampling(500))
    assert list(strips(10_000, alone)) == [slice(0, 10_000)]
