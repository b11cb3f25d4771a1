"""Are images taken for their class by classifiers of reals that have not seen them?"""

from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.metrics.obedience.axes import Axes
from ganeval.metrics.obedience.classifier import Classifier, with_ones
from ganeval.metrics.spine import Side
from ganeval.statistics import assign_blocks, numbered

FOLDS = 5
"""Parts of the reals; a classifier is trained on all of them but one."""

WIDE = 1.5
"""Width of the kernel in standard deviations of the margins, times m^0.2."""


@dataclass(frozen=True, eq=False)
class Judgements:
    """How classifiers judge images.

    Args:
        right: [m] share of the classifiers that take an image for its class.
        taken: [k, k] images of class i taken for class j, averaged over the classifiers.
        pulls: [n] how much the share of all m moves with one more copy of a training image.
    """

    right: np.ndarray
    taken: np.ndarray
    pulls: np.ndarray


def cross_fitted(
    real: Array,
    fake: Array,
    of_real: np.ndarray,
    of_fake: np.ndarray,
    fold: np.ndarray,
) -> tuple[Judgements, Judgements]:
    """Judgements of reals that were held out, and of fakes by the same classifiers.

    Each real is judged by the one classifier that has not seen its part of the reals (and no real
    of its group), each fake by all, which count as often as they judge reals of its class: fakes
    that are distributed as the reals are right as often.

    Args:
        real: [n, d].
        fake: [m, d].
        of_real: [n] class numbers from 0, each with an image.
        of_fake: [m].
        fold: [n] parts of the reals, from 0; see `parts_of`.
    """
    k = int(of_real.max()) + 1
    shares = np.zeros((k, fold.max() + 1))  # of the reals of a class, in each part
    np.add.at(shares, (of_real, fold), 1.0)
    shares /= shares.sum(1, keepdims=True)
    axes = Axes.of(real)
    x, y = axes(real), axes(fake)
    held, right, pulls = np.zeros(len(x)), np.zeros(len(y)), np.zeros(len(x))
    own, taken = np.zeros((k, k)), np.zeros((k, k))
    for part in range(shares.shape[1]):
        train, test = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        fitted = Classifier.fit(x[train], of_real[train], k)
        seen = fitted.logits(x[test]).argmax(1)
        held[test] = seen == of_real[test]
        np.add.at(own, (of_real[test], seen), 1.0)
        logits, weights = fitted.logits(y), shares[of_fake, part]
        seen = logits.argmax(1)
        right += weights * (seen == of_fake)
        np.add.at(taken, (of_fake, seen), weights)
        pulls[train] += fitted.pulls(share_slope(y, logits, of_fake, weights))
    return Judgements(held, own, np.zeros(0)), Judgements(right, taken, pulls)


def parts_of(side: Side, classes: np.ndarray) -> np.ndarray:
    """[n] numbers from 0 of the parts that images are dealt into, alike in their classes.

    Groups stay together, and if a part would hold all images of a class, each is a part of its own.
    The deal follows what is in the pixels, or else the features, so that no
    name and no order of files moves it.
    """
    known = side.rows if side.hashes is None else side.hashes
    order = np.lexsort(to_numpy(known).T[::-1])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    groups = None
    if side.groups is not None and len(set(side.groups)) < len(side.groups):
        groups = numbered(np.asarray(side.groups)[order])[place].astype(str).tolist()
    names, labels = place.astype(str).tolist(), classes.astype(str).tolist()
    fold = assign_blocks(names, labels=labels, groups=groups, n_blocks=FOLDS)
    if groups is not None and _holds_a_class(fold, classes):
        fold = assign_blocks(names, labels=labels, groups=groups, n_blocks=len(groups))
    return fold


def _holds_a_class(fold: np.ndarray, classes: np.ndarray) -> bool:
    """Whether a part has all images of a class, so that none is left to learn from."""
    pairs = np.unique(np.stack([classes, fold]), axis=1)
    return bool((np.bincount(pairs[0]) < 2).any())


def share_slope(
    rows: np.ndarray, logits: np.ndarray, classes: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """[r + 1, k] how the share of images that are taken for their class moves with a classifier.

    An image changes sides where its margin (the logit of its class less the best other one) is 0,
    and the density of margins there is estimated by a kernel.

    Args:
        rows: [m, r].
        logits: [m, k].
        classes: [m] class numbers.
        weights: [m] what each image counts.
    """
    m, k = logits.shape
    every = np.arange(m)
    others = logits.copy()
    others[every, classes] = -np.inf
    rival = others.argmax(1)
    margins = logits[every, classes] - others[every, rival]
    width = WIDE * float(margins.std()) * m**-0.2
    if not width > 0:
        return np.zeros((rows.shape[1] + 1, k))
    density = np.exp(-0.5 * (margins / width) ** 2) / (width * (2 * np.pi) ** 0.5 * m)
    signs = np.zeros((m, k))
    signs[every, classes] = weights * density
    signs[every, rival] -= weights * density
    return np.asarray(with_ones(rows).T @ signs)
