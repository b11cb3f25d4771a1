"""Average precision of queries that rank labelled images, and how it moves without one of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_PAIRS = 2**21
"""Similarities that are held at once."""


@dataclass(frozen=True, eq=False)
class Ranked:
    """How queries rank images.

    Args:
        of_classes: [q, k] average precision of each query for each class: the mean, over the
            images of the class, of the share of that class among the images as near or nearer.
        nearest: [q] class number of the nearest image.
        without: [n] mean change of the queries' own precision if an image is left out.
        excess: Σ over images and queries of its squared change, over q².
    """

    of_classes: np.ndarray
    nearest: np.ndarray
    without: np.ndarray
    excess: float


def ranked(
    queries: np.ndarray,
    images: np.ndarray,
    asked: np.ndarray,
    classes: np.ndarray,
    *,
    themselves: bool = False,
) -> Ranked:
    """Ranks all images by their cosine similarity to each query.

    Args:
        queries: [q, d] of length 1.
        images: [n, d] of length 1, every class with two or more.
        asked: [q] class numbers of the queries.
        classes: [n] class numbers from 0.
        themselves: whether the queries are the images, which do not rank themselves.
    """
    q, n = len(queries), len(images)
    order = np.argsort(classes, kind="stable")
    images, classes = images[order], classes[order]
    ends = np.cumsum(np.bincount(classes))
    found = np.empty((q, len(ends)))
    nearest = np.empty(q, np.int64)
    without, excess = np.zeros(n), 0.0
    for rows in _blocks(q, n):
        alike = queries[rows] @ images.T
        if themselves:  # last of all, and not counted
            own = np.argsort(order)[np.arange(rows.start, rows.stop)]
            alike[np.arange(len(own)), own] = -np.inf
        by_rank = np.argsort(-alike, axis=1, kind="stable")
        rank = np.empty_like(by_rank)
        np.put_along_axis(rank, by_rank, np.arange(1, n + 1)[None], axis=1)
        nearest[rows] = classes[by_rank[:, 0]]
        for i, end in enumerate(ends):
            start = 0 if i == 0 else ends[i - 1]
            hits = np.sort(rank[:, start:end], axis=1)
            precision = np.arange(1, end - start + 1) / hits
            if themselves:
                inside = asked[rows] == i
                precision[inside, -1] = 0.0
                found[rows, i] = precision.sum(1) / (end - start - inside)
            else:
                found[rows, i] = precision.mean(1)
        if not themselves:
            change = np.empty_like(alike)
            moved = _without_each(classes[by_rank] == asked[rows, None])
            np.put_along_axis(change, by_rank, moved, axis=1)
            without += change.sum(0) / q
            excess += float((change**2).sum()) / q**2
    back = np.empty(n)
    back[order] = without
    return Ranked(found, nearest, back, excess)


def _blocks(q: int, n: int) -> Iterator[slice]:
    step = max(1, _PAIRS // n)
    for start in range(0, q, step):
        yield slice(start, min(start + step, q))


def _without_each(hit: np.ndarray) -> np.ndarray:
    """[q, n] change of the average precision if the image at each rank is left out.

    One of another class moves all hits behind it up by one; a hit counts no more itself either.

    Args:
        hit: [q, n] bool, whether the image at each rank is of the query's class.
    """
    place = np.arange(1, hit.shape[1] + 1)
    count = np.cumsum(hit, axis=1)
    total = count[:, -1:]
    here = np.where(hit, count / place, 0.0)
    up = np.where(hit, count / np.maximum(place - 1, 1), 0.0)
    fewer = np.where(hit, (count - 1) / np.maximum(place - 1, 1), 0.0)
    before = np.cumsum(here, axis=1) - here
    whole = here.sum(1, keepdims=True)
    of_other = (before + _behind(up)) / total - whole / total
    of_hit = (before + _behind(fewer)) / np.maximum(total - 1, 1) - whole / total
    return np.asarray(np.where(hit, of_hit, of_other))


def _behind(values: np.ndarray) -> np.ndarray:
    """[q, n] sums of what comes after each place."""
    return np.asarray(values.sum(1, keepdims=True) - np.cumsum(values, axis=1))
