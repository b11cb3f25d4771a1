"""Aggregated MMD test: do real and generated images come from one distribution?"""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import to_float64
from ganeval.errors import InputError
from ganeval.lazy import torch
from ganeval.metrics.mmd.discrepancies import TILE, discrepancies
from ganeval.metrics.mmd.kernels import KERNELS, Standardised
from ganeval.metrics.spine import (
    COUNT,
    METRICS,
    SAME_IMAGES,
    SEED,
    SHARE,
    Metric,
    Pair,
    Score,
    Units,
    check_level,
    over_ranks,
    pair_units,
    scored,
)
from ganeval.statistics import Estimate, permutation_p_value, permutations, permuted_sides


@over_ranks
def mmd(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    permutations: Annotated[
        int, "Of the sides, for the p-value: it is at least 1 / (1 + this).", COUNT
    ] = 499,
    level: Annotated[float, "Accepted for uniformity; unused.", SHARE] = 0.95,
    seed: Annotated[int, "Of the permutations.", SEED] = 0,
    progress: Callable[[int, int], None] | None = None,
    process_group: Any = None,
) -> Score:
    """Aggregated MMD test: the p-value of "real and fake come from one distribution".

    The squared maximum mean discrepancy (MMD²) is computed for Gaussian and Laplace kernels of
    several bandwidths, for the cubic kernel of KID and for a quadratic one that compares
    covariances; each is measured in standard deviations of its values after random permutations of
    the sides. Their soft maximum is the statistic, and its rank among those of the permutations the
    p-value, which is exact for any number of images, features, kernels and nets. Whole groups, and
    images with all their exact copies, are permuted as one; class sizes that were chosen stay.

    Features are standardised over both sides, so that units do not matter.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: the generated side, in any of these forms.
        feature_net: for images; see `extract`. A tuple of nets tests by all of them at once, with
            one p-value.
        permutations: of the sides.
        level: accepted for uniformity; unused.
        seed: of the permutations; nothing else is random.
        progress: called with (tiles of the kernels done, tiles in all).
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score whose `value` is the statistic: about 0 to 2 where nothing differs, and then the
        number of standard deviations by which the sides differ, as the kernels see them that see
        most. It grows with the number of images. `details` has `p_value`, what `seen_by` (net,
        kernel, bandwidth) is, and of all `kernels` the MMD², its standard deviations `z` and the
        p-value that this kernel alone would have.

    Raises:
        InputError: a side with one image or one group, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.mmd("real/", "fake/", feature_net="lin41").details["p_value"]

    Source: Gretton et al. 2012, JMLR 13:723; aggregation: Schrab et al. 2023, JMLR 24:194, and
    Biggs, Schrab & Gretton 2023, arXiv:2306.08777; p-value: Phipson & Smyth 2010,
    doi:10.2202/1544-6115.1585.
    """
    check_level(level)
    nets = list(feature_net) if isinstance(feature_net, list | tuple) else [feature_net]
    if not nets:
        raise InputError("feature_net is empty; give a feature net, or several")
    # Copies are units: any number of them is bearable.
    pairs = [Pair.take(real, fake, net, metric="mmd", bearable=math.inf) for net in nets]
    units = pair_units(pairs[0])
    sides = _sides(units, permutations, seed)
    tiles = math.ceil(len(units.of) / TILE)
    values = discrepancies(
        [_standardised(pair, units) for pair in pairs],
        sides,
        units.of,
        _counting(progress, tiles * (tiles + 1) // 2),
    )
    z = _standard_deviations(values)
    statistics = np.logaddexp.reduce(z, axis=0) - math.log(len(z))
    return scored(
        "mmd",
        pairs[0],
        Estimate(
            float(statistics[0]),
            reason="a test statistic",
            details=_details(pairs, values, z, statistics),
        ),
        level=level,
        seed=seed,
        options={"permutations": permutations, "nets": _names(pairs) if len(pairs) > 1 else None},
        warnings=[text for pair in pairs[1:] for text in pair.odd.warnings],
        at_this_n=True,
    )


def _sides(units: Units, count: int, seed: int) -> np.ndarray:
    """[n, 1 + count] bool: the sides as they are, and after each permutation of the units."""
    moves = permutations(units.kinds, units.strata, count=count, seed=seed)
    moved = (permuted_sides(units.real, units.of, units.kinds, move) for move in moves)
    return np.stack([units.real, *moved], axis=1)


def _standardised(pair: Pair, units: Units) -> Standardised:
    """The rows of both sides in the units' order."""
    real, fake = (to_float64(side.rows) for side in pair.sides)
    rows = torch.cat([real, fake.to(real.device)])
    return Standardised.of(rows[torch.from_numpy(units.order).to(rows.device)])


def _standard_deviations(values: np.ndarray) -> np.ndarray:
    """[k, b] less the mean over all permutations, in their standard deviations.

    The sides as they are count as one of the permutations, so that all are treated alike.
    """
    centred = values - values.mean(1, keepdims=True)
    deviation = values.std(1, keepdims=True)
    flat = deviation <= 1e-12 * np.abs(values).max(1, keepdims=True)
    return np.asarray(np.where(flat, 0.0, centred / np.where(flat, 1.0, deviation)))


def _details(
    pairs: Sequence[Pair], values: np.ndarray, z: np.ndarray, statistics: np.ndarray
) -> dict[str, Any]:
    kernels: list[dict[str, Any]] = [
        {
            "net": name,
            "kernel": kernel.name,
            "bandwidth": kernel.bandwidth,
            "mmd_squared": float(value[0]),
            "z": float(deviations[0]),
            "p_value": permutation_p_value(deviations[0], deviations[1:]),
        }
        for (name, kernel), value, deviations in zip(
            ((name, kernel) for name in _names(pairs) for kernel in KERNELS), values, z, strict=True
        )
    ]
    best = max(kernels, key=lambda found: found["z"])
    same = pairs[0].odd.same
    return {
        "p_value": 1.0 if same else permutation_p_value(statistics[0], statistics[1:]),
        "p_value_method": SAME_IMAGES if same else f"{len(statistics) - 1} permutations",
        "seen_by": {name: best[name] for name in ("net", "kernel", "bandwidth")},
        "kernels": kernels,
    }


def _names(pairs: Sequence[Pair]) -> list[str]:
    """Of the feature nets; `features` where no net is known."""
    return [(pair.fake.protocol.get("net") or {}).get("name") or "features" for pair in pairs]


def _counting(progress: Callable[[int, int], None] | None, total: int) -> Callable[[int], None]:
    if progress is None:
        return lambda tiles: None
    count = 0

    def done(tiles: int) -> None:
        nonlocal count
        count += tiles
        progress(count, total)

    return done


def _notes(score: Score) -> list[str]:
    """The p-value, and which kernel saw most."""
    found, best = score.details, score.details["seen_by"]
    width = "" if best["bandwidth"] is None else f" of {best['bandwidth']:g} median distances"
    several = len({kernel["net"] for kernel in found["kernels"]}) > 1
    by = f" on {best['net']}" if several else ""
    return [
        f"p = {found['p_value']:.3g} ({found['p_value_method']})",
        f"the {best['kernel']} kernel{width}{by} sees most",
    ]


METRICS.add(
    "mmd",
    Metric(
        name="mmd",
        command="mmd",
        label="MMD test",
        function=mmd,
        better="lower",
        symmetric=True,
        ideal=0.0,
        scale_power=0.0,
        shift_invariant=True,
        seeded=True,
        notes=_notes,
    ),
)
