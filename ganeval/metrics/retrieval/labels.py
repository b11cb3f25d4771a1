"""Would as much be retrieved if fakes carried other labels? A permutation test."""

from collections.abc import Iterator

import numpy as np

from ganeval.statistics import seeded


def permuted_labels(
    asked: np.ndarray, groups: np.ndarray | None, *, count: int, seed: int
) -> Iterator[np.ndarray]:
    """`count` times the labels in another order.

    Where every group has one class, groups exchange their labels; otherwise images do so within
    their group, so that what a plate has in common gives no advantage.

    Args:
        asked: [m] class numbers.
        groups: [m] numbers from 0; None where images are independent.
        count: of permutations.
        seed: of the draw.
    """
    rng = seeded("retrieval", seed)
    m = len(asked)
    if groups is None:
        for _ in range(count):
            yield asked[rng.permutation(m)]
        return
    g = int(groups.max()) + 1
    low, high = np.full(g, asked.max()), np.zeros(g, np.int64)
    np.minimum.at(low, groups, asked)
    np.maximum.at(high, groups, asked)
    if (low == high).all():
        for _ in range(count):
            yield low[rng.permutation(g)][groups]
        return
    home = np.argsort(groups, kind="stable")
    for _ in range(count):
        moved = np.empty(m, np.int64)
        moved[home] = asked[np.lexsort((rng.random(m), groups))]
        yield moved
