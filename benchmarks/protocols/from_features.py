"""Other tools' estimators and ours of the same feature rows: what the formulas are worth."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

import ganeval
from ganeval.metrics import METRICS, PROTOCOLS, metrics_named

N, D, CLASSES = 900, 48, 20


class Pair(NamedTuple):
    """A tool's number and ours."""

    protocol: str
    metric: str
    theirs: Callable[[], float]
    ours: Callable[[], float]
    original: bool
    """Whether the tool's own code runs; else its formula, restated from its public text."""
    note: str = ""


def rows(seed: int, *, n: int = N, shift: float = 0.0) -> np.ndarray:
    """[n, D] float64 with a spectrum like that of features."""
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(7).normal(size=(D, D)) / D**0.5
    return (rng.normal(size=(n, D)) * np.geomspace(2, 0.1, D)) @ mix + shift


def pairs(dgm_eval: str | None) -> Iterator[Pair]:
    """One for each protocol and metric.

    Args:
        dgm_eval: folder of a checkout of layer6ai-labs/dgm-eval; without it the formulas are
            restated.
    """
    real, fake = rows(0), rows(1, shift=0.2)
    logits = np.random.default_rng(2).normal(size=(N, CLASSES)) * 2

    def ours(protocol: str, metric: str, **changed: object) -> Callable[[], float]:
        options = {**PROTOCOLS[protocol].fixed(metric), **changed}

        def run() -> float:
            if metric == "inception_score":
                return float(ganeval.inception_score(logits, **options))
            if metric in ("precision", "recall", "density", "coverage"):
                return float(getattr(ganeval.prdc(real, fake, **options), metric))
            sides = {"real": real, "fake": fake}
            if metric == "authpct":
                sides = {"real": rows(5), "fake": fake, "train": real}
            return float(metrics_named(metric)[0].function(**sides, **options))

        return run

    def pair(protocol, metric, theirs, *, original, note="", **changed):
        return Pair(protocol, metric, theirs, ours(protocol, metric, **changed), original, note)

    yield pair("pytorch-fid", "fid", lambda: _pytorch_fid(real, fake), original=True)
    yield pair("clean-fid", "fid", lambda: _clean_fid(real, fake), original=True)
    every = "each subset is everything, since the tool's draws follow a global generator"
    yield pair(
        "clean-fid", "kid", lambda: _clean_kid(real, fake), original=True, note=every, subsets=1
    )
    yield from _torch_fidelity(pair, real, fake, logits)
    yield from _torchmetrics(pair, real, fake, logits, every)
    yield pair("adm", "fid", lambda: _fid(real, fake), original=False)
    yield pair(
        "adm", "inception_score", lambda: _adm_is(logits, 250), original=False, split_size=250,
        note="splits of 250 of 900 images",
    )  # fmt: skip
    for metric, swap in (("precision", False), ("recall", True)):
        sides = (fake, real) if swap else (real, fake)
        yield pair("adm", metric, lambda sides=sides: _covered(*sides, k=3), original=False)
    yield pair("edm2", "fid", lambda: _edm2(real, fake), original=False)
    yield from _dgm_eval(pair, real, fake, dgm_eval, every)
    if "sfid" in METRICS:
        yield pair("adm", "sfid", lambda: _fid(real, fake), original=False)
    if "mind" in METRICS:
        yield pair(
            "mind", "mind", lambda: _mind(real, fake), original=False,
            note="along ganeval's 1000 lines; the tool draws its own",
        )  # fmt: skip
    yield pair("cmmd", "kid", lambda: _cmmd(real, fake), original=False)


def _fid(real: np.ndarray, fake: np.ndarray) -> float:
    from pytorch_fid.fid_score import calculate_frechet_distance

    moments = [(x.mean(0), np.cov(x, rowvar=False)) for x in (fake, real)]
    return float(calculate_frechet_distance(*moments[0], *moments[1]))


_pytorch_fid = _fid


def _clean_fid(real: np.ndarray, fake: np.ndarray) -> float:
    from cleanfid.fid import fid_from_feats

    return float(fid_from_feats(fake, real))


def _clean_kid(real: np.ndarray, fake: np.ndarray) -> float:
    from cleanfid.fid import kernel_distance

    return float(kernel_distance(fake, real, num_subsets=1, max_subset_size=N))


def _torch_fidelity(pair, real, fake, logits) -> Iterator[Pair]:
    from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc

    x, y, z = (torch.from_numpy(a) for a in (fake, real, logits))
    moments = [metric_fid.fid_features_to_statistics(a) for a in (x, y)]
    yield pair(
        "torch-fidelity", "fid", original=True,
        theirs=lambda: metric_fid.fid_statistics_to_metric(*moments, verbose=False)[
            metric_fid.KEY_METRIC_FID
        ],
    )  # fmt: skip
    yield pair(
        "torch-fidelity", "kid", original=True, subset_size=300, note="subsets of 300",
        theirs=lambda: metric_kid.kid_features_to_metric(
            x, y, kid_subsets=100, kid_subset_size=300, rng_seed=2020, verbose=False
        )[metric_kid.KEY_METRIC_KID_MEAN],
    )  # fmt: skip
    yield pair(
        "torch-fidelity", "inception_score", original=True,
        theirs=lambda: metric_isc.isc_features_to_metric(z)[metric_isc.KEY_METRIC_ISC_MEAN],
    )  # fmt: skip
    found = metric_prc.prc_features_to_metric(x, y, verbose=False, save_cpu_ram=True)
    for metric in ("precision", "recall"):
        share = found[getattr(metric_prc, f"KEY_METRIC_{metric.upper()}")]
        plain = pair("torch-fidelity", metric, lambda share=share: share, original=True)
        yield plain._replace(
            ours=lambda ours=plain.ours: float(np.float32(ours())),
            note="the tool's is a float32, to which ours is rounded",
        )


