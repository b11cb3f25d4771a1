"""Vendi score: how many different images there seem to be, by the entropy of their similarities."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs import Points, half_of_typical_distance
from ganeval.metrics.pairs import pair as points_of
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    WIDTH,
    Metric,
    Pair,
    Score,
    Side,
    check_level,
    hash_rows,
    over_ranks,
    own_score_note,
    scored,
)
from ganeval.statistics import Estimate, Part

MOST = 20_000
"""Images whose similarities, 3.2 GB, can still be decomposed."""

_TINY = 1e-14
"""An eigenvalue, of a sum of 1, that is rounding."""


@over_ranks
def vendi(
    fake: Any,
    *,
    real: Any = None,
    feature_net: Any = None,
    kernel: Annotated[str, "How alike images are: gaussian or cosine."] = "gaussian",
    bandwidth: Annotated[
        float | None,
        "Features closer than this count as alike. (default: half of REAL's typical distance)",
        WIDTH,
    ] = None,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Vendi score of generated images: how many different ones there seem to be.

    exp(−Σ λ log λ) over the eigenvalues λ of K/n, with K the similarities k(x, x') of all pairs: by
    the Gaussian kernel exp(−|x − x'|² / 2σ²), as in `rke`, or by the cosine of features as they
    are. Fakes in c equal and separate modes, each of equal images, score c. It says nothing about
    how real they look: compare it with the reals' own score in `details`.

    It does not converge: it grows with n, past 20,000 images too. Compare it at equal numbers of
    images only; `rke`, of the same kernel, has a correction for n.

    Args:
        fake: images, Features, rows [n, d], or a path to any of them.
        real: the real side, in any of these forms, [m, e] with e = d, for the bandwidth and for
            the reals' own score, which is of n of them if they are more. The fakes come
            first here, as in `rke`.
        feature_net: for images; see `extract`.
        kernel: `gaussian` or `cosine`.
        bandwidth: σ, in feature units, for the Gaussian kernel; None as in `rke`.
        interval: False computes the value alone, which is some three times as fast.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score from 1 (all alike) to n, higher is more varied. The interval is for the mean score
        of samples of this size at this bandwidth, which other reals would set otherwise.

    Raises:
        InputError: neither reals nor a bandwidth for the Gaussian kernel, a bandwidth for the
            cosine, a row of zeros for it, over 20,000 images, under 2, NaN, or sides that do not
            fit together.

    Example:
        >>> ganeval.vendi("fake/", real="real/", feature_net="lin41").value

    Source: Friedman & Dieng 2023, arXiv:2210.02410; that it does not converge: Ospanov & Farnia
    2024, arXiv:2410.21719.
    """
    check_level(level)
    _check_kernel(kernel, bandwidth)
    pair = Pair.take(real, fake, feature_net, metric="vendi", one_sided=True)
    if pair.real is None and kernel == "gaussian" and bandwidth is None:
        raise InputError(
            "vendi needs a scale on which images are alike; give the reals, a bandwidth, or "
            "kernel cosine"
        )
    found = _estimate(pair.real, pair.fake, kernel, bandwidth, interval=interval)
    warnings = [
        f"vendi grows with the number of images ({pair.fake.n} here) and does not converge: "
        "compare it at equal numbers only, or use rke"
    ]
    return scored(
        "vendi",
        pair,
        found,
        options={"kernel": kernel, "bandwidth": bandwidth},
        level=level,
        seed=seed,
        interval=interval,
        compare_reals=kernel == "gaussian" and bandwidth is None,
        at_this_n=True,
        warnings=warnings,
    )


def _check_kernel(kernel: str, bandwidth: float | None) -> None:
    if kernel not in ("gaussian", "cosine"):
        raise InputError(f"kernel is {kernel!r}; wanted gaussian or cosine")
    if kernel == "cosine" and bandwidth is not None:
        raise InputError("kernel cosine has no bandwidth; leave it out, or take kernel gaussian")


def _estimate(
    real: Side | None,
    fake: Side,
    kernel: str = "gaussian",
    bandwidth: float | None = None,
    *,
    interval: bool = True,
) -> Estimate:
    """Of the fakes, on the scale of the reals, and of as many reals."""
    sigma = None
    if kernel == "gaussian":
        sigma = bandwidth
        if sigma is None:
            assert real is not None
            sigma = half_of_typical_distance(real.rows)
    value, influence = _of_rows(fake, sigma, interval)
    details: dict[str, Any] = {"log_vendi": float(np.log(value))}
    if sigma is not None:
        details["bandwidth"] = sigma
    if real is not None:
        some = real
        if len(real.rows) > len(fake.rows):  # whatever their order
            some = real.part(np.sort(np.argsort(hash_rows(real.rows))[: len(fake.rows)]))
        own, _ = _of_rows(some, sigma, False)
        details["real"] = {"value": own, "n": len(some.rows)}
    found = Estimate(value, scale="log", limits=(1.0, float(len(fake.rows))), details=details)
    if influence is None:
        return found
    return replace(found, parts=(Part(value * influence, fake.sampling),))


