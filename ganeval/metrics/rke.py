"""Rényi kernel entropy: how many different images there seem to be."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs import (
    Frame,
    Guests,
    Points,
    half_of_typical_distance,
    travelled,
)
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
    own_score_note,
    scored,
    sums_over_ranks,
)
from ganeval.shared import Found, Share, each, in_order, sum_of, work
from ganeval.statistics import NO_PAIR, Estimate, Part, Sampling, spread


@sums_over_ranks
def rke(
    fake: Any,
    *,
    real: Any = None,
    feature_net: Any = None,
    bandwidth: Annotated[
        float | None,
        "Features closer than this count as alike. (default: half of REAL's typical distance)",
        WIDTH,
    ] = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Rényi kernel entropy (RKE) of generated images: how many different ones there seem to be.

    n² / Σ k(x, x')² over all pairs, with the Gaussian kernel k = exp(−|x − x'|² / 2σ²): the
    exponential of the entropy of order 2. Fakes in c modes of equal size, each much narrower than σ
    and far from the others, score c. It says nothing about how real they look: compare it with the
    reals' own score in `details`.

    Each image's pair with itself adds 1/n to the mean of k², so that no score exceeds n;
    `corrected` leaves those pairs out and estimates the score at n → ∞.

    Args:
        fake: images, Features, rows [n, d], or a path to any of them.
        real: the real side, in any of these forms, [m, e] with e = d, for the bandwidth and for
            the reals' own score. The fakes come first here, other than in most metrics: if the
            sides are swapped, nothing can notice.
        feature_net: for images; see `extract`.
        bandwidth: σ, in feature units. None takes half of the root mean square distance between
            reals, so that all models are measured against the same reals on the same scale. Some
            50 separate modes can be distinguished at that; the count grows as σ shrinks.
        interval: False computes the plain value alone.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score from 1 (all alike) to n, higher is more varied. The interval is for the score at this
        bandwidth, which other reals would set otherwise. `corrected` and the interval are None
        where no two independent images are alike at it.

    Raises:
        InputError: neither reals nor a bandwidth, under 2 images on a side, NaN, or sides that do
            not fit together.

    Example:
        >>> ganeval.rke("fake/", "real/", feature_net="lin41").corrected

    Source: Jalali et al. 2023, An information-theoretic evaluation of generative models in
    learning multi-modal distributions, NeurIPS.
    """
    check_level(level)
    if bandwidth is not None and not bandwidth > 0:
        raise InputError(f"bandwidth is {bandwidth:g}; wanted a distance above 0")
    pair = Pair.take(real, fake, feature_net, metric="rke", one_sided=True)
    if bandwidth is not None:
        sigma = bandwidth
    elif pair.real is not None:
        sigma = half_of_typical_distance(pair.real.rows)
    else:
        raise InputError(
            "rke needs a scale on which images are alike; give the reals, or a bandwidth"
        )
    found = _of_one_side(pair.fake, sigma)
    if pair.real is not None:
        own = _of_one_side(pair.real, sigma)
        real = {"value": own.value, "corrected": own.corrected}
        found = replace(found, details={**found.details, "real": real})
    return scored(
        "rke",
        pair,
        found,
        options={"bandwidth": bandwidth},
        level=level,
        seed=seed,
        interval=interval,
        compare_reals=bandwidth is None,
    )


def _estimate(real: Side, fake: Side) -> Estimate:
    """Of the fakes, on the scale of the reals."""
    return _of_one_side(fake, half_of_typical_distance(real.rows))


def _of_one_side(side: Side, sigma: float) -> Estimate:
    """Of one side, from means of k² over pairs of independent images.

    Over such pairs the mean U of k² is unbiased; with chosen class sizes it is Σ w_a w_b M_ab,
    with M_ab that of two classes and w their shares. The influence on −log U is −2 (r − U)/U, with
    r the mean over an image's pairs, and −log U is above its limit by half its variance.
    """
    sampling, n = side.sampling, side.sampling.n
    total, sums = _sums(side, sigma)
    value = n * n / (n + total)
    details = {"log_rke": float(np.log(value)), "bandwidth": sigma}
    others = _independent(sampling)
    classes = np.eye(sums.shape[1])[sampling.stratum]
    pairs, alike = classes.T @ others, classes.T @ sums
    if (pairs == 0).any():
        reason = NO_PAIR
        if sampling.classes is None:
            reason = "no two images are independent"
        return Estimate(value, reason=reason, details=details)
    if not alike.any():
        reason = "no two images are alike at this bandwidth"
        return Estimate(value, reason=reason, details=details)
    sizes = classes.sum(0)
    weights = np.outer(sizes, sizes) / n**2 / pairs
    u = float((weights * alike).sum())
    of_image = (
        weights[sampling.stratum] * (sums - (alike / pairs)[sampling.stratum] * others)
    ).sum(1)
    influence = _without_units(-2 * n / u * of_image, others.sum(1), sampling)
    variance = spread([Part(influence, sampling)]).variance
    corrected = float(np.exp(-variance / 2) / u)
    part = Part(corrected * influence, sampling)
    limits = (1.0, float("inf"))
    return Estimate(value, corrected, (part,), scale="log", limits=limits, details=details)


