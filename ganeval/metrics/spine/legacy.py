"""What metrics that still take Features at the door use; goes when the last of them has a Pair."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from ganeval.arrays import Array, is_tensor
from ganeval.errors import InputError
from ganeval.features import Features, as_features
from ganeval.lazy import torch
from ganeval.metrics.spine.oddities import SAME_IMAGES, hash_rows
from ganeval.metrics.spine.protocol import Described
from ganeval.moments import Moments, is_statistics_file
from ganeval.statistics import Labels

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


def examine(
    real: Side | None, fake: Side, *, copies: float | None = None
) -> tuple[list[str], str | None]:
    """Warnings, and why an interval would not hold: the sides are not independent; or None.

    `copies` is the share of images on both sides that an interval bears; see `_shared`.
    """
    dependence: str | None = None
    found: list[str] = []
    for side in (real, fake):
        if side is not None:
            own = side.origin.warnings if isinstance(side, Moments) else side.warnings
            found += [f"{name_of(side)}: {text}" for text in own]
    if real is not None and bool(protocol_of(real)) != bool(protocol_of(fake)):
        plain, other = ("real", "fake") if not protocol_of(real) else ("fake", "real")
        found.append(f"the feature net of {plain} is unknown; taken to be that of {other}")
    keys = [None if side is None else row_keys(side, (real, fake)) for side in (real, fake)]
    for role, side, key in zip(("real", "fake"), (real, fake), keys, strict=True):
        if side is not None and key is not None:
            found += _oddities(role, side, key)
    if keys[0] is not None and keys[1] is not None:
        bearable = 1 / max(16, width(fake)) if copies is None else copies
        odd, dependence = _shared(keys[0], keys[1], bearable)
        found += odd
    if isinstance(real, Features) and isinstance(fake, Features):
        found += _frequencies(real.labels, fake.labels)
    return list(dict.fromkeys(found)), dependence


def _frequencies(real: Labels, fake: Labels) -> list[str]:
    """Classes that are more frequent on one side, beyond chance at 1 in 1000."""
    if real is None or fake is None:
        return []
    from scipy.stats import chi2_contingency

    counts = [Counter(real), Counter(fake)]
    names = sorted(counts[0] | counts[1])
    table = np.array([[side[name] for name in names] for side in counts])
    if len(names) < 2 or chi2_contingency(table).pvalue > 0.001:
        return []
    shares = 100 * table / table.sum(axis=1, keepdims=True)
    i = int(np.argmax(np.abs(shares[0] - shares[1])))
    return [
        f"class frequencies differ ({names[i]}: {shares[0, i]:.3g} % of real, {shares[1, i]:.3g} % "
        "of fake), and the score counts that; --match-labels (match_labels) compares equal ones"
    ]


def _oddities(role: str, side: Side, keys: np.ndarray) -> list[str]:
    found = []
    if copies := len(keys) - len(np.unique(keys)):
        found.append(f"{copies} of {len(keys)} images of {role} are copies of another one of them")
    if isinstance(side, Features):
        rows = side.features
        if constant := int((rows == rows[:1]).all(0).sum()):
            found.append(
                f"{constant} of {rows.shape[1]} features of {role} are constant and say nothing"
            )
    return found


def _shared(real: np.ndarray, fake: np.ndarray, bearable: float) -> tuple[list[str], str | None]:
    """Each shared image cancels noise that corrections count, which adds up over d features.

    One image, and one in d of the smaller side (one in 16 for fewer features), leave the intervals
    of distances right: benchmarks/calibration, law `copies`. One that both sides have more than
    once, such as an empty field of view, counts once: it may be chance.
    """
    reals, n_real = np.unique(real, return_counts=True)
    fakes, n_fake = np.unique(fake, return_counts=True)
    _, i, j = np.intersect1d(reals, fakes, assume_unique=True, return_indices=True)
    of_real, of_fake = n_real[i], n_fake[j]
    if len(i) == len(reals) == len(fakes) and np.array_equal(of_real, of_fake):
        return [SAME_IMAGES], SAME_IMAGES
    if not len(i):
        return [], None
    warning = f"{of_fake.sum()} of {len(fake)} images of fake are exact copies of reals"
    often = np.minimum(of_real, of_fake) > 1
    copied = int(np.where(often, 1, np.maximum(of_real, of_fake)).sum())
    if copied <= max(1, bearable * min(len(real), len(fake))):
        return [warning], None
    return [warning], f"{warning}, so the sides are hardly independent"


def row_keys(side: Side, sides: Sequence[Side | None]) -> np.ndarray | None:
    """[n] uint64, equal for equal images; of the pixels where every side knows them."""
    if isinstance(side, Moments):
        return None
    if all(s is None or (isinstance(s, Features) and s.hashes is not None) for s in sides):
        assert side.hashes is not None
        return np.asarray(side.hashes[:, 0])
    return hash_rows(side.features)


def describe(
    metric: str,
    *,
    real: Side | None,
    fake: Side,
    options: Mapping[str, Any],
    seed: int,
    compare_reals: bool = True,
    at_this_n: bool = False,
) -> Described:
    """All that moved a score, and the hash of what makes two scores comparable.

    Args:
        metric: entry of METRICS.
        real: None where the metric works without.
        fake: the generated side.
        options: those that move `value`.
        seed: of blocks, splits and subsets.
        compare_reals: whether scores against other reals are other scores.
        at_this_n: whether the score is biased by the number of images and has no correction, so
            that only scores of as many images are comparable.
    """
    from ganeval.version import __version__

    known = protocol_of(real) if real is not None and protocol_of(real) else protocol_of(fake)
    sides = {"real": real, "fake": fake}
    data: dict[str, dict[str, Any]] = {
        role: {
            "name": name_of(side),
            "n": count(side),
            "fingerprint": fingerprint_of(side) or None,
            "images": dict(protocol_of(side).get("images") or {}),
        }
        for role, side in sides.items()
        if side is not None
    }
    net, preprocessing = known.get("net"), known.get("preprocessing")
    protocol = {
        "metric": metric,
        "options": dict(options),
        "net": net,
        "preprocessing": preprocessing,
        "precision": "float64",
        "seed": seed,
        "versions": {
            "ganeval": __version__,
            "torch": str(torch.__version__),
            "numpy": np.__version__,
        },
        "data": data,
    }
    same: dict[str, Any] = {
        "metric": metric,
        "options": dict(options),
        # A net that was renamed or exported is still the same net.
        "net": {key: value for key, value in (net or {}).items() if key != "name"},
        "preprocessing": preprocessing,
    }
    if compare_reals:
        images = data["real"]["images"]
        same["real"] = [data["real"]["fingerprint"], images.get("value_range")]
    if at_this_n:
        same["n"] = {role: count(side) for role, side in sides.items() if side is not None}
    text = json.dumps(same, sort_keys=True, allow_nan=False)
    return Described(protocol, hashlib.sha256(text.encode()).hexdigest()[:16])
