"""What is odd about two sides: copies, images that both share, constant features, class sizes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.features import ranges_differ
from ganeval.metrics.spine.clusters import undeclared_sets
from ganeval.metrics.spine.rows import hash_rows
from ganeval.metrics.spine.side import Side
from ganeval.statistics import Labels

SAME_IMAGES = "real and fake are the same images"
"""A warning, and why there is no interval: the two sides are not independent."""


@dataclass(frozen=True)
class Oddities:
    """What a reader should know about two sides.

    Args:
        warnings: everything, in words.
        frequencies: the one among them that says that class frequencies differ; None without.
        dependence: why an interval would not hold, since the sides share images; None without.
        same: whether both sides are the same images.
    """

    warnings: tuple[str, ...]
    frequencies: str | None = None
    dependence: str | None = None
    same: bool = False


def find_oddities(real: Side | None, fake: Side, *, bearable: float | None = None) -> Oddities:
    """Compares two sides, and each with itself.

    `bearable` is the share of images on both sides that an interval bears; see `_shared`.
    """
    sides = [side for side in (real, fake) if side is not None]
    found = [f"{side.name}: {text}" for side in sides for text in side.warnings]
    if real is not None and bool(real.protocol) != bool(fake.protocol):
        plain, other = ("real", "fake") if not real.protocol else ("fake", "real")
        found.append(f"the feature net of {plain} is unknown; taken to be that of {other}")
    if real is not None and (text := ranges_differ(real.protocol, fake.protocol)):
        found.append(text)
    keys = [row_keys(side, sides) for side in sides]
    for side, of_side in zip(sides, keys, strict=True):
        found += _of_one(side, of_side)
    sets = [text for text in map(_sets, sides, keys) if text]
    found += sets
    if real is None:
        return Oddities(tuple(dict.fromkeys(found)), dependence=next(iter(sets), None))
    shared = _Shared()
    reals, fakes = keys
    if reals is not None and fakes is not None:
        shared = _shared(reals, fakes, 1 / max(16, fake.d) if bearable is None else bearable)
    frequencies = _frequencies(real.labels, fake.labels)
    found += [text for text in (shared.warning, frequencies) if text]
    dependence = shared.dependence or next(iter(sets), None)
    return Oddities(tuple(dict.fromkeys(found)), frequencies, dependence, shared.same)


def _frequencies(real: Labels, fake: Labels) -> str | None:
    """Classes that are more frequent on one side, beyond chance at 1 in 1000."""
    if real is None or fake is None:
        return None
    from scipy.stats import chi2_contingency

    counts = [Counter(real), Counter(fake)]
    names = sorted(counts[0] | counts[1])
    table = np.array([[side[name] for name in names] for side in counts])
    if len(names) < 2 or chi2_contingency(table).pvalue > 0.001:
        return None
    shares = 100 * table / table.sum(axis=1, keepdims=True)
    i = int(np.argmax(np.abs(shares[0] - shares[1])))
    return (
        f"class frequencies differ ({names[i]}: {shares[0, i]:.3g} % of real, {shares[1, i]:.3g} % "
        "of fake), and the score counts that; --match-labels (match_labels) compares equal ones"
    )


def _of_one(side: Side, keys: np.ndarray | None) -> list[str]:
    """Copies and constant features within a side."""
    found: list[str] = []
    if keys is None:
        return found
    if copies := len(keys) - len(np.unique(keys)):
        found.append(
            f"{copies} of {len(keys)} images of {side.role} are copies of another one of them"
        )
    if "constant" not in side.known:
        side.known["constant"] = int((side.rows == side.rows[:1]).all(0).sum())
    if constant := side.known["constant"]:
        found.append(f"{constant} of {side.d} features of {side.role} are constant and say nothing")
    return found


def _sets(side: Side, keys: np.ndarray | None) -> str | None:
    """Sets of images that resemble each other, where no groups were declared."""
    if side.features is None or side.groups is not None or keys is None:
        return None
    if "sets" not in side.known:
        copies = np.unique(keys, return_counts=True)[1]
        every = len(copies) > 1 and copies.min() == copies.max() > 1
        size = int(copies[0]) if every else undeclared_sets(side.rows, side.labels)
        side.known["sets"] = size
    if (size := side.known["sets"]) is None:
        return None
    return (
        f"images of {side.role} come in sets of {size} that are far more alike than others: give "
        "--group-by (groups) for near copies, frames of a video or images of a patient, or "
        "--label-by (labels) for classes"
    )


@dataclass(frozen=True)
class _Shared:
    """Images that are on both sides."""

    warning: str | None = None
    dependence: str | None = None
    same: bool = False


def _shared(real: np.ndarray, fake: np.ndarray, bearable: float) -> _Shared:
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
        return _Shared(SAME_IMAGES, SAME_IMAGES, same=True)
    if not len(i):
        return _Shared()
    warning = f"{of_fake.sum()} of {len(fake)} images of fake are exact copies of reals"
    often = np.minimum(of_real, of_fake) > 1
    copied = int(np.where(often, 1, np.maximum(of_real, of_fake)).sum())
    if copied <= max(1, bearable * min(len(real), len(fake))):
        return _Shared(warning)
    return _Shared(warning, f"{warning}, so the sides are hardly independent")


def row_keys(side: Side, sides: Sequence[Side]) -> np.ndarray | None:
    """[n] uint64, equal for equal images: of the pixels where every side knows them.

    None for statistics.
    """
    if side.features is None:
        return None
    if all(other.hashes is not None for other in sides):
        return np.asarray(side.hashes)[:, 0]
    if "keys" not in side.known:
        side.known["keys"] = hash_rows(side.rows)
    return np.asarray(side.known["keys"])
