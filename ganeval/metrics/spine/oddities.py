"""What is odd about two sides: copies, images that both share, constant features, class sizes."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.features import Features
from ganeval.lazy import torch
from ganeval.metrics.spine.sides import Side, name_of, protocol_of, width
from ganeval.moments import Moments
from ganeval.statistics import Labels

SAME_IMAGES = "real and fake are the same images"
"""A warning, and why there is no interval: the two sides are not independent."""


def warnings_of(real: Side | None, fake: Side) -> list[str]:
    """What the sides bring along, and what is odd about them together."""
    return examine(real, fake)[0]


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


def hash_rows(rows: Array) -> np.ndarray:
    """[n] uint64 of float64 rows: integer arithmetic, so equal rows agree on any device."""
    d = int(rows.shape[1])
    weights = np.random.default_rng(0).integers(-(2**63), 2**63 - 1, size=d) | 1
    odd = torch.from_numpy(weights)
    keys = []
    for start in range(0, len(rows), 4096):
        x = to_float64(rows[start : start + 4096]) + 0.0  # -0.0 is 0.0
        bits = x.contiguous().view(torch.int64) * -7046029254386353131
        bits = (bits ^ (bits >> 29)) * odd.to(bits.device)
        keys.append(to_numpy((bits ^ (bits >> 32)).sum(1)))
    return np.concatenate(keys).view(np.uint64)
