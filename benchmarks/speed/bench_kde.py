"""The KDE log-likelihood and the sliced Wasserstein distance from features in memory."""

import functools
from collections.abc import Mapping

import numpy as np
import pytest

import ganeval
from benchmarks.speed.conftest import Measure
from ganeval.metrics.sliced_wasserstein import orthogonal_directions

BANDWIDTH = {2: 0.2, 64: 1.0, 784: 3.0}
DIRECTIONS = 1024


@functools.lru_cache(maxsize=2)
def points(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Reals and fakes [n, d] float32."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, n, d))
    return real.astype(np.float32), (1.1 * fake + 0.1).astype(np.float32)


def plain(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours, the number that the others give."""
    h = BANDWIDTH[real.shape[1]]
    return ganeval.kde_log_likelihood(real, fake, bandwidth=h, interval=False).value


def fast(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours in single precision."""
    h = BANDWIDTH[real.shape[1]]
    score = ganeval.kde_log_likelihood(real, fake, bandwidth=h, interval=False, fast=True)
    assert score.details["precision"] == "float32"
    return score.value


def with_interval(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours with an interval, and reals as centres beside it."""
    return ganeval.kde_log_likelihood(real, fake, bandwidth=BANDWIDTH[real.shape[1]]).value


def torch_logsumexp(real: np.ndarray, fake: np.ndarray) -> float:
    """As one would write it: float64 distances and logsumexp, 512 queries at once."""
    import torch

    (n, d), h = fake.shape, BANDWIDTH[fake.shape[1]]
    x, g = torch.from_numpy(real).double(), torch.from_numpy(fake).double()
    parts = [
        torch.logsumexp(-torch.cdist(x[i : i + 512], g).square() / (2 * h * h), dim=1)
        for i in range(0, len(x), 512)
    ]
    offset = np.log(n) + d / 2 * np.log(2 * np.pi) + d * np.log(h)
    return float(torch.cat(parts).mean() - offset)


def scikit_learn(real: np.ndarray, fake: np.ndarray) -> float:
    """All pairs: with its tree it is wrong in many features."""
    from sklearn.neighbors import KernelDensity

    density = KernelDensity(bandwidth=BANDWIDTH[real.shape[1]], leaf_size=len(fake), rtol=0)
    return float(density.fit(fake).score_samples(real).mean())


KDE = {
    "ganeval": plain,
    "ganeval, fast": fast,
    "ganeval, with interval": with_interval,
    "torch logsumexp": torch_logsumexp,
    "scikit-learn": scikit_learn,
}


@functools.cache
def expected(n: int, d: int) -> float:
    """Ours, once for all tools."""
    return plain(*points(n, d))


@pytest.mark.parametrize("tool", KDE)
@pytest.mark.parametrize("d", sorted(BANDWIDTH))
def bench_kde(d: int, tool: str, measure: Measure, quick: bool, speed: Mapping[str, float]) -> None:
    """All pairs at a given bandwidth."""
    n = 1000 if quick else 5000
    value = measure(
        lambda: KDE[tool](*points(n, d)),
        case="KDE log-likelihood from features",
        tool=tool,
        n=n,
        d=d,
        rounds=1 if tool == "scikit-learn" else 5,
        floor=(2 * n * n * d / speed["float64"], "products of all pairs in float64"),
    )
    assert value == pytest.approx(expected(n, d), abs=1e-3)


@functools.lru_cache(maxsize=1)
def many_points(d: int, quick: bool) -> tuple[np.ndarray, np.ndarray]:
    """Queries and, five times as many, centres."""
    real, fake = points(5000 if quick else 50_000, d)
    return real[: len(real) // 5], fake


@pytest.mark.parametrize(("d", "tool"), [(2, "ganeval"), (2, "scikit-learn"), (784, "ganeval")])
def bench_kde_of_many(
    d: int, tool: str, measure: Measure, quick: bool, speed: Mapping[str, float]
) -> None:
    """50,000 centres, 10,000 queries; scikit-learn would take half an hour for 784 features."""
    real, fake = many_points(d, quick)
    value = measure(
        lambda: KDE[tool](real, fake),
        case="KDE log-likelihood, five times as many centres",
        tool=tool,
        n=len(real),
        d=d,
        rounds=1 if tool == "scikit-learn" or d == 784 else 3,
        floor=(2 * len(real) * len(fake) * d / speed["float64"], "products of all pairs"),
    )
    if tool != "ganeval":
        assert value == pytest.approx(plain(real, fake), abs=1e-3)


def sliced(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours."""
    return ganeval.sliced_wasserstein_distance(real, fake, directions=DIRECTIONS).value


def torch_sort(real: np.ndarray, fake: np.ndarray) -> float:
    """As one would write it: project, sort, subtract, all at once."""
    import torch

    lines = torch.from_numpy(orthogonal_directions(real.shape[1], DIRECTIONS))
    a, b = ((torch.from_numpy(x).double() @ lines.T).sort(dim=0).values for x in (real, fake))
    return float((a - b).square().mean().sqrt())


def scipy_cdf(real: np.ndarray, fake: np.ndarray) -> float:
    """Order 1, direction by direction."""
    from scipy.stats import wasserstein_distance

    lines = orthogonal_directions(real.shape[1], DIRECTIONS)
    return float(np.mean([wasserstein_distance(real @ line, fake @ line) for line in lines]))


SLICED = {"ganeval": sliced, "torch sort": torch_sort, "scipy (order 1)": scipy_cdf}


@pytest.mark.parametrize("tool", SLICED)
@pytest.mark.parametrize("n", [500, 5000])
def bench_sliced_wasserstein(
    n: int, tool: str, measure: Measure, quick: bool, speed: Mapping[str, float]
) -> None:
    """1,024 directions of 64 features."""
    if quick and n == 5000:
        pytest.skip("several seconds each")
    value = measure(
        lambda: SLICED[tool](*points(n, 64)),
        case="Sliced Wasserstein from features",
        tool=tool,
        n=n,
        d=64,
        rounds=1 if tool == "scipy (order 1)" and n == 5000 else 5,
        floor=(4 * n * 64 * DIRECTIONS / speed["float64"], "projections of both sides in float64"),
    )
    if "order 1" not in tool:
        assert value == pytest.approx(sliced(*points(n, 64)), rel=1e-9)
