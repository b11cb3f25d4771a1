"""sFID: the Fréchet distance of spatial features, which see where in an image something is."""

import os
from collections.abc import Mapping
from typing import Annotated, Any

from ganeval.errors import InputError
from ganeval.features import Features, as_features, is_feature_file
from ganeval.images import is_feature_array
from ganeval.metrics.frechet import estimate
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Metric,
    Pair,
    Score,
    check_level,
    over_ranks,
    scored,
)
from ganeval.moments import Moments, is_statistics_file

NET = "inception:spatial"
"""Whose features are values at places of an image."""

_ALIKE = ("inception", "inception:torch-fidelity")
"""Nets for which this one stands in: the same network, of which another layer is read."""


@over_ranks
def sfid(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Fréchet distance of spatial features (sFID): does the layout of the images agree?

    FID's features are means over the whole image, which moving its parts hardly changes. These are
    the first 7 channels of an inner layer of Inception at 17 x 17 places (net
    `inception:spatial`, 2,023 features), as in the evaluator of "Diffusion models beat GANs"
    (ADM). The distance, its correction and its interval are those of `fid`.

    Args:
        real: images, Features of that net, Moments, or a path to any of them.
        fake: the generated side, in any of these forms.
        feature_net: None, or a net of your own whose features are places; Inception means
            `inception:spatial`.
        interval: False computes the plain value alone.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in squared feature units; lower is better, 0 is best. As for `fid`, there is no
        correction and no interval for fewer images than features, 2,023.

    Raises:
        InputError: under 2 images on a side, NaN, sides that do not fit together, or features of
            Inception that are means over the image.

    Example:
        >>> ganeval.sfid("real/", "fake/").value

    Source: Nash et al. 2021, arXiv:2103.03841; Dhariwal & Nichol 2021, arXiv:2105.05233.
    """
    check_level(level)
    net = net_for({}, feature_net)
    sides = [side if _has_features(side) else as_features(side, net) for side in (real, fake)]
    first, second = sides
    pair = Pair.take(first, second, None, metric="sfid", statistics=True)
    for side in pair.sides:
        net = (side.protocol.get("net") or {}).get("name")
        if net in _ALIKE:
            raise InputError(
                f"{side.role} has features of net {net!r}, which are means over the whole image; "
                f"extract them with net {NET!r}"
            )
    found = estimate(*pair.sides, interval=interval and not pair.odd.dependence)
    return scored("sfid", pair, found, level=level, seed=seed, interval=interval)


def _has_features(side: Any) -> bool:
    """Whether these are features or statistics, which need no net."""
    if isinstance(side, str | os.PathLike):
        return is_feature_file(side) or is_statistics_file(side)
    return isinstance(side, Features | Moments) or is_feature_array(side)


def net_for(options: Mapping[str, Any], net: Any) -> Any:
    """The spatial net where none or Inception was named."""
    return NET if net is None or net in _ALIKE else net


METRICS.add(
    "sfid",
    Metric(
        name="sfid",
        command="sfid",
        label="sFID",
        function=sfid,
        estimate=estimate,
        better="lower",
        symmetric=True,
        takes_statistics=True,
        net_for=net_for,
        ideal=0.0,
        scale_power=2.0,
        shift_invariant=True,
    ),
)
