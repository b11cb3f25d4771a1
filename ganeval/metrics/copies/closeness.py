"""How close fakes come to real images, measured by how close those come to each other."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics.copies.training_side import take_three
from ganeval.metrics.pairs import nearest
from ganeval.metrics.spine import (
    Pair,
    Side,
    check_pair,
    hash_rows,
    in_order_of,
    row_keys,
    take,
    taken,
)


@dataclass(frozen=True, eq=False)
class Closeness:
    """The k real images nearest to each of m fakes, and how close the nearest one is.

    Args:
        real: the reals.
        fake: the fakes.
        searched: the training images where they were given, else the reals.
        rows: [m, k] int64, positions among the searched images, the nearest first.
        distances: [m, k] float64, in feature units.
        values: [m] distance to the nearest image over that one's own distance to its nearest
            other; 0 for a copy.
        of_reals: [n] the same of real images: of the held-out reals where training images were
            given, and otherwise of each different real against all others.
        copied: [m] whether the very image was among those searched.
        warnings: what a reader should know.
    """

    real: Features
    fake: Features
    searched: Features
    rows: np.ndarray
    distances: np.ndarray
    values: np.ndarray
    of_reals: np.ndarray
    copied: np.ndarray
    warnings: tuple[str, ...]


def closeness(
    real: Any, fake: Any, train: Any = None, *, feature_net: Any = None, k: int = 1
) -> Closeness:
    """Searches the training images, or else the reals, for the k nearest to each fake.

    The scale of a distance is how far the image that was found is from its own nearest other one:
    features are denser in some regions than in others. Copies among the searched images count
    once.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: the generated side, in any of these forms, [m, e] with e = d.
        train: the training images, in any of these forms; None searches the reals.
        feature_net: for images; see `extract`.
        k: neighbours of each fake.

    Raises:
        InputError: fewer than k images or 3 different ones to search, reals that are all training
            images, NaN, or sides that do not fit together.
    """
    if train is not None:
        sides = take_three(real, fake, train, feature_net, metric="closeness")
        pair, searched, copied = sides.pair, sides.train, sides.copied
    else:
        pair = Pair.take(real, fake, feature_net, metric="closeness")
        searched = pair.sides[0]
        ours, theirs = (np.asarray(row_keys(side, pair.sides)) for side in reversed(pair.sides))
        copied = np.isin(ours, theirs)
    reals, fakes = pair.sides
    rows, distances = _nearest_images(fakes, searched, k)
    x = searched.rows
    _, first, which = np.unique(hash_rows(x), return_index=True, return_inverse=True)
    # In the order of the images, which rounding of their features does not move.
    order = np.argsort(first)
    first, which = first[order], np.argsort(order)[which]
    if len(first) < 3:
        raise InputError(
            f"{searched.name} has {len(first)} different image{'s' * (len(first) > 1)}; closeness "
            "needs at least 3"
        )
    different = taken(x, first)
    others = nearest(different, None, 2)
    others_rows, others_distances = to_numpy(others.rows), to_numpy(others.squared) ** 0.5
    values = distances[:, 0] / others_distances[which[rows[:, 0]], 0]
    if train is not None:
        found = nearest(reals.rows, different, 1)
        own = others_distances[to_numpy(found.rows)[:, 0], 0]
        of_reals = to_numpy(found.squared)[:, 0] ** 0.5 / own
    else:
        near = others_rows[:, 0]
        itself = others_rows[near, 0] == np.arange(len(first))  # which is no other one
        own = np.where(itself, others_distances[near, 1], others_distances[near, 0])
        of_reals = others_distances[:, 0] / own
    return Closeness(
        real=_features(reals),
        fake=_features(fakes),
        searched=_features(searched),
        rows=rows,
        distances=distances,
        values=values,
        of_reals=of_reals,
        copied=copied,
        warnings=pair.odd.warnings,
    )


def nearest_images(fake: Features, searched: Features, k: int) -> tuple[np.ndarray, np.ndarray]:
    """[m, k] positions in `searched` and distances, the nearest first; of ties, lower positions.

    Raises:
        InputError: fewer than k images to search, or sides that do not fit together.
    """
    return _nearest_images(
        take(fake, None, role="fake", metric="closeness"),
        take(searched, None, role="real", metric="closeness"),
        k,
    )


def _nearest_images(fake: Side, searched: Side, k: int) -> tuple[np.ndarray, np.ndarray]:
    fake = in_order_of(searched, fake, role=searched.name)
    check_pair(searched, fake, role=searched.name)
    if not 1 <= k <= len(searched.rows):
        raise InputError(
            f"k is {k}; wanted 1 to {len(searched.rows)}, the number of images of {searched.name}"
        )
    found = nearest(fake.rows, searched.rows, k)
    return to_numpy(found.rows), to_numpy(found.squared) ** 0.5


def _features(side: Side) -> Features:
    assert side.features is not None
    return side.features
