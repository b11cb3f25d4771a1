"""Fréchet and kernel distances from features in memory, beside every package that has them."""

import contextlib
import functools
from collections.abc import Callable, Mapping

import numpy as np
import pytest

import ganeval
from benchmarks.speed.conftest import Measure

SUBSETS, SUBSET_SIZE = 100, 1000


@functools.lru_cache(maxsize=2)
def rows(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Reals and fakes [n, d] float32, with strong and weak directions as real features have."""
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(d, d)) / d**0.5
    strengths = (np.arange(1, d + 1) / d) ** -0.4
    mix = (strengths[:, None] * mix).astype(np.float32)
    real, fake = (rng.standard_normal((n, d), np.float32) @ mix + 0.4 for _ in range(2))
    return real, (1.1 * fake + 0.1).astype(np.float32)


def pytorch_fid(real: np.ndarray, fake: np.ndarray) -> float:
    """Its features are float64 arrays by the time it takes moments."""
    from pytorch_fid.fid_score import calculate_frechet_distance

    sides = [x.astype(np.float64) for x in (real, fake)]
    moments = [m for x in sides for m in (np.mean(x, axis=0), np.cov(x, rowvar=False))]
    return float(calculate_frechet_distance(*moments))


def torch_fidelity(real: np.ndarray, fake: np.ndarray) -> float:
    """From its own statistics."""
    import torch
    from torch_fidelity import metric_fid

    sides = [metric_fid.fid_features_to_statistics(torch.from_numpy(x)) for x in (fake, real)]
    found = metric_fid.fid_statistics_to_metric(*sides, verbose=False)
    return float(found[metric_fid.KEY_METRIC_FID])


def torchmetrics(real: np.ndarray, fake: np.ndarray) -> float:
    """Its class around a net that changes nothing."""
    import torch
    from torchmetrics.image.fid import FrechetInceptionDistance

    identity = torch.nn.Identity()
    identity.num_features = real.shape[1]
    metric = FrechetInceptionDistance(feature=identity)
    metric.update(torch.from_numpy(real), real=True)
    metric.update(torch.from_numpy(fake), real=False)
    return float(metric.compute())


def plain(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours, the number that the others give."""
    return ganeval.fid(real, fake, interval=False).value


def with_interval(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours by default: corrected, with an interval."""
    return ganeval.fid(real, fake).value


FRECHET: Mapping[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "ganeval": plain,
    "pytorch-fid": pytorch_fid,
    "torch-fidelity": torch_fidelity,
    "torchmetrics": torchmetrics,
}


@functools.cache
def expected(metric: str, n: int, d: int) -> float:
    """Ours, once for all tools."""
    return {"fid": plain, "kid": kid}[metric](*rows(n, d))


def frechet_floor(n: int, d: int, speed: Mapping[str, float]) -> tuple[float, str]:
    """Seconds for the multiplications that no exact method is known to avoid."""
    if n <= d:
        return (2 * n * n * d + 8 / 3 * n**3) / speed["float64"], "cross-Gram, singular values"
    moments = 2 * n * d * d  # both sides, half of each symmetric matrix
    eigenvalues = (1 / 3 + 1 + 4 / 3) * d**3  # Cholesky, LᵀCL, to tridiagonal
    return (moments + eigenvalues) / speed["float64"], "moments, Cholesky, LᵀCL, eigenvalues"


@pytest.mark.parametrize("tool", FRECHET)
@pytest.mark.parametrize("n", [500, 5000, 50_000])
@pytest.mark.parametrize("d", [64, 512, 2048])
def bench_fid(
    d: int, n: int, tool: str, measure: Measure, quick: bool, speed: Mapping[str, float]
) -> None:
    """The plain distance."""
    if quick and (d == 2048 or n == 50_000):
        pytest.skip("half a minute each")
    real, fake = rows(n, d)
    value = measure(
        lambda: FRECHET[tool](real, fake),
        case="FID from features, plain",
        tool=tool,
        n=n,
        d=d,
        rounds=1 if d == 2048 and (n == 50_000 or tool != "ganeval") else 5,
        floor=frechet_floor(n, d, speed),
    )
    assert value == pytest.approx(expected("fid", n, d), rel=1e-3)


@pytest.mark.parametrize("tool", ["ganeval", "ganeval, plain value only"])
@pytest.mark.parametrize(
    ("n", "d"), [(500, 64), (5000, 64), (5000, 512), (5000, 1024), (5000, 2048)]
)
def bench_fid_interval(
    n: int, d: int, tool: str, measure: Measure, quick: bool, speed: Mapping[str, float]
) -> None:
    """What the interval costs: 21 distances up to 1024 features, 3 beyond."""
    if quick and d == 2048:
        pytest.skip("half a minute each")
    real, fake = rows(n, d)
    moments, distance = 2 * n * d * d, (1 / 3 + 2 + 4 / 3) * d**3
    work = moments + (21 if d <= 1024 else 3) * distance
    measure(
        lambda: (with_interval if tool == "ganeval" else plain)(real, fake),
        case="FID from features, with interval",
        tool=tool,
        n=n,
        d=d,
        rounds=1 if d == 2048 else 5,
        floor=(work / speed["float64"], "moments once, every distance"),
    )


@pytest.mark.parametrize("tool", ["ganeval", "ganeval, plain value only"])
@pytest.mark.parametrize("d", [64, 512])
def bench_compare(d: int, tool: str, measure: Measure) -> None:
    """Five models with intervals, and which of their differences are sure."""
    real, fake = rows(5000, d)
    models = {f"model {i}": fake + np.float32(i / 10) for i in range(5)}
    measure(
        lambda: ganeval.compare(real, models) if tool == "ganeval" else plain(real, fake),
        case="comparison of five models by FID",
        tool=tool,
        n=5000,
        d=d,
    )


@functools.lru_cache(maxsize=1)
def classes(d: int, n_classes: int, per_class: int) -> tuple[ganeval.Features, ganeval.Features]:
    """Two sets of rows with labels, of classes that differ in mean and in spread."""
    sides = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        mix = np.random.default_rng(9).normal(size=(d, d)) / d**0.5
        parts = [(1 + k / 100) * rng.normal(size=(per_class, d)) @ mix for k in range(n_classes)]
        x = np.concatenate([part + k / 50 for k, part in enumerate(parts)]).astype(np.float32)
        ids = tuple(f"{seed} {i}" for i in range(len(x)))
        labels = tuple(f"{i // per_class:02d}" for i in range(len(x)))
        sides.append(ganeval.Features(x, ids, labels=labels))
    return sides[0], sides[1]


_matrices: dict[int, np.ndarray] = {}
"""Ours by number of features, as it was timed."""

PAIRS = 10
"""Pairs of classes that the peer is timed on."""


@pytest.mark.parametrize("tool", ["ganeval", "pytorch-fid, pair by pair"])
@pytest.mark.parametrize(("d", "per_class"), [(64, 500), (512, 520)])
def bench_class_matrix(d: int, per_class: int, tool: str, measure: Measure, quick: bool) -> None:
    """FID of every class of one set from every class of another: 41, or 5 in a hurry."""
    n_classes = 5 if quick else 41
    first, second = classes(d, n_classes, per_class)

    def ours() -> np.ndarray:
        return ganeval.matrix(first, second, per_class=per_class).values

    def theirs() -> np.ndarray:
        a, b = (side.features.reshape(n_classes, per_class, d) for side in (first, second))
        some = [divmod(i * (n_classes**2 - 1) // (PAIRS - 1), n_classes) for i in range(PAIRS)]
        return np.array([(i, j, pytorch_fid(a[j], b[i])) for i, j in some])

    found = measure(
        ours if tool == "ganeval" else theirs,
        case=f"{n_classes} x {n_classes} classes by FID",
        tool=tool,
        n=per_class,
        d=d,
        rounds=1 if d == 512 else 5,
        times=1 if tool == "ganeval" else n_classes**2 / PAIRS,
    )
    if tool == "ganeval":
        _matrices[d] = found
    else:
        i, j = found[:, :2].astype(int).T
        assert found[:, 2] == pytest.approx(_matrices[d][i, j], rel=1e-3)


def kid(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours by default: all pairs, with an interval."""
    return ganeval.kid(real, fake).value


def kid_of_subsets(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours in torch-fidelity's protocol, draw for draw."""
    return ganeval.kid(
        real, fake, subsets=SUBSETS, subset_size=min(SUBSET_SIZE, len(real) // 2), seed=2020
    ).value


def torch_fidelity_kid(real: np.ndarray, fake: np.ndarray) -> float:
    """The mean over its subsets, in float32."""
    import torch
    from torch_fidelity import metric_kid

    found = metric_kid.kid_features_to_metric(
        torch.from_numpy(fake),
        torch.from_numpy(real),
        kid_subsets=SUBSETS,
        kid_subset_size=min(SUBSET_SIZE, len(real) // 2),
        verbose=False,
    )
    return float(found[metric_kid.KEY_METRIC_KID_MEAN])


def torchmetrics_kid(real: np.ndarray, fake: np.ndarray) -> float:
    """Its class around a net that changes nothing."""
    import torch
    from torchmetrics.image.kid import KernelInceptionDistance

    metric = KernelInceptionDistance(
        feature=torch.nn.Identity(), subsets=SUBSETS, subset_size=min(SUBSET_SIZE, len(real) // 2)
    )
    metric.update(torch.from_numpy(real), real=True)
    metric.update(torch.from_numpy(fake), real=False)
    return float(metric.compute()[0])


KID = {
    "ganeval": kid,
    "ganeval, torch-fidelity's subsets": kid_of_subsets,
    "torch-fidelity": torch_fidelity_kid,
    "torchmetrics": torchmetrics_kid,
}


@pytest.mark.filterwarnings("ignore")  # torchmetrics on its buffer
@pytest.mark.parametrize("tool", KID)
@pytest.mark.parametrize("n", [2000, 5000])
def bench_kid(n: int, tool: str, measure: Measure, quick: bool, speed: Mapping[str, float]) -> None:
    """All pairs once beside the mean over 100 random subsets of 1,000 images."""
    n, d = (n // 2, 512) if quick else (n, 2048)
    real, fake = rows(n, d)
    value = measure(
        lambda: KID[tool](real, fake),
        case="KID from features",
        tool=tool,
        n=n,
        d=d,
        rounds=1 if tool in ("torch-fidelity", "torchmetrics") else 5,
        floor=(4 * n * n * d / speed["float64"], "xy, half of xx and yy, in float64"),
    )
    assert value == pytest.approx(expected("kid", n, d), rel=0.05)  # subsets are a sample


def prdc(real: np.ndarray, fake: np.ndarray) -> list[float]:
    """Ours in the package's protocol."""
    return [one.value for one in ganeval.prdc(real, fake, k=5, ball="open", interval=False)]


def prdc_with_intervals(real: np.ndarray, fake: np.ndarray) -> list[float]:
    """The same with intervals, by leaving every image out in turn."""
    return [one.value for one in ganeval.prdc(real, fake, k=5, ball="open")]


def prdc_package(real: np.ndarray, fake: np.ndarray) -> list[float]:
    """That of Naeem et al."""
    import prdc as package

    with contextlib.redirect_stdout(None):
        found = package.compute_prdc(real, fake, nearest_k=5)
    return [float(found[name]) for name in ("precision", "recall", "density", "coverage")]


PRDC = {
    "ganeval": prdc,
    "ganeval, with intervals": prdc_with_intervals,
    "prdc": prdc_package,
}


_prdc: dict[tuple[int, int], list[float]] = {}
"""Ours, as it was timed."""


@pytest.mark.parametrize("tool", PRDC)
def bench_prdc(tool: str, measure: Measure, quick: bool, speed: Mapping[str, float]) -> None:
    """Four scores of five neighbours."""
    n, d = (1000, 512) if quick else (10_000, 2048)
    real, fake = rows(n, d)
    found = measure(
        lambda: PRDC[tool](real, fake),
        case="PRDC from features",
        tool=tool,
        n=n,
        d=d,
        rounds=1,
        floor=(4 * n * n * d / speed["float32"], "xy, half of xx and yy, in float32"),
    )
    assert found == pytest.approx(_prdc.setdefault((n, d), found), abs=2e-3)  # near ties
