"""The plain Fréchet distance beside every package that people compare with."""

import numpy as np
import pytest

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours


def moments(x):
    return x.mean(axis=0), np.cov(x, rowvar=False)


def pytorch_fid(real, fake):
    from pytorch_fid.fid_score import calculate_frechet_distance

    return calculate_frechet_distance(*moments(real), *moments(fake))


def clean_fid(real, fake):
    from cleanfid.fid import frechet_distance

    return frechet_distance(*moments(real), *moments(fake))


def torch_fidelity(real, fake):
    import torch
    from torch_fidelity import metric_fid

    sides = [metric_fid.fid_features_to_statistics(torch.from_numpy(x)) for x in (fake, real)]
    found = metric_fid.fid_statistics_to_metric(*sides, verbose=False)
    return found[metric_fid.KEY_METRIC_FID]


def torchmetrics(real, fake):
    import torch
    from torchmetrics.image.fid import FrechetInceptionDistance

    identity = torch.nn.Identity()
    identity.num_features = real.shape[1]
    metric = FrechetInceptionDistance(feature=identity)
    metric.update(torch.from_numpy(real), real=True)
    metric.update(torch.from_numpy(fake), real=False)
    return float(metric.compute())


PEERS = [pytorch_fid, clean_fid, torch_fidelity, torchmetrics]
peers = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.__name__)


@peers
@pytest.mark.parametrize(
    ("n", "m", "d", "scale", "offset"),
    [
        (60, 48, 16, 1.0, 0.0),
        (60, 48, 16, 1e-3, 0.4),
        (192, 400, 64, 1.0, 0.4),
        (192, 400, 64, 1e3, 0.4),
        (400, 192, 64, 1.0, 30.0),
        (700, 576, 192, 1.0, 0.4),
    ],
)
def test_fid_is_theirs(peer, n, m, d, scale, offset, rows):
    real = rows(n, d, seed=0, scale=scale, offset=offset)
    fake = rows(m, d, seed=1, scale=scale, offset=offset, tilt=0.3)
    expected = peer(real, fake)
    assert ganeval.fid(real, fake, interval=False).value == pytest.approx(expected, rel=1e-6)
    assert ganeval.fid(real, fake).value == pytest.approx(expected, rel=1e-6)


@pytest.fixture(scope="module")
def inception_sized(rows):
    """float32, as nets give them."""
    sides = [rows(6144, 2048, seed=i, offset=0.4, tilt=0.3 * i) for i in range(2)]
    return [side.astype(np.float32) for side in sides]


@pytest.mark.parametrize("peer", [pytorch_fid, torch_fidelity], ids=lambda peer: peer.__name__)
def test_fid_of_2048_features_is_theirs(peer, inception_sized):
    """Two of the four: clean-fid computes as pytorch-fid does, torchmetrics as torch-fidelity."""
    real, fake = inception_sized
    expected = peer(real.astype(np.float64), fake.astype(np.float64))
    assert ganeval.fid(real, fake, interval=False).value == pytest.approx(expected, rel=1e-6)


@peers
def test_fewer_images_than_features_are_theirs_as_far_as_they_go(peer, rows):
    """The covariances are singular, and their square roots lose half the digits: 1e-4, not 1e-6."""
    real, fake = rows(60, 192, seed=0), rows(80, 192, seed=1, tilt=0.3)
    expected = peer(real, fake)
    assert ganeval.fid(real, fake).value == pytest.approx(expected, rel=1e-4)


def test_the_arithmetic_on_mu_and_sigma_is_pytorch_fids(rows):
    from pytorch_fid.fid_score import calculate_frechet_distance

    first, second = moments(rows(200, 64, seed=0)), moments(rows(200, 64, seed=1, tilt=0.3))
    expected = calculate_frechet_distance(*first, *second)
    assert ganeval.frechet_distance(*first, *second) == pytest.approx(expected, rel=1e-9)
