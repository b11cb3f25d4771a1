"""Do images that follow each other resemble each other: are they sorted by plate, video or class?

Images that were drawn one by one are as like the next ones as like any others. In runs of images
that follow each other, the products of two of them, both less the mean of their class, then have
a mean that is known, whatever the distribution; a t statistic over runs shows where it is larger.
Short runs show copies and frames, long ones plates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, less, to_float64, to_numpy
from ganeval.features import Features
from ganeval.lazy import torch
from ganeval.shared import Found, Share, each, sum_of, taken_rows, work

MOST_RUNS, NUMBERS = 256, 2**23
"""Of the shortest length; and numbers in the sums of all of them: 64 MB."""

FEWEST_RUNS = 8
"""Of the longest length, for a standard deviation over runs."""

LEVEL = 1e-4
"""Chance of a false alarm, over all lengths."""

ROUNDING = 1e-14
"""Share of a number below which what is left of it is rounding."""

BEARABLE = 1.96 / 1.88
"""Factor by which a standard error may be too small: a 95 % interval then covers 94 %."""


@dataclass(frozen=True)
class Likeness:
    """How alike images are that follow each other.

    Args:
        correlation: of two images of a run, over all features less the means of their classes.
        too_small: the factor by which a standard error that takes images for independent is too
            small, as far as runs of this length show.
    """

    correlation: float
    too_small: float

    def in_words(self, images: str, *, labelled: bool) -> str:
        """What a user should know and do; `images` says which ones."""
        return (
            f"{images} that follow each other are alike (correlation {self.correlation:.2g}), so "
            "that intervals and p-values of independent images do not hold (standard errors would "
            f"be about {self.too_small:.2g} times too small): give --group-by (groups) for their "
            "plates, patients or videos"
            + ("" if labelled else ", or --label-by (labels) for their classes")
        )


def likeness_of(side: Features) -> Likeness | None:
    """How alike images of a side are that follow each other, where nobody declared groups."""
    return None if side.groups is not None else alike_in_sequence(side.features, side.labels)


def alike_in_sequence(rows: Array, labels: Sequence[str] | None = None) -> Likeness | None:
    """How alike images are that follow each other; None where they are no more so than others.

    Args:
        rows: [n, d], in the order of the files.
        labels: [n] class names, whose means are then taken off.

    Example:
        >>> centres = np.random.default_rng(0).normal(size=(50, 8))
        >>> alike_in_sequence(np.repeat(centres, 4, axis=0)).too_small
        2.0
    """
    n, d = rows.shape
    most = max(2 * FEWEST_RUNS, min(MOST_RUNS, NUMBERS // d))
    length = 2
    while n > length * most:
        length *= 2
    if n < length * FEWEST_RUNS:
        return None
    code = np.zeros(n, np.int64)
    if labels is not None:
        code = np.unique(np.asarray(labels), return_inverse=True)[1]
    tested = list(_tested(rows, code, np.minimum(np.arange(n) // length, n // length - 1)))
    sure = [likeness for p, likeness in tested if p * len(tested) <= LEVEL]
    most_of_all = max(sure, key=lambda likeness: likeness.too_small, default=None)
    if most_of_all is None or most_of_all.too_small <= BEARABLE:
        return None
    return most_of_all


def _tested(rows: Array, code: np.ndarray, run: np.ndarray) -> Iterator[tuple[float, Likeness]]:
    """In runs of one length after the other, each twice the last: p, and how alike images are.

    Args:
        rows: [n, d].
        code: [n] numbers of classes, from 0.
        run: [n] numbers of the shortest runs; the last one has the images that are left over, too.
    """
    from scipy.special import stdtr

    n, size = len(run), np.bincount(code)
    sums, squares, of_class, raw = _centred_sums(rows, code, run)
    if of_class.sum() <= ROUNDING * raw:
        return  # every image is the mean of its class
    usual = -of_class / np.maximum(size * (size - 1), 1)  # mean product of two of a class
    variance = of_class.sum() / max(n - len(size), 1)
    while (runs := len(sums)) >= FEWEST_RUNS:
        count = np.bincount(run)
        cells, of_cell = np.unique(run * len(size) + code, return_counts=True)
        alike = of_cell * (of_cell - 1) * usual[cells % len(size)]
        products = np.square(sums).sum(1) - squares - np.bincount(cells // len(size), alike, runs)
        pairs = float((count * (count - 1)).sum())
        correlation = float(products.sum() / pairs / variance)
        likeness = Likeness(correlation, max(0.0, 1 + pairs / n * correlation) ** 0.5)
        spread = products.std(ddof=1) / runs**0.5
        t = products.mean() / spread if spread > ROUNDING * abs(products.mean()) else np.inf
        yield float(stdtr(runs - 1, -t)) if correlation > 0 else 1.0, likeness
        run = np.minimum(run // 2, runs // 2 - 1)
        starts = np.arange(runs // 2) * 2
        sums, squares = np.add.reduceat(sums, starts), np.add.reduceat(squares, starts)


def _centred_sums(
    rows: Array, code: np.ndarray, run: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Sums [r, d] of images less the mean of their class, in each run, and of their squares [r].

    And the sums of squares of each class [k], and that of all images before means are taken off.
    """
    size, count = np.bincount(code), np.bincount(run)
    first = to_numpy(taken_rows(rows, np.zeros(1, np.int64)))[0]
    means = np.zeros((len(size), len(first)))
    if len(size) > 1:
        means, _, raw = _sums(rows, first, means, code, code)
        return *_sums(rows, first, means / size[:, None], code, run), float(raw.sum())
    # Of a single class the mean follows from the runs, and one look at the rows will do.
    sums, squares, raw = _sums(rows, first, means, code, run)
    mean = sums.sum(0) / len(run)
    square = mean @ mean
    squares = squares - 2 * sums @ mean + count * square
    return sums - count[:, None] * mean, squares, raw - len(run) * square, float(raw.sum())


def _sums(
    rows: Array, first: np.ndarray, means: np.ndarray, code: np.ndarray, into: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums [s, d] of images less `first` and the mean of their class, in each part of `into` [n].

    And sums of their squared lengths, in each part [s] and in each class [k].
    """
    found = each(rows, _sums_here, first=first, means=means, code=code, into=into)
    sums, squares, of_class = (sum_of(found, name) for name in ("sums", "squares", "of_class"))
    return sums, squares, of_class


@work
def _sums_here(
    share: Share, first: np.ndarray, means: np.ndarray, code: np.ndarray, into: np.ndarray
) -> Found:
    device = to_float64(share.rows[:1]).device
    offsets = torch.from_numpy(means).to(device)
    sums = torch.zeros(int(into.max()) + 1, len(first), dtype=torch.float64, device=device)
    squares, of_class = sums.new_zeros(len(sums)), sums.new_zeros(len(means))
    for part, tile in less(share.rows, torch.from_numpy(first).to(device)):
        at, of = (torch.from_numpy(x[share.own[part]]).to(device) for x in (into, code))
        if len(means) > 1:
            tile -= offsets[of]
        sums.index_add_(0, at, tile)
        lengths = tile.square_().sum(1)
        squares.index_add_(0, at, lengths)
        of_class.index_add_(0, of, lengths)
    return {
        "sums": to_numpy(sums),
        "squares": to_numpy(squares),
        "of_class": to_numpy(of_class),
    }
