"""Blocks of both sides of a metric: the jackknife leaves out block i of both at once."""

from collections.abc import Sequence

import numpy as np

from ganeval.features import Features
from ganeval.statistics import (
    MIN_BLOCKS,
    N_BLOCKS,
    Labels,
    assign_blocks,
    blocks_of_classes,
    strata,
)


def side_blocks(
    side: Features,
    *,
    seed: int,
    labels: Labels,
    n_blocks: int = N_BLOCKS,
    like: np.ndarray | None = None,
) -> np.ndarray:
    """[n] block numbers of one side; fewer blocks where every class cannot be in each.

    Args:
        side: dealt by its ids; whole groups where it has groups.
        seed: of the deal; the side's fingerprint is its salt.
        labels: to stratify by; see `ganeval.statistics.strata`.
        n_blocks: at most so many.
        like: the other side's block sizes, to be followed.
    """
    return assign_blocks(
        side.ids,
        labels=labels,
        groups=side.groups,
        n_blocks=min(n_blocks, most_blocks(side, labels)),
        seed=seed,
        salt=side.fingerprint,
        proportions=like,
    )


def most_blocks(side: Features, labels: Labels = None) -> int:
    """How many blocks a side can be dealt into, every class in each where it is stratified."""
    if side.groups is not None:
        return min(N_BLOCKS, len(set(side.groups)))
    return min(N_BLOCKS, len(side.ids), blocks_of_classes(labels) or N_BLOCKS)


def too_few_blocks(g: int, *, grouped: bool) -> str | None:
    """Why so few blocks have no interval; None where they are enough."""
    if g >= MIN_BLOCKS:
        return None
    what = ("group" if grouped else "block") + ("" if g == 1 else "s")
    return f"{g} {what}, of {MIN_BLOCKS} that an interval needs at least"


def no_spread(estimate: float, std_error: float) -> str | None:
    """Why there is no interval where every block, or every split, gives the same number."""
    if std_error > 1e-12 * abs(estimate):
        return None
    return "every part of the images gives the same number, which says nothing of the error"


def pair_blocks(
    real: Features,
    fake: Features,
    *,
    seed: int,
    n_blocks: int = N_BLOCKS,
    by_class: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Block numbers of both sides, from 0; a block may be empty on one of them.

    Where one side has groups, the other follows its block sizes. Where both have groups in common
    (the same plates), a group is in the same block on both sides. `by_class` deals every class
    evenly whether its size was chosen or not, for metrics that look within classes.
    """
    here, there = (real.labels, fake.labels) if by_class else strata(real.labels, fake.labels)
    g = min(most_blocks(real, here), most_blocks(fake, there), n_blocks)
    if real.groups is not None and fake.groups is not None:
        if set(real.groups) & set(fake.groups):
            return _joint(real, fake, (here, there), g, seed)
        return (
            side_blocks(real, seed=seed, labels=here, n_blocks=g),
            side_blocks(fake, seed=seed, labels=there, n_blocks=g),
        )
    if fake.groups is not None:
        second, first = pair_blocks(fake, real, seed=seed, n_blocks=n_blocks, by_class=by_class)
        return first, second
    first = side_blocks(real, seed=seed, labels=here, n_blocks=g)
    sizes = np.bincount(first, minlength=g)
    return first, side_blocks(fake, seed=seed, labels=there, like=sizes)


def _joint(
    real: Features, fake: Features, by: tuple[Labels, Labels], g: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    here, there = by
    # The side counts as a label: a block gets its share of both.
    sides = (("real", here or [""] * len(real.ids)), ("fake", there or [""] * len(fake.ids)))
    blocks = assign_blocks(
        (*real.ids, *fake.ids),
        labels=[f"{role}/{label}" for role, labels in sides for label in labels],
        groups=(*(real.groups or ()), *(fake.groups or ())),
        n_blocks=g,
        seed=seed,
    )
    return blocks[: len(real.ids)], blocks[len(real.ids) :]


def spread(sizes: Sequence[int] | np.ndarray, shares: Sequence[int] | np.ndarray) -> np.ndarray:
    """Which of len(shares) larger blocks each small block joins, to have sizes like `shares`."""
    sizes, shares = np.asarray(sizes), np.asarray(shares, np.float64)
    wanted = shares / shares.sum() * sizes.sum()
    target = np.empty(len(sizes), np.int64)
    for block in np.argsort(-sizes, kind="stable"):
        target[block] = np.argmax(wanted)
        wanted[target[block]] -= sizes[block]
    return target


def shared_blocks(
    real: Features, fakes: Sequence[Features], *, seed: int
) -> tuple[np.ndarray, list[np.ndarray], int]:
    """One deal of the reals for all models, one of each model's fakes, and how many blocks.

    Differences of two models then leave out the same reals at once: what the draw of the reals
    adds to both scores cancels.
    """
    labels = [strata(real.labels, fake.labels) for fake in fakes]
    # By class only where that suits every pair.
    here = labels[0][0] if all(of_real is not None for of_real, _ in labels) else None
    most = [most_blocks(fake, there) for fake, (_, there) in zip(fakes, labels, strict=True)]
    g = min(most_blocks(real, here), *most)
    first = side_blocks(real, seed=seed, labels=here, n_blocks=g)
    sizes = np.bincount(first, minlength=g)
    others = [
        side_blocks(fake, seed=seed, labels=there, n_blocks=g)
        if fake.groups is not None
        else side_blocks(fake, seed=seed, labels=there, like=sizes)
        for fake, (_, there) in zip(fakes, labels, strict=True)
    ]
    return first, others, g
