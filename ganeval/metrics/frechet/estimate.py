"""Fréchet's distance of two sides: plain, without the bias of finite n, and each image's influence.

Both sides are seen in coordinates in which their covariances are simple: with S₁ = LLᵀ and
LᵀS₂L = U diag(c²) Uᵀ, z₁ = UᵀL⁻¹(x − μ₁) and z₂ = diag(1/c) UᵀLᵀ(y − μ₂) have unit covariance, and
the overlap tr (S₁S₂)^½ is Σ c. With W_ij = c_i c_j / (c_i + c_j), a small change A of the
covariance of z₁ and B of that of z₂ moves the distance by −Σ c_i (A_ii + B_ii), next to what it
does to the traces, and to second order by ½ Σ W_ij (A_ij − B_ij)².

The standard error is that of the mean influence (`statistics/spread.py`), the interval that of a
squared distance (`distance_interval` in `statistics/intervals.py`).
"""

from collections.abc import Sequence

import numpy as np

from ganeval.arrays import Array
from ganeval.lazy import torch
from ganeval.metrics.frechet.distance import Distance, Gaussian, distance
from ganeval.metrics.frechet.frame import Frame
from ganeval.metrics.frechet.overlap import population_overlap
from ganeval.metrics.frechet.seen import Seen, shared_groups
from ganeval.metrics.frechet.tails import TOO_HEAVY, too_heavy
from ganeval.metrics.spine import SAME_IMAGES, Side
from ganeval.shared import SharedRows, taken_rows
from ganeval.statistics import Estimate, Part, spread, unknown_class

MOST_FEATURES_PER_IMAGE = 0.95
"""Beyond, so little is known of the narrowest directions that nothing corrects for them."""

_ROUNDING = 1e-12
"""Share of all variance below which a distance is rounding."""


def estimate(real: Side, fake: Side, *, interval: bool = True) -> Estimate:
    """The Fréchet distance of two sides, corrected for finite n, with influences.

    It is the plain value alone without `interval`, and where statistics or the number of images do
    not suffice; then `reason` says so.

    Source: influences by Rippl, Munk & Sturm 2016, doi:10.1016/j.jmva.2016.06.005; coverage of the
    intervals: benchmarks/calibration.
    """
    with torch.no_grad():
        reason = next(filter(None, map(_says_nothing, (real, fake))), None)
        if reason is None and min(real.n or 0, fake.n or 0) <= real.d:
            reason = "fewer images than features"
        if interval and reason is None:
            return _estimate(real, fake)
        found = distance(_gaussian(real), _gaussian(fake))
        return Estimate(found.value, reason=reason, details=_terms(found))


def _estimate(real: Side, fake: Side) -> Estimate:
    frame = Frame.of(real, fake)
    gap = real.total.mean - fake.total.mean
    plain = Distance(float(gap.square().sum()), float(frame.traces.sum() - 2 * frame.overlap))
    if plain.value <= _ROUNDING * float(frame.traces[0]):
        return Estimate(plain.value, reason=SAME_IMAGES, details=_terms(plain))
    if not len(frame.c):
        reason = "no feature varies on both sides"
        return Estimate(plain.value, reason=reason, details=_terms(plain))
    first = Seen.of(real, frame, frame.to_first, gap)
    second = Seen.of(fake, frame, frame.to_second, -gap)
    # What counts as d/n: Gaussian images have a curvature of Σ W / n, heavy tails and groups more.
    lead, own = float(frame.w.sum()), frame.w.diagonal()
    r = len(frame.c)
    ratios = r * first.curvature / lead, r * second.curvature / lead
    if max(ratios) >= MOST_FEATURES_PER_IMAGE:
        reason = (
            f"{r} features, and images that count as {r / max(ratios):.3g} independent ones, too "
            "few to correct for; take more images, a net with fewer features, or KID"
        )
        return Estimate(plain.value, reason=reason, details=_terms(plain))
    blur = population_overlap(frame.c.square(), ratios) - float(frame.c.sum())
    of_mean = first.mean_cov + second.mean_cov
    twice = 0.0
    if both := shared_groups(real, fake, frame):
        of_mean, twice = of_mean - both.mean_cov, both.curvature
    biases = float(of_mean.trace()) + first.cov_bias + second.cov_bias + 2 * blur - twice
    # Where both sides agree the influences vanish, and the variance is that of ½ Σ W (A − B)².
    curvature = max(first.curvature + second.curvature - 2 * twice, 0.0)
    per_image = curvature / (lead + float(own.sum()))
    second_order = per_image**2 * float(frame.w.square().sum() + own.square().sum())
    parts = Part(first.influence, real.sampling), Part(second.influence, fake.sampling)
    return Estimate(
        plain.value,
        plain.value - biases,
        parts,
        scale="distance",
        second_order=second_order + 2 * float(of_mean.square().sum()),
        widest=_largest_eigenvalue(of_mean),
        reason=TOO_HEAVY if _heavy((first, second), parts) else None,
        details=_terms(plain),
    )


def _says_nothing(side: Side) -> str | None:
    """Why a side says nothing of its error; None where it does."""
    if side.moments is None:
        return unknown_class(side.sampling)
    if side.moments.n_blocks > 1:
        return None
    return f"{side.name} has {'only mu and sigma' if side.n is None else 'no blocks'}"


def _heavy(sides: Sequence[Seen], parts: Sequence[Part]) -> bool:
    """Whether the features of both sides have tails too heavy for an interval."""
    known = [(side.tail, part) for side, part in zip(sides, parts, strict=True) if side.tail]
    tails = [tail for tail, _ in known]
    return too_heavy(tails, [spread([part]).variance for _, part in known])


def _gaussian(side: Side) -> Gaussian:
    """A side's mean and covariance, as a root where it has fewer images than features."""
    if side.rows is not None and len(side.rows) <= side.d:
        return Gaussian.of_rows(_here(side.rows))
    return Gaussian.of_moments(side.total)


def _here(rows: Array) -> Array:
    """The few rows themselves, wherever they are."""
    if isinstance(rows, SharedRows):
        return taken_rows(rows, np.arange(len(rows)))
    return rows


def _terms(found: Distance) -> dict[str, float]:
    return {"mean_term": found.mean_term, "covariance_term": found.covariance_term}


def _largest_eigenvalue(matrix: "torch.Tensor") -> float:
    """Of a positive semi-definite matrix, to a per cent, by powers from its widest column on."""
    vector = matrix[:, int(matrix.diagonal().argmax())]
    for _ in range(30):
        if not bool(vector.any()):
            return 0.0
        vector = matrix @ (vector / vector.norm())
    return float(vector.norm())
