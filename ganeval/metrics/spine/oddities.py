"""What is odd about two sides: copies, images that both share, constant features, class sizes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.features import ranges_differ
from ganeval.metrics.spine.clusters import undeclared_sets
from ganeval.metrics.spine.rows import glance, hash_rows, hash_some, n_constant, repeated
from ganeval.metrics.spine.sequence import Likeness, likeness_of
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
        dependence: why an interval would not hold, since the sides share images, or images of a
            side are alike; None without.
        alike: the one among the warnings that says that images of a side are alike; None without.
        same: whether both sides are the same images.
    """

    warnings: tuple[str, ...]
    frequencies: str | None = None
    dependence: str | None = None
    alike: str | None = None
    same: bool = False


def find_oddities(
    real: Side | None,
    fake: Side,
    *,
    bearable: float | None = None,
    interval: bool = True,
    whole: bool = True,
) -> Oddities:
    """Compares two sides, and each with itself.

    Args:
        real: None for the fakes alone.
        fake: the generated side.
        bearable: share of images on both sides that an interval bears; see `_shared`.
        interval: whether there may be one: if not, undeclared sets of images do no harm.
        whole: whether these are all images, and not those of one class among many, each of which
            would be another chance of a false alarm about the order of files.
    """
    sides = [side for side in (real, fake) if side is not None]
    found = [f"{side.name}: {text}" for side in sides for text in side.warnings]
    if real is not None and bool(real.protocol) != bool(fake.protocol):
        plain, other = ("real", "fake") if not real.protocol else ("fake", "real")
        found.append(f"the feature net of {plain} is unknown; taken to be that of {other}")
    if real is not None and (text := ranges_differ(real.protocol, fake.protocol)):
        found.append(text)
    keys = twins(sides)
    for side, of_side in zip(sides, keys, strict=True):
        found += _of_one(side, of_side)
    alike = []
    if interval:
        alike = [
            _sets(side, of_side) or (_sequence(side) if whole else None)
            for side, of_side in zip(sides, keys, strict=True)
        ]
    found += filter(None, alike)
    first = next(filter(None, alike), None)
    if real is None:
        return Oddities(tuple(dict.fromkeys(found)), dependence=first, alike=first)
    of_real, of_fake = keys
    share = 1 / max(16, fake.d) if bearable is None else bearable
    shared = _shared(real, fake, of_real, of_fake, share)
    frequencies = _frequencies(real.labels, fake.labels)
    found += [text for text in (shared.warning, frequencies) if text]
    dependence = shared.dependence or first
    return Oddities(tuple(dict.fromkeys(found)), frequencies, dependence, first, shared.same)


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


def _of_one(side: Side, keys: np.ndarray) -> list[str]:
    """Copies and constant features within a side, whose twins have these keys."""
    found: list[str] = []
    if side.features is None:
        return found
    if copies := len(keys) - len(np.unique(keys)):
        found.append(
            f"{copies} of {side.n} images of {side.role} are copies of another one of them"
        )
    if "constant" not in side.known:
        side.known["constant"] = n_constant(side.rows)
    if constant := side.known["constant"]:
        found.append(f"{constant} of {side.d} features of {side.role} are constant and say nothing")
    return found


def _sets(side: Side, keys: np.ndarray) -> str | None:
    """Sets of images that resemble each other, where no groups were declared."""
    if side.features is None or side.groups is not None:
        return None
    if "sets" not in side.known:
        copies = np.unique(keys, return_counts=True)[1]
        every = 1 < len(copies) and len(keys) == side.n and copies.min() == copies.max() > 1
        size = int(copies[0]) if every else undeclared_sets(side.rows, side.labels)
        side.known["sets"] = size
    if (size := side.known["sets"]) is None:
        return None
    return (
        f"images of {side.role} come in sets of {size} that are far more alike than others: give "
        "--group-by (groups) for near copies, frames of a video or images of a patient, or "
        "--label-by (labels) for classes"
    )


def _sequence(side: Side) -> str | None:
    """Images that resemble those that follow them, where no groups were declared.

    A model draws one image after the other: if those of a class are alike in turns, they do not
    show what they were asked for, which `obedience` finds.
    """
    if side.features is None or (side.role != "real" and side.labels is not None):
        return None
    if "sequence" not in side.known:
        side.known["sequence"] = likeness_of(side.features)
    found: Likeness | None = side.known["sequence"]
    if found is None:
        return None
    return found.in_words(f"images of {side.role}", labelled=side.labels is not None)


@dataclass(frozen=True)
class _Shared:
    """Images that are on both sides."""

    warning: str | None = None
    dependence: str | None = None
    same: bool = False


def _shared(
    real: Side, fake: Side, reals: np.ndarray, fakes: np.ndarray, bearable: float
) -> _Shared:
    """Each shared image cancels noise that corrections count, which adds up over d features.

    One image, and one in d of the smaller side (one in 16 for fewer features), leave the intervals
    of distances right: benchmarks/calibration, law `copies`. One that both sides have more than
    once, such as an empty field of view, counts once: it may be chance.
    """
    if not len(reals) or not len(fakes):
        return _Shared()
    each_real, n_real = np.unique(reals, return_counts=True)
    each_fake, n_fake = np.unique(fakes, return_counts=True)
    _, i, j = np.intersect1d(each_real, each_fake, assume_unique=True, return_indices=True)
    of_real, of_fake = n_real[i], n_fake[j]
    if of_real.sum() == real.n and of_fake.sum() == fake.n and np.array_equal(of_real, of_fake):
        return _Shared(SAME_IMAGES, SAME_IMAGES, same=True)
    if not len(i):
        return _Shared()
    warning = f"{of_fake.sum()} of {fake.n} images of fake are exact copies of reals"
    often = np.minimum(of_real, of_fake) > 1
    copied = int(np.where(often, 1, np.maximum(of_real, of_fake)).sum())
    if copied <= max(1, bearable * min(real.n or 0, fake.n or 0)):
        return _Shared(warning)
    return _Shared(warning, f"{warning}, so the sides are hardly independent")


def twins(sides: Sequence[Side]) -> list[np.ndarray]:
    """For each side the keys [t] of the images that may have an equal, there or on another side.

    All others have none. Equal images have equal keys: hashes of the pixels where every side knows
    them, else of the rows, of which only those are hashed that a few features do not tell apart.
    No keys for statistics.
    """
    pixels = all(side.hashes is not None for side in sides)
    known = [side for side in sides if side.features is not None]
    first = [_first_keys(side, pixels) for side in known]
    found = {}
    for side, keys, places in zip(known, first, repeated(first), strict=True):
        apart = pixels or not len(places)
        found[id(side)] = keys[places] if apart else hash_some(side.rows, places)
    none = np.empty(0, np.uint64)
    return [found.get(id(side), none) for side in sides]


def _first_keys(side: Side, pixels: bool) -> np.ndarray:
    """[n] that equal images share."""
    if pixels:
        return np.asarray(side.hashes)[:, 0]
    if "glance" not in side.known:
        side.known["glance"] = glance(side.rows)
    return np.asarray(side.known["glance"])


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