def _of_rows(
    side: Side, sigma: float | None, with_influence: bool
) -> tuple[float, np.ndarray | None]:
    """Exp of the entropy H, and the influence of each image on H."""
    n = len(side.rows)
    if n > MOST:
        raise InputError(
            f"vendi decomposes the similarities of all pairs, and {side.role} has {n} images; "
            f"give at most {MOST}, or use rke"
        )
    with torch.no_grad():
        root = _unit_rows(side) if sigma is None else None
        if root is not None and root.shape[1] < n:  # K = R Rᵀ has the eigenvalues of Rᵀ R
            values, vectors = torch.linalg.eigh(root.T @ root / n)
            kept = values > _TINY
            values = values[kept]
            shares = (root @ vectors[:, kept]).square() / (n * values)
        else:
            alike = root @ root.T if root is not None else _similarities(side, sigma)
            alike /= n
            if not with_influence:
                values = torch.linalg.eigvalsh(alike)
                values = values[values > _TINY]
            else:
                values, vectors = torch.linalg.eigh(alike)
                kept = values > _TINY
                values, shares = values[kept], vectors[:, kept].square()
        entropy = float(-(values * values.log()).sum())
        value = float(np.clip(np.exp(entropy), 1.0, n))
        return value, to_numpy(_influence(values, shares)) if with_influence else None


def _influence(values: Tensor, shares: Tensor) -> Tensor:
    """[n] (n − 1) times by how much the entropy H changes without each image.

    An infinitesimal change would miss what counts here: an image is alike to itself, so one that
    is unlike all others takes a whole eigenvalue along. Without image i, M = K/n becomes
    M' = M − k kᵀ/n, and with u² = `shares` [n, r] and λ = `values` [r]

        tr M'(M' + t)⁻¹ − tr M (M + t)⁻¹ = −q(t),   q(t) = Σ u² λ/(λ + t)² / Σ u²/(λ + t),

    since det(M' + t) / det(M + t) = t Σ u²/(λ + t). As −x log x = ∫ x/(x + t) − x/(1 + t) dt over
    all t > 0, the entropies of all n sets of n − 1 images cost one product with a matrix. The
    trapezoidal rule over log t is exact to 1e-11 at this step: nothing is singular within π.
    """
    n = len(shares)
    step = 0.75
    t = torch.arange(-32.0, 25.0, step, dtype=torch.float64, device=values.device).exp()
    near = 1 / (values[:, None] + t)  # [r, t]
    outside = (1 - shares.sum(1)).clamp(min=0)  # of u², where λ is 0
    lost = (shares @ (values[:, None] * near.square())) / (shares @ near + outside[:, None] / t)
    # The kernel of an image with itself is 1: the trace falls by 1/n.
    change = ((1 / n / (1 + t) - lost) * t).sum(1) * step
    entropy = -(values * values.log()).sum()
    without = (entropy + change) * (n / (n - 1)) - np.log(n / (n - 1))
    found: Tensor = (n - 1) * (without.mean() - without)
    return found


def _unit_rows(side: Side) -> Tensor:
    """[n, d] of length 1."""
    rows = to_float64(side.rows)
    norms = rows.norm(dim=1, keepdim=True)
    if empty := int((norms == 0).sum()):
        raise InputError(
            f"{empty} rows of {side.role} are all zeros, which have no cosine; use kernel gaussian"
        )
    unit: Tensor = rows / norms
    return unit


def _similarities(side: Side, sigma: float | None) -> Tensor:
    """[n, n] exp(−|x − x'|² / 2σ²)."""
    assert sigma is not None
    points, _ = points_of(side.rows, side.rows)
    n = len(points)
    found = torch.empty((n, n), dtype=torch.float64, device=points.device)
    for i in points.tiles():
        for j in points.tiles():
            if j.start >= i.start:  # each pair once
                tile = _kernel(points, i, j, sigma)
                found[i, j] = tile
                found[j, i] = tile.T
    return found


def _kernel(points: Points, i: slice, j: slice, sigma: float) -> Tensor:
    """[t, r]; exactly 1 for copies, at any σ."""
    squared = points.product(i, points, j, torch.float64)
    squared += points.norms[i, None]
    squared += points.norms[j]
    squared.clamp_(min=0).masked_fill_(points.keys[i, None] == points.keys[j], 0.0)
    return squared.mul_(-0.5 / max((sigma * points.scale) ** 2, 1e-300)).exp_()


def _notes(score: Score) -> list[str]:
    """The reals' own score."""
    real = score.details.get("real")
    return [] if real is None else [f"{own_score_note(real)}, n = {real['n']}"]


METRICS.add(
    "vendi",
    Metric(
        name="vendi",
        command="vendi",
        label="Vendi",
        function=vendi,
        estimate=_estimate,
        better="higher",
        symmetric=False,
        one_sided=True,
        scale_power=0.0,
        shift_invariant=True,
        notes=_notes,
    ),
)
