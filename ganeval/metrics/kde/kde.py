"""Log-likelihood of the reals under a Gaussian kernel density of the fakes."""

import math
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics._blocks import pair_blocks
from ganeval.metrics.kde.bandwidth import likeliest_bandwidth
from ganeval.metrics.kde.estimates import Window, jackknifed, of_draws, plain, real_reference
from ganeval.metrics.kde.split import every
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    check_level,
    check_pair,
    describe,
    examine,
    n_groups,
    over_ranks,
    take_features,
    width,
)

MOST_HELD_OUT = 1000
"""One number needs no more reals to be chosen by."""

FEW_HELD_OUT = 10

MOST_FEATURES = 50
"""Above, no number of images that anybody has makes a kernel density resemble the density."""


@over_ranks
def kde_log_likelihood(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    bandwidth: Annotated[float | None, "Of the kernel. (default: the likeliest)"] = None,
    total: Annotated[bool, "The sum over reals instead of the mean."] = False,
    subsets: Annotated[int | None, "Mean over so many random draws of both sides."] = None,
    subset_size: Annotated[int | None, "Images per draw and side. (default: 256)"] = None,
    fast: Annotated[bool, "In float32 where that costs under 0.001 nats."] = False,
    interval: Annotated[bool, "With an interval and a reference."] = True,
    level: Annotated[float, "Coverage of the interval."] = 0.95,
    seed: Annotated[int, "Of the jackknife's blocks, or of the draws."] = 0,
    process_group: Any = None,
) -> Score:
    """Mean log-likelihood of the reals under a kernel density (Parzen window) of the fakes.

    An isotropic Gaussian of one bandwidth h at every fake; the reals are the queries. Exact, over
    all pairs. A mode that the fakes lack costs much: its reals are far from every kernel.

    It judges the density that so many fakes give at this bandwidth, not the generator's own.
    More fakes make a better density: compare at equal numbers only, in few features (about 50 at
    most), and beside `details["real_reference"]`: what half of the reals give as centres for the
    other half, and what as many fakes give for it.

    Args:
        real: images, Features, rows [n, d], or a path to any of them; the queries.
        fake: likewise, [m, e] with e = d; the centres.
        feature_net: for images; see `extract`.
        bandwidth: h in feature units. None takes the likeliest for a quarter of the reals, at
            most about a thousand, which then are no queries: every fourth image (or group) along
            the first feature, so that no seed moves it.
        total: the sum over queries, which grows with their number.
        subsets: the mean over random draws of `subset_size` images of each side, disjoint as long
            as the images last. It has no interval; `details` has the standard deviation.
        subset_size: images per draw and side.
        fast: products in float32 as long as a bound of their error stays under 0.001 nats;
            `details["precision"]` says what was taken.
        interval: delete-group jackknife over queries and centres; False computes the value alone.
        level: coverage of the interval.
        seed: of the blocks or the draws.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in nats per query (with `total`, in nats), higher is better. `value` is unbiased for
        the expected log-likelihood at this number of fakes and this bandwidth; the interval is
        around it. None for fewer than 30 queries or fakes, or 1000 / d of them (4000 / d in under
        4 features), and where the sides share more than one image.

    Raises:
        InputError: under 2 images or under subset_size on a side, NaN, sides that do not fit, a
            bandwidth that is not positive, or none that is likeliest since all reals are copies.

    Source: Goodfellow et al. 2014, arXiv:1406.2661; its limits: Theis et al. 2016,
    arXiv:1511.01844.
    """
    check_level(level)
    if bandwidth is not None and not 0 < bandwidth < math.inf:
        raise InputError(
            f"bandwidth is {bandwidth:g}; wanted a positive number in units of the features, or "
            "leave it out for the likeliest"
        )
    if subset_size is not None and subsets is None:
        raise InputError(
            f"subset_size is {subset_size}, but the number of draws is missing; give subsets too"
        )
    sides = (
        take_features(real, feature_net, role="real", metric="kde_log_likelihood"),
        take_features(fake, feature_net, role="fake", metric="kde_log_likelihood"),
    )
    check_pair(*sides)
    warnings, dependence = examine(*sides, copies=0)  # each is a kernel on a query
    options: dict[str, Any] = {"bandwidth": bandwidth, "total": total, "fast": fast}
    details: dict[str, Any] = {}
    queries, centres = sides
    rest = np.arange(len(queries))
    if bandwidth is None:
        chosen = every(queries, max(4, math.ceil(len(queries) / MOST_HELD_OUT)))
        best = likeliest_bandwidth(queries.features[chosen], centres.features)
        details |= {"held_out": int(chosen.sum()), "centres_per_query": best.centres_per_query}
        warnings += _unsure(int(chosen.sum()), best.centres_per_query)
        bandwidth, rest = best.value, np.flatnonzero(~chosen)
        # The fingerprint salts the deal into blocks, which the order of rows must not move.
        queries = replace(queries.take(rest), fingerprint=queries.fingerprint)
    window = Window(bandwidth, fast)
    if subsets is not None:
        size = 256 if subset_size is None else subset_size
        options |= {"subsets": subsets, "subset_size": size}
        found = of_draws(queries, centres, window, draws=subsets, size=size, seed=seed)
    elif interval and dependence is None:
        if n_groups(*sides) is None:
            blocks = pair_blocks(queries, centres, seed=seed)
        else:  # each of its groups is a block, also those that were held out
            blocks = pair_blocks(*sides, seed=seed)
            blocks = blocks[0][rest], blocks[1]
        found = jackknifed(queries, centres, window, *blocks)
    else:
        found = plain(queries, centres, window)
    if found.sure is not None:
        warnings += _skewed(found.queries, found.details["skewness_over_queries"])
    if total:
        found = found.total()
    details |= {"bandwidth": bandwidth, "queries": found.queries, "precision": found.precision}
    details |= found.details
    if interval and subsets is not None:
        spread = details["std_over_subsets"]
        each = "" if spread is None else f", whose standard deviation is {spread:.4g}"
        details["no_interval"] = f"the mean of {subsets} draws of {size}{each}"
    elif interval:
        if reason := dependence or found.reason:
            details["no_interval"] = reason
        details["real_reference"] = real_reference(queries, centres, window)
    described = describe(
        "kde_log_likelihood",
        real=sides[0],
        fake=sides[1],
        options=options,
        seed=seed,
        at_this_n=True,
    )
    return Score(
        metric="kde_log_likelihood",
        value=found.value,
        corrected=None,
        interval=None if found.sure is None else found.sure.interval(level),
        level=level,
        std_error=None if found.sure is None else found.sure.std_error,
        better="higher",
        n_real=len(sides[0]),
        n_fake=len(sides[1]),
        n_groups=n_groups(*sides),
        details=details,
        warnings=(*warnings, *_many_features(width(sides[0]))),
        protocol=described.protocol | {"precision": found.precision},
        protocol_id=described.protocol_id,
    )


