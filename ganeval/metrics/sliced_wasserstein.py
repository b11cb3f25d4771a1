"""Sliced Wasserstein distance: optimal transport along many directions, each by sorting."""

from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
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

CHUNK, GPU_CHUNK = 2**21, 2**25
"""Projections at once, 16 MB of float64 on a CPU: little enough for its cache."""

LEAST_LINES = 32
"""Directions at once, however many the images: products with fewer are slow."""

ROWS = 2048
"""Images per matrix product."""


BIASED = "biased at this n, and corrected by the jackknife it covers too rarely"
"""Measured: 0 to 95 % of nominal 95 %, 64 to 2 features, 100 to 1000 images."""


@over_ranks
def sliced_wasserstein_distance(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    p: Annotated[int, "Order of the distance: 1 or 2."] = 2,
    directions: Annotated[int, "Lines that the features are projected on."] = 1024,
    level: Annotated[float, "Coverage of the interval, which there is none of yet."] = 0.95,
    seed: Annotated[int, "Moves nothing: the directions are always the same."] = 0,
    process_group: Any = None,
) -> Score:
    """Sliced Wasserstein distance of real and generated images: what transport costs, on lines.

    SW_p = (mean over directions of W_p^p)^(1/p), where W_p^p is the cost |x − y|^p of the best
    transport between the two sets of projections: ∫ |F⁻¹(t) − G⁻¹(t)|^p dt, exact for any
    numbers of images. Directions are uniform, and orthogonal in sets of d, which makes their mean
    vary less (for shifts, not at all); they depend on d and their number alone.

    The value is biased upwards at finite n, like the plain Fréchet distance: compare it at equal
    numbers only.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: likewise, [m, e] with e = d.
        feature_net: for images; see `extract`.
        p: 1 or 2.
        directions: more are slower and vary less; `details["direction_std_error"]` says how much
            they still do.
        level: of no use as long as there is no interval.
        seed: likewise.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in feature units, lower is better, 0 is best. For two Gaussians that differ by a
        shift μ, SW_2 is |μ|/√d.

    Raises:
        InputError: a p other than 1 and 2, no directions, under 2 images on a side, NaN, or sides
            that do not fit.

    Source: Rabin et al. 2012, doi:10.1007/978-3-642-24785-9_37; Bonneel et al. 2015,
    doi:10.1007/s10851-014-0506-3; orthogonal directions: Rowland et al. 2019, PMLR 89.
    """
    check_level(level)
    if p not in (1, 2):
        raise InputError(f"p is {p}; wanted 1 or 2")
    if directions < 1:
        raise InputError(f"directions is {directions}; wanted at least 1")
    sides = (
        take_features(real, feature_net, role="real", metric="sliced_wasserstein_distance"),
        take_features(fake, feature_net, role="fake", metric="sliced_wasserstein_distance"),
    )
    check_pair(*sides)
    warnings, dependence = examine(*sides)
    lines = orthogonal_directions(width(sides[0]), directions)
    costs = transport_costs(sides[0].features, sides[1].features, lines, p=p)
    mean = float(costs.mean())
    value = mean ** (1 / p)
    # d SW = d(SW^p) / (p SW^(p−1)).
    spread = float(costs.std()) / len(costs) ** 0.5
    error = spread / (p * value ** (p - 1)) if value > 0 else 0.0
    described = describe(
        "sliced_wasserstein_distance",
        real=sides[0],
        fake=sides[1],
        options={"p": p, "directions": directions},
        seed=seed,
        at_this_n=True,
    )
    return Score(
        metric="sliced_wasserstein_distance",
        value=value,
        corrected=None,
        interval=None,
        level=level,
        std_error=None,
        better="lower",
        n_real=len(sides[0]),
        n_fake=len(sides[1]),
        n_groups=n_groups(*sides),
        details={
            "mean_cost": mean,
            "direction_std_error": error,
            "no_interval": dependence or BIASED,
        },
        warnings=tuple(warnings),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


def orthogonal_directions(d: int, count: int) -> np.ndarray:
    """[count, d] unit vectors, uniform, orthogonal within each set of d; always the same.

    On a line there is one direction only.
    """
    if d == 1:
        return np.ones((1, 1))
    rng = np.random.default_rng(0)
    sets = []
    for start in range(0, count, d):
        columns = rng.standard_normal((d, min(d, count - start)))
        # The columns' signs are LAPACK's: transport does not change with them.
        sets.append(np.linalg.qr(columns)[0].T)
    return np.concatenate(sets)


def transport_costs(x: Array, y: Array, directions: np.ndarray, *, p: int) -> np.ndarray:
    """[l] W_p^p of the projections of x [n, d] and y [m, d] on each direction [l, d]."""
    with torch.no_grad():
        centre = to_float64(x[:ROWS]).mean(0)  # so that an offset costs no digits
        device = centre.device
        of_x, of_y, weights = _quantiles(len(x), len(y))
        picks = [torch.from_numpy(rows).to(device) for rows in (of_x, of_y)]
        shares = torch.from_numpy(weights).to(device)
        costs = []
        chunk = GPU_CHUNK if device.type == "cuda" else CHUNK
        step = max(LEAST_LINES, chunk // (len(x) + len(y)))
        for start in range(0, len(directions), step):
            lines = torch.from_numpy(directions[start : start + step]).to(device)
            a, b = (_sorted(side, lines, centre) for side in (x, y))
            gaps = a - b if len(x) == len(y) else a[:, picks[0]] - b[:, picks[1]]
            costs.append(to_numpy((gaps.abs_() if p == 1 else gaps.square_()) @ shares))
        return np.concatenate(costs)


def _quantiles(n: int, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where both quantile functions are constant: ranks in either sample, and the share of it."""
    # In units of 1/(n m), so that equal steps of both are equal.
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    starts = np.append(0, ends[:-1])
    return starts // m, starts // n, (ends - starts) / (n * m)


def _sorted(rows: Array, lines: Tensor, centre: Tensor) -> Tensor:
    """[l, n] projections, sorted along each line."""
    found = lines.new_empty(len(lines), len(rows))
    for start in range(0, len(rows), ROWS):
        part = slice(start, start + ROWS)
        found[:, part] = lines @ (to_float64(rows[part]).to(lines.device) - centre).T
    if found.device.type != "cpu":
        return found.sort(dim=1).values
    # NumPy sorts with vector instructions, a dozen times faster than torch on a CPU.
    values = found.numpy()
    values.sort(axis=1)
    return torch.from_numpy(values)


METRICS.add(
    "sliced_wasserstein_distance",
    Metric(
        name="sliced_wasserstein_distance",
        command="swd",
        label="Sliced Wasserstein",
        function=sliced_wasserstein_distance,
        better="lower",
        symmetric=True,
        ideal=0.0,
        scale_power=1.0,
        shift_invariant=True,
    ),
)