def _torchmetrics(pair, real, fake, logits, every) -> Iterator[Pair]:
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.inception import InceptionScore
    from torchmetrics.image.kid import KernelInceptionDistance

    class Rows(torch.nn.Module):
        """Images that are feature rows already."""

        num_features = D

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    class Logits(Rows):
        num_features = CLASSES

    def computed(metric, inputs) -> float:
        metric.set_dtype(torch.float64)
        for x, more in inputs:
            metric.update(torch.from_numpy(x), **more)
        value = metric.compute()
        return float(value[0] if isinstance(value, tuple) else value)

    sides = [(real, {"real": True}), (fake, {"real": False})]
    yield pair(
        "torchmetrics", "fid", original=True,
        theirs=lambda: computed(
            FrechetInceptionDistance(Rows(), input_img_size=(1, 1, D)).set_dtype(torch.float64),
            sides,
        ),
    )  # fmt: skip
    yield pair(
        "torchmetrics", "kid", original=True, note=every, subsets=1, subset_size=N,
        theirs=lambda: computed(KernelInceptionDistance(Rows(), subsets=1, subset_size=N), sides),
    )  # fmt: skip
    yield pair(
        "torchmetrics", "inception_score", original=True, splits=1,
        note="one split, since the tool's draws follow a global generator",
        theirs=lambda: computed(InceptionScore(Logits(), splits=1), [(logits, {})]),
    )  # fmt: skip


def _dgm_eval(pair, real, fake, folder: str | None, every: str) -> Iterator[Pair]:
    own = folder is not None
    if folder is None:
        from prdc import compute_prdc

        found = compute_prdc(real, fake, nearest_k=5)
        values = {"fid": _fid(real, fake), "kid": _clean_kid(real, fake)}
        values["authpct"] = _authpct(real, fake)
    else:
        import importlib.util
        from pathlib import Path

        def module(name):
            path = Path(folder) / "dgm_eval" / "metrics" / f"{name}.py"
            spec = importlib.util.spec_from_file_location(name, path)
            loaded = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(loaded)
            return loaded

        found = module("prdc").compute_prdc(real, fake, nearest_k=5)
        values = {
            "fid": module("fd").compute_FD_with_reps(real, fake),
            "kid": module("mmd").compute_mmd(real, fake, n_subsets=1, subset_size=N)[0],
            "authpct": module("authpct").compute_authpct(real, fake),
        }
    for metric, value in {**values, **found}.items():
        changed = {"subsets": 1} if metric == "kid" else {}
        note = every if metric == "kid" else ""
        made = pair(
            "dgm-eval", metric, lambda value=value: float(value), original=own, note=note, **changed
        )
        if metric == "authpct" and own:
            made = made._replace(
                ours=lambda ours=made.ours: float(np.float32(ours())),
                note="the tool's is a float32, to which ours is rounded",
            )
        yield made


def _authpct(train: np.ndarray, fake: np.ndarray) -> float:
    from scipy.spatial.distance import cdist

    among = cdist(train, train)
    np.fill_diagonal(among, np.inf)
    to_fakes = cdist(train, fake)
    nearest = to_fakes.argmin(0)
    return float(100 * (among.min(0)[nearest] < to_fakes.min(0)).mean())


def _adm_is(logits: np.ndarray, size: int) -> float:
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    scores = []
    for start in range(0, len(p), size):
        part = p[start : start + size]
        kl = part * (np.log(part) - np.log(part.mean(0, keepdims=True)))
        scores.append(np.exp(kl.sum(1).mean()))
    return float(np.mean(scores))


def _covered(balls: np.ndarray, points: np.ndarray, *, k: int) -> float:
    """Share of points within the distance of some ball's centre to its k-th nearest other."""
    from scipy.spatial.distance import cdist

    radii = np.partition(cdist(balls, balls), k, axis=1)[:, k]
    return float((cdist(points, balls) <= radii).any(1).mean())


def _edm2(real: np.ndarray, fake: np.ndarray) -> float:
    from scipy.linalg import sqrtm

    stats = []
    for x in (fake, real):
        mu = x.sum(0) / len(x)
        stats.append((mu, (x.T @ x - np.outer(mu, mu) * len(x)) / (len(x) - 1)))
    (m1, s1), (m2, s2) = stats
    root = sqrtm(s1 @ s2)
    return float(np.real(np.square(m1 - m2).sum() + np.trace(s1 + s2 - root * 2)))


def _mind(real: np.ndarray, fake: np.ndarray) -> float:
    from ganeval.metrics.sliced_wasserstein.transport import orthogonal_directions

    lines = np.asarray(orthogonal_directions(D, 1000))
    lines = lines if lines.shape[0] == 1000 else lines.T
    x, y = (np.sort(side @ lines.T, axis=0) for side in (real, fake))
    return float(3 * D * ((x - y) ** 2).mean())


def _cmmd(real: np.ndarray, fake: np.ndarray) -> float:
    def mean(x: np.ndarray, y: np.ndarray) -> float:
        squares = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T
        return float(np.exp(-squares / (2 * 10**2)).mean())

    return 1000 * (mean(real, real) + mean(fake, fake) - 2 * mean(real, fake))
