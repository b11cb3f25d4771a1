"""Log-likelihood of the reals under a Gaussian kernel density of the fakes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.kde.bandwidth import likeliest_bandwidth
from ganeval.metrics.kde.estimates import Window, of_all, of_draws, real_reference
from ganeval.metrics.kde.split import every
from ganeval.metrics.spine import (
    COUNT,
    METRICS,
    SEED,
    SHARE,
    WIDTH,
    Metric,
    Pair,
    Score,
    Side,
    check_level,
    here,
    scored,
    sums_over_ranks,
)
from ganeval.statistics import Estimate

MOST_HELD_OUT = 1000
"""One number needs no more reals to be chosen by."""

FEW_HELD_OUT = 10

MOST_FEATURES = 50
"""Above, no number of images that anybody has makes a kernel density resemble the density."""


@sums_over_ranks
def kde_log_likelihood(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    bandwidth: Annotated[float | None, "Of the kernel. (default: the likeliest)", WIDTH] = None,
    total: Annotated[bool, "The sum over reals instead of the mean."] = False,
    subsets: Annotated[int | None, "Mean over this many random draws of both sides.", COUNT] = None,
    subset_size: Annotated[int | None, "Images per draw and side. (default: 256)", COUNT] = None,
    fast: Annotated[bool, "In float32 where that costs under 0.001 nats."] = False,
    interval: Annotated[bool, "With an interval and a reference."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Of the draws.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Mean log-likelihood of the reals under a kernel density (Parzen window) of the fakes.

    An isotropic Gaussian of one bandwidth h at every fake; the reals are the queries. Exact, over
    all pairs. A mode that the fakes lack costs much: its reals are far from every kernel.

    It judges the density that this number of fakes gives at this bandwidth, not the generator's
    own. More fakes make a better density: compare at equal numbers only, in few features (about 50
    at most), and with `details["real_reference"]`: what half of the reals give as centres for the
    other half, and what as many fakes give for it.

    Args:
        real: images, Features, rows [n, d], or a path to any of them; the queries.
        fake: the generated side, in any of these forms, [m, e] with e = d; the centres.
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
        interval: False computes the value alone.
        level: coverage of the interval.
        seed: of the draws.
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

    Example:
        >>> ganeval.kde_log_likelihood("real/", "fake/", feature_net="lin41").value

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
    # Each image that both sides have is a kernel on a query.
    pair = Pair.take(
        real, fake, feature_net, metric="kde_log_likelihood", bearable=0, interval=interval
    )
    queries = _Queries.of(*pair.sides) if bandwidth is None else _Queries(pair.sides[0], bandwidth)
    window, rest = Window(queries.bandwidth, fast), queries.side
    options: dict[str, Any] = {"bandwidth": bandwidth, "total": total, "fast": fast}
    warnings = [*queries.warnings, *_many_features(rest.d)]
    if subsets is None:
        influences = interval and pair.odd.dependence is None
        found = of_all(rest, pair.fake, window, influences=influences)
        if influences and found.reason is None:
            warnings += _skewed(len(rest.rows), found.details["skewness_over_queries"])
    else:
        size = 256 if subset_size is None else subset_size
        options |= {"subsets": subsets, "subset_size": size}
        found = of_draws(rest.rows, pair.fake.rows, window, draws=subsets, size=size, seed=seed)
    details = {**queries.details, "bandwidth": window.bandwidth, **found.details}
    if total:
        found = found.times(details["queries"])
        if details.get("std_over_subsets") is not None:
            details["std_over_subsets"] *= details["queries"]
    if interval:
        assert rest.features is not None and pair.fake.features is not None
        details["real_reference"] = real_reference(rest.features, pair.fake.features, window)
    score = scored(
        "kde_log_likelihood",
        pair,
        replace(found, details=details),
        options=options,
        level=level,
        seed=seed,
        interval=interval,
        warnings=warnings,
    )
    return replace(score, protocol={**score.protocol, "precision": details["precision"]})


def _estimate(real: Side, fake: Side) -> Estimate:
    """At the likeliest bandwidth."""
    queries = _Queries.of(real, fake)
    return of_all(queries.side, fake, Window(queries.bandwidth))


@dataclass(frozen=True, eq=False)
class _Queries:
    """The reals that are queries: all, or those that did not choose the bandwidth."""

    side: Side
    bandwidth: float
    details: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, real: Side, fake: Side) -> "_Queries":
        """Those that are left once some have chosen the likeliest bandwidth."""
        assert real.features is not None
        chosen = every(real.features, max(4, math.ceil(len(real.features) / MOST_HELD_OUT)))
        best = likeliest_bandwidth(here(real.rows, np.flatnonzero(chosen)), fake.rows)
        n = int(chosen.sum())
        return cls(
            real.part(np.flatnonzero(~chosen)),
            best.value,
            {"held_out": n, "centres_per_query": best.centres_per_query},
            tuple(_unsure(n, best.centres_per_query)),
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
            "narrow end of the search: fakes that are nearly copies, or too few of them"
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


def _notes(score: Score) -> list[str]:
    """What a perfect generator would get."""
    if (reference := score.details.get("real_reference")) is None:
        return []
    return [
        f"half of the reals for the other half: {reference['value']:.4g} (as many fakes: "
        f"{reference['fake_value']:.4g}; {reference['centres']} centres, "
        f"{reference['queries']} queries)"
    ]


METRICS.add(
    "kde_log_likelihood",
    Metric(
        name="kde_log_likelihood",
        command="kde",
        label="KDE log-likelihood",
        function=kde_log_likelihood,
        estimate=_estimate,
        better="higher",
        symmetric=False,
        shift_invariant=True,
        notes=_notes,
    ),
)
