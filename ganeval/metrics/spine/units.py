"""What stays on one side of a split: an image with its copies and with the rest of its group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.metrics.spine.oddities import row_keys
from ganeval.metrics.spine.pair import Pair
from ganeval.metrics.spine.side import Side
from ganeval.statistics import BOTH, balanced_labels, numbered, repeated_splits, strata


@dataclass(frozen=True, eq=False)
class Units:
    """N images of two sides, in u units, in an order that no name and no order of files moves.

    Args:
        order: [N] rows of both sides, reals first, in this order: the next two arrays follow it.
        of: [N] unit of each image.
        real: [N] bool, the side of each image.
        kinds: [u] 0 for units of reals, 1 of fakes, BOTH for those that have both.
        strata: [u] numbers of classes, where every unit has one class and sizes were chosen.
        apart: whether copies were separated, since there was nothing to split otherwise.
    """

    order: np.ndarray
    of: np.ndarray
    real: np.ndarray
    kinds: np.ndarray
    strata: np.ndarray
    apart: bool = False

    def sizes(self) -> tuple[int, int]:
        """Images of the real and of the fake side."""
        return int(self.real.sum()), int((~self.real).sum())

    def by_side(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values [N] in this order, as those of the reals and of the fakes in their own order."""
        back = np.empty_like(values)
        back[self.order] = values
        n = self.sizes()[0]
        return back[:n], back[n:]


def pair_units(pair: Pair) -> Units:
    """Units of both sides; plates of the same name on both sides are one unit.

    Their order is that of the pixels, or else that of the features (by the first column, then the
    second and so on): the same images in another order, at another scale or with other names of
    plates are split in the same way.

    Raises:
        InputError: a side has one unit only.
    """
    real, fake = sides = pair.sides
    order = _order(sides)
    is_real = np.repeat([True, False], [len(side.rows) for side in sides])[order]
    keys = np.concatenate([np.asarray(row_keys(side, sides)) for side in sides])[order]
    names = np.array(
        [
            f"{side.role} {i}" if side.groups is None else f"group {side.groups[i]}"
            for side in sides
            for i in range(len(side.rows))
        ]
    )[order]
    classes = _classes(*strata(real.labels, fake.labels))
    classes = None if classes is None else classes[order]
    units = _units(order, [names, keys], is_real, classes)
    if not all(_splittable(units, kind) for kind in (0, 1)):
        units = replace(_units(order, [names], is_real, classes), apart=True)
    for kind, side in enumerate(sides):
        if not _splittable(units, kind):
            raise InputError(
                f"{side.role} has 1 group of its own; a test of two samples needs at least 2 "
                "groups a side"
            )
    return units


def halves(real: Side, units: Units, *, seed: int) -> Units | None:
    """The reals' units in two halves, as if one were the fakes; None for fewer than four units."""
    order = units.order[units.real]
    names, of = np.unique(units.of[units.real], return_inverse=True)
    if len(names) < 4:
        return None
    classes = _classes(balanced_labels(real.labels))
    numbers = _of_units(of, len(names), None if classes is None else classes[order])
    half = repeated_splits(np.zeros(len(names)), numbers, repeats=1, seed=seed)[:, 0]
    return Units(order, of, ~half[of], half.astype(np.int64), numbers, units.apart)


def _units(
    order: np.ndarray,
    links: Sequence[np.ndarray],
    is_real: np.ndarray,
    classes: np.ndarray | None,
) -> Units:
    of = numbered(_linked(links))
    u = int(of.max()) + 1
    reals = np.bincount(of, weights=is_real, minlength=u)
    sizes = np.bincount(of, minlength=u)
    kinds = np.where(reals == sizes, 0, np.where(reals == 0, 1, BOTH))
    return Units(order, of, is_real, kinds, _of_units(of, u, classes))


def _linked(links: Sequence[np.ndarray]) -> np.ndarray:
    """[N] numbers, equal for images that some chain of equal names links."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(links[0])
    ends, start = [], n
    for names in links:
        _, number = np.unique(names, return_inverse=True)
        ends.append(start + number)
        start += int(number.max()) + 1
    rows, columns = np.tile(np.arange(n), len(links)), np.concatenate(ends)
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(start, start))
    return np.asarray(connected_components(graph, directed=False)[1][:n])


def _order(sides: Sequence[Side]) -> np.ndarray:
    """[N] rows by their pixels where both sides know them, else by their features."""
    if all(side.hashes is not None for side in sides):
        rows = np.concatenate([np.asarray(side.hashes) for side in sides])
    else:
        rows = np.concatenate([to_numpy(side.rows).astype(np.float64) for side in sides])
    return np.lexsort(rows.T[::-1])


def _classes(*labels: Sequence[str] | None) -> np.ndarray | None:
    """[N] class numbers over all sides; None where a side is not to be stratified."""
    known = [side for side in labels if side is not None]
    if len(known) < len(labels):
        return None
    _, numbers = np.unique([name for side in known for name in side], return_inverse=True)
    return numbers


def _of_units(of: np.ndarray, u: int, classes: np.ndarray | None) -> np.ndarray:
    """[u] class of each unit; zeros where some unit has images of several classes."""
    if classes is None:
        return np.zeros(u, np.int64)
    low, high = np.full(u, classes.max()), np.zeros(u, np.int64)
    np.minimum.at(low, of, classes)
    np.maximum.at(high, of, classes)
    return low if (low == high).all() else np.zeros(u, np.int64)


def _splittable(units: Units, kind: int) -> bool:
    """Whether each part of a split gets images of this side."""
    return any(int((units.kinds == wanted).sum()) >= 2 for wanted in (kind, BOTH))
