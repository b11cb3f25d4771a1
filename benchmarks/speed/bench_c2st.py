"""The classifier two-sample test from features in memory: ten splits, logistic or nets."""

import functools

import numpy as np
import pytest

import ganeval
from benchmarks.speed.conftest import Measure
from ganeval.statistics import repeated_splits

REPEATS, STEPS = 10, 300


@functools.lru_cache(maxsize=2)
def points(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Reals and fakes [n, d] whose spectrum decays as that of a net's features."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((d, d)) * np.arange(1, d + 1)[:, None] ** -0.75
    real, fake = rng.standard_normal((2, n, d)) @ mixing
    return real, 1.02 * fake


def splits_only(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours without refits: both the fakes and one half of the reals are judged ten times."""
    return ganeval.c2st(real, fake, classifier="logistic", repeats=REPEATS, permutations=0).value


def with_p_value(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours with 199 permutations: 2,000 further fits."""
    return ganeval.c2st(real, fake, classifier="logistic", repeats=REPEATS).value


def scikit_learn(real: np.ndarray, fake: np.ndarray) -> float:
    """One split after another, to the same tolerance as it is used by default; ten fits in all."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.preprocessing import StandardScaler

    side = np.repeat([True, False], [len(real), len(fake)])
    x = StandardScaler().fit_transform(np.concatenate([real, fake]))
    areas = []
    for out in repeated_splits(~side, np.zeros(len(side)), repeats=REPEATS).T:
        model = LogisticRegression(max_iter=1000).fit(x[~out], side[~out])
        areas.append(roc_auc_score(side[out], model.decision_function(x[out])))
    return float(np.median(areas))


C2ST = {
    "ganeval": splits_only,
    "ganeval, with p-value": with_p_value,
    "scikit-learn": scikit_learn,
}


@pytest.mark.parametrize("tool", C2ST)
@pytest.mark.parametrize(("n", "d"), [(5000, 64), (1000, 512), (1000, 2048)])
def bench_c2st(n: int, d: int, tool: str, measure: Measure, quick: bool) -> None:
    """The same distribution on both sides, but for a scale of 1.02."""
    n = n // 5 if quick else n
    value = measure(
        lambda: C2ST[tool](*points(n, d)),
        case="C2ST from features",
        tool=tool,
        n=n,
        d=d,
        rounds=5 if tool == "ganeval" or (tool == "scikit-learn" and d == 64) else 1,
    )
    # The splits differ, and scikit-learn stops early.
    assert value == pytest.approx(0.5, abs=0.1)


def stacked(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours: ten small nets train as one stack."""
    return ganeval.c2st(real, fake, classifier="mlp", repeats=REPEATS, iterations=STEPS).value


def one_after_another(real: np.ndarray, fake: np.ndarray) -> float:
    """The same nets, steps and optimiser in a loop; one half of the reals is judged too."""
    half = len(real) // 2
    median_area(real[:half], real[half:])
    return median_area(real, fake)


def median_area(real: np.ndarray, fake: np.ndarray) -> float:
    """The median AUC of ten nets, one trained after another."""
    import torch
    from sklearn.metrics import roc_auc_score
    from torch.nn.functional import softplus

    side = np.repeat([True, False], [len(real), len(fake)])
    rows, areas = np.concatenate([real, fake]), []
    for r, out in enumerate(repeated_splits(~side, np.zeros(len(side)), repeats=REPEATS).T):
        rng = np.random.default_rng(r)
        kept = rows[~out]
        x = torch.from_numpy((rows - kept.mean(0)) / kept.std(0))
        layers = [torch.nn.Linear(a, b) for a, b in ((x.shape[1], 64), (64, 64), (64, 1))]
        relu = torch.nn.ReLU()
        net = torch.nn.Sequential(layers[0], relu, layers[1], relu, layers[2]).double()
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
        pools = [np.flatnonzero(which & ~out) for which in (side, ~side)]
        for _ in range(STEPS):
            batch = np.concatenate([pool[rng.integers(len(pool), size=64)] for pool in pools])
            scores = net(x[torch.from_numpy(batch)])[:, 0]
            loss = (softplus(-scores[:64]).mean() + softplus(scores[64:]).mean()) / 2
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            optimizer.step()
        with torch.no_grad():
            areas.append(roc_auc_score(side[out], net(x[torch.from_numpy(out)])[:, 0].numpy()))
    return float(np.median(areas))


MLP = {"ganeval": stacked, "one after another": one_after_another}


@functools.cache
def expected(d: int) -> float:
    """Ours, once for all tools."""
    real, fake = points(1000, d)
    return stacked(real, 1.5 * fake)


@pytest.mark.parametrize("tool", MLP)
@pytest.mark.parametrize("d", [64, 512])
def bench_c2st_of_nets(d: int, tool: str, measure: Measure) -> None:
    """Ten nets of two hidden layers of 64, 300 steps of 64 + 64 images each."""
    real, fake = points(1000, d)
    value = measure(
        lambda: MLP[tool](real, 1.5 * fake),
        case="C2ST by ten nets from features",
        tool=tool,
        n=1000,
        d=d,
        rounds=3 if d == 64 else 1,
    )
    assert value == pytest.approx(expected(d), abs=0.05)  # other draws
