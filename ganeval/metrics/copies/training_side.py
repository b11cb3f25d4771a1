"""The third side of metrics that look for copies: the generator's training images."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.errors import InputError
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
class ThreeSides:
    """Held-out reals, fakes and training images that fit together.

    Args:
        pair: the held-out reals and the fakes; its warnings are those of all three sides.
        train: the training images.
        copied: [m] whether a fake is a training image, by its pixels (its features where there are
            none).
    """

    pair: Pair
    train: Side
    copied: np.ndarray


def take_three(real: Any, fake: Any, train: Any, feature_net: Any, *, metric: str) -> ThreeSides:
    """All three sides, checked.

    Raises:
        InputError: as `Pair.take`; the sides do not fit together; or all reals are training
            images, where a copy cannot be told from a good fake.
    """
    held_out, fakes, trained = (
        take(data, feature_net, role=role, metric=metric)
        for role, data in (("real", real), ("fake", fake), ("train", train))
    )
    fakes = in_order_of(held_out, fakes)
    trained = in_order_of(fakes, trained, role="fake")
    pair = Pair.of(held_out, fakes)
    check_pair(trained, fakes, role="train")
    sides = (held_out, fakes, trained)
    # Only statistics, which are refused above, have no keys.
    of_real, of_fake, of_train = (np.asarray(row_keys(side, sides)) for side in sides)
    seen, copied = int(np.isin(of_real, of_train).sum()), np.isin(of_fake, of_train)
    if seen == len(of_real):
        raise InputError(
            "all images of real are among those of train; give as real what the generator has "
            "not seen"
        )
    # Oddities within the training images are of no concern.
    warnings = [f"{trained.name}: {text}" for text in trained.warnings]
    if seen:
        warnings.append(
            f"{seen} of {len(of_real)} images of real are among those of train; give as real "
            "what the generator has not seen"
        )
    if copied.any():
        warnings.append(
            f"{copied.sum()} of {len(of_fake)} images of fake are exact copies of training images"
        )
    odd = replace(pair.odd, warnings=tuple(dict.fromkeys((*pair.odd.warnings, *warnings))))
    return ThreeSides(replace(pair, odd=odd), trained, copied)


def ordered(rows: Array) -> Array:
    """All rows in an order that depends on them alone, and not on units or origin.

    The first columns order features of images; of rows that agree in all of them, the hash decides.
    """
    return taken(rows, _order(rows))


def distinct(rows: Array) -> Array:
    """Each different row once, in that order."""
    return taken(rows, distinct_rows(rows))


def distinct_rows(rows: Array) -> np.ndarray:
    """[k] where each different row is first, in that order."""
    order = _order(rows)
    _, first = np.unique(hash_rows(rows)[order], return_index=True)
    return np.asarray(order[np.sort(first)])


def _order(rows: Array) -> np.ndarray:
    columns = to_numpy(to_float64(rows[:, :16])).T
    return np.lexsort((hash_rows(rows), *columns[::-1]))
