"""The two sides of a metric: taken from whatever was given, and checked."""

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from ganeval.arrays import Array, is_tensor
from ganeval.errors import InputError
from ganeval.features import Features, as_features
from ganeval.moments import Moments, is_statistics_file

Side: TypeAlias = Features | Moments


def take(data: Any, feature_net: Any, *, role: str, metric: str) -> Side:
    """Moments of statistics, or Features of whatever else was given; checked.

    Raises:
        InputError: not two axes, no columns, under 2 images, NaN or Inf.
    """
    if isinstance(data, str | os.PathLike) and is_statistics_file(data):
        data = Moments.load(data)
    if isinstance(data, Moments):
        check_count(data.n, role=role, metric=metric)
        return data
    features = as_features(data, feature_net)
    check_rows(features.features, role=role)
    check_count(len(features.features), role=role, metric=metric)
    return features


def take_features(data: Any, feature_net: Any, *, role: str, metric: str) -> Features:
    """As `take`, for metrics that statistics are not enough for."""
    side = take(data, feature_net, role=role, metric=metric)
    if isinstance(side, Moments):
        raise InputError(
            f"{role} is statistics (mu and sigma), but {metric} needs the features of every image; "
            "give images, or what `ganeval features extract` wrote"
        )
    return side


def check_rows(rows: Array, *, role: str, what: str = "features") -> None:
    """Raises InputError unless `rows` is a finite real matrix with columns."""
    shape = tuple(rows.shape)
    if len(shape) != 2 or shape[1] == 0:
        raise InputError(f"{role} has {what} of shape {shape}; wanted one row per image, [n, d]")
    if is_tensor(rows):
        finite = rows.isfinite().all(1)
    elif rows.dtype.kind in "fiub":
        finite = np.isfinite(rows).all(axis=1)
    else:
        raise InputError(f"{role} has {what} of type {rows.dtype}; wanted real numbers")
    if bad := len(finite) - int(finite.sum()):
        raise InputError(
            f"{bad} of {shape[0]} rows of {role} have NaN or Inf; leave those images out, and "
            "look at the net: it should never give them"
        )


def check_level(level: float) -> None:
    """Raises InputError unless `level` is between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"level is {level:g}; wanted a share between 0 and 1, such as 0.95")


def check_count(n: int | None, *, role: str, metric: str) -> None:
    """Raises InputError for fewer than two images."""
    if n is not None and n < 2:
        raise InputError(f"{metric} needs at least 2 images per side; {role} has {n}")


def check_pair(real: Side, fake: Side, *, role: str = "real") -> None:
    """Raises InputError unless both have the same width, net and preprocessing.

    `role` is what messages call the first.
    """
    widths = width(real), width(fake)
    if widths[0] != widths[1]:
        raise InputError(
            f"{role} has {widths[0]} features per image but fake has {widths[1]}; "
            "extract both with the same feature net, from the same channels (--channels 0,1)"
        )
    a, b = protocol_of(real), protocol_of(fake)
    if not a or not b:
        return
    mine, yours = a.get("preprocessing") or {}, b.get("preprocessing") or {}
    for key in sorted(mine.keys() | yours.keys()):
        if mine.get(key) != yours.get(key):
            raise InputError(
                f"{role} and fake differ in preprocessing {key}: {mine.get(key)} and "
                f"{yours.get(key)}; extract both the same way"
            )
    if what := _net_difference(a.get("net") or {}, b.get("net") or {}):
        raise InputError(f"{role} and fake differ in {what}; extract both the same way")


def _net_difference(mine: Mapping[str, Any], yours: Mapping[str, Any]) -> str | None:
    """In words; a known fingerprint decides, so that a net of another name may be the same."""
    if mine == yours or None is not mine.get("fingerprint") == yours.get("fingerprint"):
        return None
    if mine.get("name") != yours.get("name"):
        return f"net: {mine.get('name')} and {yours.get('name')}"
    what = "settings" if mine.get("sha256") == yours.get("sha256") else "code or weights"
    return f"{what} of net {mine.get('name')!r}"


def count(side: Side) -> int | None:
    """Images of a side; None where a file did not say."""
    return side.n if isinstance(side, Moments) else len(side.features)


def width(side: Side) -> int:
    """Features per image."""
    return side.d if isinstance(side, Moments) else int(side.features.shape[1])


def protocol_of(side: Side) -> Mapping[str, Any]:
    """Net, preprocessing, images; empty for plain arrays."""
    return side.origin.protocol if isinstance(side, Moments) else side.protocol


def name_of(side: Side) -> str:
    """For messages."""
    return side.origin.name if isinstance(side, Moments) else side.name


def fingerprint_of(side: Side) -> str:
    """Hash of the data."""
    return side.origin.fingerprint if isinstance(side, Moments) else side.fingerprint


def n_groups(*sides: Side | None) -> int | None:
    """The smallest number of groups on a side that has groups."""
    found = []
    for side in sides:
        if isinstance(side, Moments) and side.origin.groups is not None:
            found.append(len(side.origin.groups))
        elif isinstance(side, Features) and side.groups is not None:
            found.append(len(set(side.groups)))
    return min(found) if found else None
