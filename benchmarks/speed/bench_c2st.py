"""The classifier two-sample test from features in memory: ten splits of a logistic regression."""

import functools

import numpy as np
import pytest

import ganeval
from benchmarks.speed.conftest import Measure
from ganeval.statistics import repeated_splits

REPEATS = 10


@functools.lru_cache(maxsize=2)
def points(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Reals and fakes [n, d] whose spectrum decays as that of a net's features."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((d, d)) * np.arange(1, d + 1)[:, None] ** -0.75
    real, fake = rng.standard_normal((2, n, d)) @ mixing
    return real, 1.02 * fake


def splits_only(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours without refits: both the fakes and one half of the reals are judged ten times."""
    return ganeval.c2st(real, fake, repeats=REPEATS, permutations=0).value


def with_p_value(real: np.ndarray, fake: np.ndarray) -> float:
    """Ours by default: 199 permutations, 2,000 further fits."""
    return ganeval.c2st(real, fake, repeats=REPEATS).value


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
        rounds=1 if tool == "ganeval, with p-value" else 3,
    )
    # The splits differ, and scikit-learn stops early.
    assert value == pytest.approx(0.5, abs=0.1)
