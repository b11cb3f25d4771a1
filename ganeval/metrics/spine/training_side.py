"""The third side of metrics that look for copies: the generator's training images."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import Array, is_tensor, to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.lazy import torch
from ganeval.metrics.spine.legacy import check_pair, row_keys, take_features, warnings_of
from ganeval.metrics.spine.oddities import hash_rows


@dataclass(frozen=True, eq=False)
class ThreeSides:
    """Held-out reals, fakes and training images that fit together."""

    real: Features
    fake: Features
    train: Features
    copied: np.ndarray
    """[m] whether a fake is a training image, by its pixels (its features where there are none)."""
    warnings: tuple[str, ...]


def take_three(real: Any, fake: Any, train: Any, feature_net: Any, *, metric: str) -> ThreeSides:
    """All three sides, checked.

    Raises:
        InputError: as `take_features`; the sides do not fit together; or all reals are training
            images, where a copy cannot be told from a good fake.
    """
    sides = [
        take_features(data, feature_net, role=role, metric=metric)
        for role, data in (("real", real), ("fake", fake), ("train", train))
    ]
    held_out, fakes, trained = sides
    check_pair(held_out, fakes)
    check_pair(trained, fakes, role="train")
    # Only statistics, which are refused above, have no keys.
    keys = [key for side in sides if (key := row_keys(side, sides)) is not None]
    seen, copied = int(np.isin(keys[0], keys[2]).sum()), np.isin(keys[1], keys[2])
    if seen == len(held_out):
        raise InputError(
            "all images of real are among those of train; give as real what the generator has "
            "not seen"
        )
    # Of oddities of the training images, those of real and fake are not to be repeated.
    warnings = warnings_of(held_out, fakes)
    warnings += [f"{trained.name}: {text}" for text in trained.warnings]
    if seen:
        warnings.append(
            f"{seen} of {len(held_out)} images of real are among those of train; give as real "
            "what the generator has not seen"
        )
    if copied.any():
        warnings.append(
            f"{copied.sum()} of {len(fakes)} images of fake are exact copies of training images"
        )
    return ThreeSides(held_out, fakes, trained, copied, tuple(dict.fromkeys(warnings)))


def ordered(rows: Array) -> Array:
    """All rows in an order that depends on them alone, and not on units or origin.

    The first columns order features of images; of rows that agree in all of them, the hash decides.
    """
    columns = to_numpy(to_float64(rows[:, :16])).T
    return taken(rows, np.lexsort((hash_rows(rows), *columns[::-1])))


def distinct(rows: Array) -> Array:
    """Each different row once, in that order."""
    rows = ordered(rows)
    _, first = np.unique(hash_rows(rows), return_index=True)
    return taken(rows, np.sort(first))


def taken(rows: Array, index: np.ndarray) -> Array:
    """Some rows, by their positions."""
    if is_tensor(rows):
        return rows[torch.from_numpy(index).to(rows.device)]
    return rows[index]
