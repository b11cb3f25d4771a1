"""Kernel distance: unbiased at any number of images."""

from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array
from ganeval.errors import InputError
from ganeval.metrics.pairs import in_blocks, mean_of_blocks, mmd_estimate, pair_sums
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
from ganeval.shared import SharedRows
from ganeval.statistics import Estimate

KERNELS = ("cubic", "gaussian")
BANDWIDTH = 10.0
"""CMMD's bandwidth, for CLIP features."""
GAUSSIAN_SCALE = 1000.0
"""Scores of the Gaussian kernel are multiplied by this factor, as in CMMD."""


@sums_over_ranks
def kid(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    kernel: Annotated[str, "cubic, or gaussian as in CMMD (scores then are times 1000)."] = "cubic",
    bandwidth: Annotated[
        float | None, "Of the gaussian kernel, in units of the features. (default: 10)", WIDTH
    ] = None,
    biased: Annotated[
        bool, "CMMD's published estimator, which counts every image with itself too."
    ] = False,
    subsets: Annotated[
        int | None, "Mean over this many subsets, as torch-fidelity (100).", COUNT
    ] = None,
    subset_size: Annotated[int | None, "Images per subset. (default: 1000, or all)", COUNT] = None,
    blocks: Annotated[
        int | None, "Mean over this many disjoint blocks: a cost that grows with n, not n².", COUNT
    ] = None,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Of the subsets, or blocks.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Kernel distance (KID) of real and generated images: unbiased at any n.

    The full U-statistic of the kernel (x·y/d + 1)³ over all pairs, in float64. Unlike the
    Fréchet distance it needs no more images than features and may be slightly negative.

    `kernel="gaussian"` takes 1000 exp(−|x − y|²/2σ²) instead: CMMD, whose σ is 10 for CLIP
    features of length 1. Differences far below σ hardly count, so choose the bandwidth for other
    nets; scores of different bandwidths are not comparable.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: the generated side, in any of these forms, [m, e] with e = d.
        feature_net: for images; see `extract`.
        kernel: `cubic` or `gaussian`.
        bandwidth: σ of the Gaussian kernel, in units of the features; None is 10.
        biased: for parity with CMMD's published program, `value` is the V-statistic of the
            Gaussian kernel, which finite n raises; `corrected` is free of that.
        subsets: torch-fidelity's protocol instead: the mean over random subsets of both sides,
            the same ones for the same seed (its own is 2020). It has no interval: the spread
            over subsets in `details` is not a standard error.
        subset_size: images per subset, at most the number of images of either side; None takes
            1000, or all of the smaller side where it has fewer, as clean-fid does.
        blocks: for very many images: the mean of the U-statistic over disjoint random blocks of
            both sides, unbiased too, with the standard error of that mean. With blocks of a fixed
            size (n / 1000 of them, say) cost grows with n, and the interval is wider than that
            of all pairs.
        interval: False computes the value alone.
        level: coverage of the interval.
        seed: of the subsets, or of the blocks.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score; lower is better, about 0 is best. For independent images `value` is unbiased: the
        interval is for its estimand, and `corrected` is None. Images of a group resemble each
        other and raise `value`, chosen numbers per class lower it: then `corrected` averages over
        pairs of independent images, class by class. The interval is never below 0.

    Raises:
        InputError: under 2 images or under subset_size on a side, NaN, sides that do not fit, or
            options of the Gaussian kernel without it.

    Example:
        >>> ganeval.kid("real/", "fake/", feature_net="lin41").value

    Source: Bińkowski et al. 2018, arXiv:1801.01401; Gaussian: Jayasumana et al. 2024,
    arXiv:2401.09603.
    """
    check_level(level)
    if subset_size is not None and subsets is None:
        raise InputError(
            f"subset_size is {subset_size}, but the number of subsets is missing; give subsets too"
        )
    if blocks is not None and (subsets is not None or biased):
        other = "biased" if subsets is None else "subsets"
        raise InputError(f"blocks and {other} exclude each other; leave one out")
    options, width, scale = _kernel(kernel, bandwidth, biased, subsets)
    pair = Pair.take(real, fake, feature_net, metric="kid", interval=interval)
    if subsets is not None:
        x, y = (side.rows for side in pair.sides)
        size = min(1000, len(x), len(y)) if subset_size is None else subset_size
        options |= {"subsets": subsets, "subset_size": size}
        values = scale * _subset_values(x, y, subsets, size, seed, width)
        spread = {"spread_over_subsets": float(values.std())}
        found = Estimate(float(values.mean()), reason="subsets overlap", details=spread)
    elif blocks is not None:
        options |= {"blocks": blocks}
        found = _in_blocks(*pair.sides, blocks, seed, width).times(scale)
    else:
        found = mmd_estimate(*pair.sides, bandwidth=width, biased=biased).times(scale)
    return scored(
        "kid",
        pair,
        found,
        options=options,
        level=level,
        seed=seed,
        interval=interval,
        at_this_n=biased and (found.corrected is None or not interval),
    )


def _kernel(
    kernel: str, bandwidth: float | None, biased: bool, subsets: int | None
) -> tuple[dict[str, Any], float | None, float]:
    """Options for the protocol, the Gaussian's bandwidth or None, and the factor of scores."""
    if kernel not in KERNELS:
        raise InputError(f"kernel is {kernel!r}; wanted {' or '.join(KERNELS)}")
    if kernel == "cubic":
        if bandwidth is not None or biased:
            name = "biased" if bandwidth is None else "bandwidth"
            raise InputError(f"{name} is for kernel gaussian; add kernel=gaussian, or leave it out")
        return {}, None, 1.0
    width = BANDWIDTH if bandwidth is None else float(bandwidth)
    if not 0 < width < np.inf:
        raise InputError(f"bandwidth is {width:g}; wanted a positive number, such as 10")
    if biased and subsets is not None:
        raise InputError("subsets are for the unbiased estimator; leave out biased or subsets")
    return {"kernel": kernel, "bandwidth": width, "biased": biased}, width, GAUSSIAN_SCALE


def _subset_values(
    x: Array, y: Array, subsets: int, size: int, seed: int, bandwidth: float | None
) -> np.ndarray:
    """[subsets] estimates; the draws are torch-fidelity's, which takes the fakes first."""
    if subsets < 1 or size < 2:
        raise InputError(f"subsets is {subsets} and subset_size {size}; wanted at least 1 and 2")
    if min(len(x), len(y)) < size:
        raise InputError(
            f"subset_size is {size}, but there are {len(x)} real and {len(y)} fake images; "
            "give a smaller subset_size, or leave out subsets for the estimate from all images"
        )
    rng = np.random.RandomState(seed)  # the peers' generator
    draws = [
        [rng.choice(len(rows), size, replace=False) for rows in (y, x)] for _ in range(subsets)
    ]
    shared = isinstance(x, SharedRows)  # whose rows stay where they are
    if not shared and len(x) ** 2 + len(y) ** 2 > 2 * subsets * size**2:  # most are in no subset
        return np.array(
            [pair_sums(x[of_x], y[of_y], bandwidth=bandwidth).mmd2()[0] for of_y, of_x in draws]
        )
    of_x, of_y = np.zeros((len(x), subsets), bool), np.zeros((len(y), subsets), bool)
    for i, (fakes, reals) in enumerate(draws):
        of_x[reals, i] = of_y[fakes, i] = True
    return pair_sums(x, y, of_x, of_y, bandwidth=bandwidth).mmd2()


def _in_blocks(real: Side, fake: Side, blocks: int, seed: int, bandwidth: float | None) -> Estimate:
    """The mean over disjoint blocks."""

    def score(of_x: np.ndarray, of_y: np.ndarray) -> np.ndarray:
        x, y = (here(side.rows, rows) for side, rows in ((real, of_x), (fake, of_y)))
        return pair_sums(x, y, bandwidth=bandwidth).mmd2()[:1]

    values = in_blocks(real, fake, blocks, score, seed=seed, least=2)
    return mean_of_blocks(values[:, 0], (0.0, np.inf))


def _estimate(real: Side, fake: Side) -> Estimate:
    return mmd_estimate(real, fake)


METRICS.add(
    "kid",
    Metric(
        name="kid",
        command="kid",
        label="KID",
        function=kid,
        estimate=_estimate,
        better="lower",
        symmetric=True,
        ideal=0.0,
    ),
)
