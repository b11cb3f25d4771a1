"""A score as the mean over disjoint blocks of images: its cost grows with n, not with n².

Each block has its own part of both sides, drawn at random, so that blocks are independent and their
scatter gives the standard error of their mean.

Source: Zaremba, Gretton & Blaschko 2013, arXiv:1307.1954 (B-tests).
"""

from collections.abc import Callable

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.spine import Side
from ganeval.statistics import MIN_UNITS, Estimate, Part, Sampling


def in_blocks(
    real: Side,
    fake: Side,
    blocks: int,
    score: Callable[[np.ndarray, np.ndarray], np.ndarray],
    *,
    seed: int,
    least: int,
) -> np.ndarray:
    """[blocks, ...] the scores of each block alone.

    Args:
        real: one side.
        fake: the other.
        blocks: disjoint parts of both sides, whose sizes differ by one image at most.
        score: of images of either side, by their positions.
        seed: of the draw.
        least: images that the score needs on each side.

    Raises:
        InputError: fewer blocks than an interval needs, too few images in a block, or groups.
    """
    if blocks < MIN_UNITS:
        raise InputError(f"blocks is {blocks}; wanted at least {MIN_UNITS}")
    for side in (real, fake):
        if side.groups is not None:
            raise InputError(
                f"blocks is {blocks}, and images of {side.role} have groups, which blocks would "
                "cut; leave out blocks, or groups"
            )
        if len(side.rows) // blocks < least:
            raise InputError(
                f"blocks is {blocks} for {len(side.rows)} images of {side.role}; a block needs "
                f"{least}: use fewer blocks"
            )
    rng = np.random.default_rng(seed)
    parts = [np.array_split(rng.permutation(len(side.rows)), blocks) for side in (real, fake)]
    # Ascending positions read a file from front to back.
    return np.array([score(np.sort(x), np.sort(y)) for x, y in zip(*parts, strict=True)])


def mean_of_blocks(values: np.ndarray, limits: tuple[float, float]) -> Estimate:
    """The estimate of the mean over independent blocks, of which each is a unit."""
    part = Part(values - values.mean(), Sampling(len(values)))
    details = {"blocks": len(values), "spread_over_blocks": float(values.std(ddof=1))}
    return Estimate(float(values.mean()), parts=(part,), limits=limits, details=details)