def _sums(side: Side, sigma: float) -> tuple[float, np.ndarray]:
    """Σ k² of all pairs of different images, and [n, c] of each image with independent ones.

    Pairs count in both orders.
    """
    unit, stratum = side.sampling.unit, side.sampling.stratum
    classes = len(side.sampling.units_per_class)
    found = each(side.rows, _alike, sigma=sigma, unit=unit, stratum=stratum, classes=classes)
    return float(sum_of(found, "total")), in_order(side.rows, found, "sums")


@work
def _alike(
    share: Share, *, sigma: float, unit: np.ndarray, stratum: np.ndarray, classes: int
) -> Found:
    """Σ k² of the pairs that meet here, and [s, c] of each image of this share."""
    frame = Frame.around(share)
    every, device = frame.points(share.rows, keep=False), frame.center.device
    units = torch.from_numpy(unit).to(device)
    member = torch.from_numpy(np.eye(classes)[stratum]).to(device)
    own, total = torch.from_numpy(share.own).to(device), 0.0

    def start(guests: int) -> dict[str, Tensor]:
        return {"sums": torch.zeros((guests, classes), dtype=torch.float64, device=device)}

    def meet(rows: slice, guests: Guests, itself: bool) -> None:
        nonlocal total
        x, of_x, sums = every.part(rows), own[rows], here[rows]
        y, of_y, there = x, of_x, sums
        if not itself:
            y, of_y = frame.points(guests.rows, keep=False), torch.from_numpy(guests.own).to(device)
            there = guests.found["sums"]
        for i in x.tiles():
            for j in y.tiles():
                if itself and j.start < i.start:
                    continue  # each pair once
                diagonal = itself and i == j
                alike = _squared_kernel(x, i, y, j, sigma)
                if diagonal:
                    alike.fill_diagonal_(0.0)
                total += float(alike.sum()) * (1 if diagonal else 2)
                alike.masked_fill_(units[of_x[i], None] == units[of_y[j]], 0.0)
                sums[i] += alike @ member[of_y[j]]
                if not diagonal:
                    there[j] += alike.T @ member[of_x[i]]

    here = start(len(share.rows))["sums"]
    for at, found in travelled(share, start, meet):
        here[at] += found["sums"]
    return {"total": np.array(total), "sums": to_numpy(here)}


def _independent(sampling: Sampling) -> np.ndarray:
    """[n, c] images of each class that are not in an image's own unit."""
    own = np.zeros((sampling.n_units, len(sampling.units_per_class)))
    np.add.at(own, (sampling.unit, sampling.stratum), 1.0)
    return np.asarray(np.bincount(sampling.stratum) - own[sampling.unit])


def _without_units(influence: np.ndarray, others: np.ndarray, sampling: Sampling) -> np.ndarray:
    """[n] scaled to what leaving an image's unit out does to −log U.

    Without a unit U has fewer pairs too, which counts where units are few. With chosen class sizes
    the pairs are taken to be spread evenly over the classes.
    """
    pull = np.bincount(sampling.unit, influence) / sampling.n
    pairs = np.bincount(sampling.unit, others)
    rest = pairs.sum() - 2 * pairs
    if (rest <= 0).any():
        return influence
    more = pairs.sum() / rest
    left = 1 - np.bincount(sampling.unit) / sampling.n
    change = np.log1p(np.maximum(more * pull, -0.999))
    factor = left * np.where(pull == 0, more, change / np.where(pull == 0, 1.0, pull))
    return np.asarray(influence * factor[sampling.unit])


def _squared_kernel(x: Points, i: slice, y: Points, j: slice, sigma: float) -> Tensor:
    """[t, r] exp(−|x − y|² / σ²); exactly 1 for copies, at any σ."""
    squared = x.product(i, y, j, torch.float64)
    squared += x.norms[i, None]
    squared += y.norms[j]
    squared.clamp_(min=0).masked_fill_(x.keys[i, None] == y.keys[j], 0.0)
    return squared.mul_(-1 / max((sigma * x.scale) ** 2, 1e-300)).exp_()


def _notes(score: Score) -> list[str]:
    """The reals' own score."""
    real = score.details.get("real")
    return [] if real is None else [own_score_note(real)]


METRICS.add(
    "rke",
    Metric(
        name="rke",
        command="rke",
        label="RKE",
        function=rke,
        estimate=_estimate,
        better="higher",
        symmetric=False,
        one_sided=True,
        scale_power=0.0,
        shift_invariant=True,
        notes=_notes,
    ),
)
