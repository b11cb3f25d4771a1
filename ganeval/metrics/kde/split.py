"""Parts of a side that neither names, nor the order of files, nor a seed can move."""

import numpy as np

from ganeval.features import Features
from ganeval.metrics.spine import first_feature, hash_rows
from ganeval.statistics import numbered


def every(side: Features, step: int) -> np.ndarray:
    """[n] bool: every `step`-th image along the first feature, within each label.

    Copies of an image stay together, and so do the images of a group; only where that leaves a
    single lot are they torn apart. Shifting or scaling the features changes nothing.
    """
    order = by_features(side)
    keys = hash_rows(side.features)
    choices = [keys, np.arange(len(order))]
    if side.groups is not None:
        choices.insert(0, np.asarray(side.groups))
    for names in choices:
        lots = numbered(names[order])
        if lots.max() > 0:
            break
    chosen = np.empty(len(order), bool)
    chosen[order] = lots % step == 1
    return chosen


def evenly(side: Features, n: int) -> np.ndarray:
    """[n] rows at equal steps along the first feature."""
    return by_features(side)[np.arange(n) * len(side) // n]


def by_features(side: Features) -> np.ndarray:
    """[n] rows by label, then by the first feature; images that agree in it by all others."""
    first = first_feature(side.features)
    labels = np.asarray(side.labels or [""] * len(first))
    return np.lexsort((hash_rows(side.features), first, labels))
