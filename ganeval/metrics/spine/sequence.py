"""Do images that follow each other resemble each other: are they sorted by plate, video or class?

Images that were drawn one by one are as like the next ones as like any others. In runs of images
that follow each other, the products of two of them, both less the mean of their class, then have
the mean that they have over the whole class, whatever the distribution; a t statistic over runs
shows where it is larger. Short runs show copies and frames, long ones plates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, less, to_float64, to_numpy
from ganeval.lazy import torch
from ganeval.shared import Found, Share, taken_rows, total, work

MOST_RUNS, NUMBERS = 256, 2**23
"""Of the shortest length; and numbers in the sums of all of them: 64 MB."""

FEWEST_RUNS = 8
"""Of the longest length, for a standard deviation over runs."""

LEVEL = 1e-4
"""Chance of a false alarm, over all lengths."""

BEARABLE = 1.96 / 1.88
"""Factor by which a standard error may be too small: a 95 % interval then covers 94 %."""


@dataclass(frozen=True)
class Likeness:
    """How alike images are that follow each other.

    Args:
        correlation: of two images of a run, over all features, within classes.
        too_small: the factor by which a standard error that takes images for independent is at
            least too small; there may be longer runs than are looked at.
    """

    correlation: float
    too_small: float

    def in_words(self, images: str, *, labelled: bool) -> str:
        """What a user should know and do; `images` says which ones."""
        return (
            f"{images} that follow each other are alike (correlation {self.correlation:.2g}), so "
            f"standard errors would be at least {self.too_small:.2g} times too small: give "
            "--group-by (groups) for their plates, patients or videos"
            + ("" if labelled else ", or --label-by (labels) for their classes")
        )


def alike_in_sequence(rows: Array, labels: Sequence[str] | None = None) -> Likeness | None:
    """How alike images are that follow each other; None where they are no more so than others.

    Args:
        rows: [n, d], in the order of the files.
        labels: [n] class names; only images of the same class are then compared.

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
    tested = list(_tested(_Cells.of(rows, labels, length)))
    sure = [likeness for p, likeness in tested if p * len(tested) <= LEVEL]
    if not any(likeness.too_small > BEARABLE for likeness in sure):
        return None
    return Likeness(
        max(likeness.correlation for likeness in sure),
        max(likeness.too_small for _, likeness in tested),
    )


@dataclass(frozen=True, eq=False)
class _Cells:
    """Sums over images of a class that follow each other within a run, sorted by class and run.

    Args:
        run: [c] number of the run; the last one has the images that are left over, too.
        code: [c] number of the class.
        count: [c] images.
        sums: [c, d] of the images.
        squares: [c] of their lengths.
    """

    run: np.ndarray
    code: np.ndarray
    count: np.ndarray
    sums: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, rows: Array, labels: Sequence[str] | None, length: int) -> "_Cells":
        """Of all images less their class's mean, in runs of this length."""
        n = len(rows)
        codes = np.zeros(n, np.int64)
        if labels is not None:
            codes = np.unique(np.asarray(labels), return_inverse=True)[1]
        order = np.argsort(codes, kind="stable")
        run, code = np.minimum(np.arange(n) // length, n // length - 1), codes[order]
        starts = _starts(run, code)
        cell = np.empty(n, np.int64)
        cell[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=n))
        centre = to_numpy(taken_rows(rows, np.zeros(1, np.int64)))[0]
        found = total(rows, _sums, centre=centre, cell=cell)
        count, sums, squares = np.diff(starts, append=n), found[:, :-1], found[:, -1]
        first = _starts(code[starts])
        sizes = np.add.reduceat(count, first)
        means = (np.add.reduceat(sums, first) / sizes[:, None])[code[starts]]
        squares = squares - ((2 * sums - count[:, None] * means) * means).sum(1)
        return cls(run[starts], code[starts], count, sums - count[:, None] * means, squares)

    @property
    def runs(self) -> int:
        """How many there are."""
        return int(self.run.max()) + 1

    def in_longer_runs(self) -> "_Cells":
        """The same images in runs of twice the length."""
        run = np.minimum(self.run // 2, self.runs // 2 - 1)
        starts = _starts(run, self.code)
        joined = (np.add.reduceat(x, starts) for x in (self.count, self.sums, self.squares))
        return _Cells(run[starts], self.code[starts], *joined)


def _tested(cells: _Cells) -> Iterator[tuple[float, Likeness]]:
    """In runs of one length after the other: p, and how alike images are."""
    from scipy.special import stdtr

    sizes, squares = np.bincount(cells.code, cells.count), np.bincount(cells.code, cells.squares)
    usual = -squares / np.maximum(sizes * (sizes - 1), 1)  # mean product of two of a class
    variance = squares.sum() / max(sizes.sum() - len(sizes), 1)
    while (runs := cells.runs) >= FEWEST_RUNS:
        pairs = cells.count * (cells.count - 1)
        products = np.square(cells.sums).sum(1) - cells.squares - pairs * usual[cells.code]
        of_runs = np.bincount(cells.run, products, runs)
        if (spread := of_runs.std(ddof=1)) > 0:
            p = float(stdtr(runs - 1, -(runs**0.5) * of_runs.mean() / spread))
            correlation = float(of_runs.sum() / max(pairs.sum(), 1) / variance)
            partners = float(pairs.sum() / sizes.sum())
            yield p, Likeness(correlation, max(0.0, 1 + partners * correlation) ** 0.5)
        cells = cells.in_longer_runs()


@work
def _sums(share: Share, centre: np.ndarray, cell: np.ndarray) -> Found:
    """[c, d + 1] of the images less `centre`, and of their squared lengths, in each cell."""
    device = to_float64(share.rows[:1]).device
    sums = torch.zeros(int(cell.max()) + 1, len(centre) + 1, dtype=torch.float64, device=device)
    for part, tile in less(share.rows, torch.from_numpy(centre).to(device)):
        at = torch.from_numpy(cell[share.own[part]]).to(device)
        sums[:, :-1].index_add_(0, at, tile)
        sums[:, -1].index_add_(0, at, tile.square_().sum(1))
    return {"sum": to_numpy(sums)}


def _starts(*columns: np.ndarray) -> np.ndarray:
    """Where equal neighbours begin in sorted columns [c]."""
    changes = np.any([np.diff(column) != 0 for column in columns], axis=0)
    return np.flatnonzero(np.r_[True, changes])