def _unsure(held_out: int, centres_per_query: float) -> list[str]:
    """What may be wrong with a bandwidth that was chosen."""
    found = []
    if held_out < FEW_HELD_OUT:
        found.append(
            f"{held_out} held-out reals chose the bandwidth, which is few; use more, or give one"
        )
    if centres_per_query < 2:
        found.append(
            f"at the likeliest bandwidth a real rests on {centres_per_query:.1f} fakes, at the "
            "narrow end of the search: fakes that are nearly copies, or too few in so many features"
        )
    return found


def _skewed(n: int, skewness: float) -> list[str]:
    """Cochran's rule for means: a t interval wants more than 25 skewness² of what it averages."""
    if 25 * skewness**2 <= n:
        return []
    return [
        "a few far reals weigh heavily in the log-likelihood; its interval may be too narrow, "
        f"with a skewness of {skewness:.2g} in {n} reals"
    ]


def _many_features(d: int) -> list[str]:
    """Up to about 50 features a kernel density follows the density."""
    if d <= MOST_FEATURES:
        return []
    return [
        f"{d} features: in more than about {MOST_FEATURES} a kernel density says little about the "
        "distribution; use a net with fewer features, or KID"
    ]


METRICS.add(
    "kde_log_likelihood",
    Metric(
        name="kde_log_likelihood",
        command="kde",
        label="KDE log-likelihood",
        function=kde_log_likelihood,
        better="higher",
        symmetric=False,
        shift_invariant=True,
    ),
)
