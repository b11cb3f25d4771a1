"""Which classes differ from the reals' own? A permutation test of each, and false discoveries."""

from collections.abc import Mapping

import numpy as np

from ganeval.arrays import to_float64
from ganeval.errors import InputError
from ganeval.lazy import torch
from ganeval.metrics.spine import Oddities, Pair, Side, Units, pair_units
from ganeval.statistics import (
    BOTH,
    false_discovery,
    permutation_p_value,
    permutations,
    permuted_sides,
    seeded,
)

PERMUTATIONS = 499
"""At least; with many classes 20 for each, so that a single one can be marked."""

_TILE = 1024


def unlike(classes: Mapping[str, tuple[Side, Side]], *, seed: int) -> dict[str, dict[str, float]]:
    """By class, the p-value that real and fake have one distribution, and its q-value.

    The test is exact at any number of images: sides are exchanged at random (whole groups of them),
    and the kernel distance (KID's, of all pairs) is compared with what it is then. Classes are
    independent tests, unless images have groups, which may be in several classes.

    Args:
        classes: both sides of each.
        seed: of the permutations.

    Returns:
        `p_value` and `q_value`; nothing for a class with a single group on a side.
    """
    count = max(PERMUTATIONS, 20 * len(classes))
    p_values = {}
    for label, sides in classes.items():
        pair = Pair(*sides, Oddities(()))
        try:
            units = pair_units(pair)
        except InputError:  # one group of its own
            continue
        p_values[label] = _p_value(pair, units, count, seed)
    grouped = any(side.groups is not None for sides in classes.values() for side in sides)
    q_values = false_discovery(list(p_values.values()), dependent=grouped)
    return {
        label: {"p_value": p, "q_value": float(q)}
        for (label, p), q in zip(p_values.items(), q_values, strict=True)
    }


def _p_value(pair: Pair, units: Units, count: int, seed: int) -> float:
    real = torch.from_numpy(np.concatenate([units.real[None], _sides(units, count, seed)]).T)
    n = real.sum(0)
    weights = torch.where(real, 1 / n, -1 / (len(real) - n))  # [images, 1 + count]
    rows = [to_float64(side.rows) for side in pair.sides]
    joined = torch.cat([rows[0], rows[1].to(rows[0].device)]).cpu()[torch.from_numpy(units.order)]
    centred = (joined - joined.mean(0)) / joined.shape[1] ** 0.5
    found = torch.zeros(weights.shape[1], dtype=torch.float64)
    weights = weights.double()
    for tile in torch.split(torch.arange(len(centred)), _TILE):
        kernel = (centred[tile] @ centred.T + 1).pow_(3)
        found += ((kernel @ weights) * weights[tile]).sum(0)
    values = found.numpy()
    return permutation_p_value(float(values[0]), values[1:])


def _sides(units: Units, count: int, seed: int) -> np.ndarray:
    """[count, images] bool: which are real, after each permutation of the units."""
    if (units.kinds == BOTH).any() or len(np.unique(units.strata)) > 1:
        moves = permutations(units.kinds, units.strata, count=count, seed=seed)
        sides = (permuted_sides(units.real, units.of, units.kinds, move) for move in moves)
        return np.stack(list(sides))
    draws = seeded("classes", seed).random((count, len(units.kinds)))
    return np.asarray((units.kinds == 0)[draws.argsort(axis=1)][:, units.of])
