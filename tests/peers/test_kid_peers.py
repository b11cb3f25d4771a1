"""The kernel distance beside the three packages that have one."""

import numpy as np
import pytest

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours


def torchmetrics(real, fake):
    import torch
    from torchmetrics.image.kid import poly_mmd

    return float(poly_mmd(torch.from_numpy(real), torch.from_numpy(fake)))


def clean_fid(real, fake):
    from cleanfid.fid import kernel_distance

    return kernel_distance(fake, real, num_subsets=2, max_subset_size=len(real))


def torch_fidelity(real, fake):
    return torch_fidelity_kid(real, fake, subsets=2, subset_size=len(real), seed=0)[0]


def torch_fidelity_kid(real, fake, *, subsets, subset_size, seed):
    """(mean, standard deviation) over subsets; its first input is the generated images."""
    import torch
    from torch_fidelity import metric_kid

    found = metric_kid.kid_features_to_metric(
        torch.from_numpy(fake),
        torch.from_numpy(real),
        kid_subsets=subsets,
        kid_subset_size=subset_size,
        rng_seed=seed,
        verbose=False,
    )
    return found[metric_kid.KEY_METRIC_KID_MEAN], found[metric_kid.KEY_METRIC_KID_STD]


@pytest.mark.parametrize(
    "peer", [torchmetrics, clean_fid, torch_fidelity], ids=lambda peer: peer.__name__
)
@pytest.mark.parametrize("offset", [0.0, 0.4, 30.0])
@pytest.mark.parametrize(("n", "d"), [(50, 16), (300, 64), (300, 2048)])
def test_kid_of_all_images_is_theirs_where_the_subset_is_everything(peer, n, d, offset, rows):
    real, fake = rows(n, d, seed=0, offset=offset), rows(n, d, seed=1, offset=offset, tilt=0.3)
    expected = peer(real, fake)
    assert ganeval.kid(real, fake, interval=False).value == pytest.approx(expected, rel=1e-6)
    assert ganeval.kid(real, fake).value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", [2020, 7])
@pytest.mark.parametrize(("n", "m", "d", "size"), [(400, 500, 64, 100), (150, 150, 192, 150)])
def test_kid_of_subsets_is_torch_fidelitys_draw_for_draw(n, m, d, size, seed, rows):
    real, fake = rows(n, d, seed=0, offset=0.4), rows(m, d, seed=1, offset=0.4, tilt=0.3)
    mean, std = torch_fidelity_kid(real, fake, subsets=100, subset_size=size, seed=seed)
    score = ganeval.kid(real, fake, subsets=100, subset_size=size, seed=seed)
    assert score.value == pytest.approx(mean, rel=1e-6)
    assert score.details["spread_over_subsets"] == pytest.approx(std, rel=1e-6, abs=1e-9 * mean)


def test_kid_near_zero_is_theirs_draw_for_draw(rows):
    """Subsets of one distribution: every digit of the draw shows, as many are negative."""
    real, fake = rows(300, 64, seed=0), rows(300, 64, seed=1)
    mean, std = torch_fidelity_kid(real, fake, subsets=100, subset_size=50, seed=2020)
    score = ganeval.kid(real, fake, subsets=100, subset_size=50, seed=2020)
    assert abs(mean) < std
    assert score.value == pytest.approx(mean, abs=1e-6 * std)


def test_float32_rows_keep_the_digits_that_theirs_lose(rows):
    """Both are judged by the peer's own formula on the same rows in float64."""
    real, fake = (
        rows(300, 64, seed=i, offset=30.0, tilt=0.1 * i).astype(np.float32) for i in range(2)
    )
    exact = torchmetrics(real.astype(np.float64), fake.astype(np.float64))
    assert ganeval.kid(real, fake).value == pytest.approx(exact, rel=1e-6)
    assert torchmetrics(real, fake) != pytest.approx(exact, rel=1e-3)
