"""KID, precision, recall, density and coverage as means over disjoint blocks of images."""

import numpy as np
import pytest

import ganeval


def rows(n, seed, shift=0.0):
    return np.random.default_rng(seed).normal(size=(n, 4)) + shift


REAL, FAKE = rows(240, 0), rows(180, 1, 0.4)


def brute_force(real, fake, blocks, seed):
    """KID of each block by its definition, and what prdc says of the block alone."""
    rng = np.random.default_rng(seed)
    parts = [np.array_split(rng.permutation(len(side)), blocks) for side in (real, fake)]
    kids, shares = [], []
    for of_real, of_fake in zip(*parts, strict=True):
        x, y = real[np.sort(of_real)], fake[np.sort(of_fake)]
        xx, yy, xy = ((a @ b.T / 4 + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
        n, m = len(x), len(y)
        within = (xx.sum() - xx.trace()) / n / (n - 1) + (yy.sum() - yy.trace()) / m / (m - 1)
        kids.append(within - 2 * xy.mean())
        shares.append([score.value for score in ganeval.prdc(x, y, interval=False)])
    return np.array(kids), np.array(shares)


def test_a_block_estimate_is_the_mean_over_blocks_and_its_error_that_of_a_mean():
    kids, shares = brute_force(REAL, FAKE, 6, seed=3)
    score = ganeval.kid(REAL, FAKE, blocks=6, seed=3)
    assert score.value == pytest.approx(kids.mean(), rel=1e-9)
    assert score.std_error == pytest.approx(kids.std(ddof=1) / 6**0.5, rel=1e-9)
    assert score.interval[0] < kids.mean() < score.interval[1]
    for i, part in enumerate(ganeval.prdc(REAL, FAKE, blocks=6, seed=3)):
        assert part.value == pytest.approx(shares[:, i].mean(), rel=1e-9), part.metric
        assert part.std_error == pytest.approx(shares[:, i].std(ddof=1) / 6**0.5, rel=1e-9)


def test_the_mean_over_many_draws_is_the_kid_of_all_pairs():
    """Unbiased: over random blocks of the same images, too, the mean is that of all pairs."""
    values = [ganeval.kid(REAL, FAKE, blocks=10, seed=seed).value for seed in range(120)]
    error = np.std(values) / len(values) ** 0.5
    assert abs(np.mean(values) - ganeval.kid(REAL, FAKE).value) < 4 * error


def test_scores_of_other_blocks_are_other_scores():
    one, other = (ganeval.kid(REAL, FAKE, blocks=blocks) for blocks in (5, 6))
    assert one.protocol_id != other.protocol_id != ganeval.kid(REAL, FAKE).protocol_id


def test_what_cannot_be_cut_into_blocks_is_refused():
    grouped = ganeval.Features(
        REAL, tuple(map(str, range(240))), groups=tuple(str(i // 8) for i in range(240))
    )
    for given, words in (
        ({"blocks": 3}, "wanted at least 4"),
        ({"blocks": 100}, "use fewer blocks"),
        ({"blocks": 10, "subsets": 5}, "blocks and subsets exclude each other"),
        ({"blocks": 10, "biased": True, "kernel": "gaussian"}, "blocks and biased exclude"),
    ):
        with pytest.raises(ganeval.InputError, match=words):
            ganeval.kid(REAL, FAKE, **given)
    with pytest.raises(ganeval.InputError, match="have groups, which blocks would cut"):
        ganeval.prdc(grouped, FAKE, blocks=10)
