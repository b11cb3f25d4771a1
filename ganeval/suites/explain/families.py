"""Families of properties that rise and fall together: a difference is one of the whole family."""

import numpy as np

ALIKE = 0.7
"""Mean absolute rank correlation of the members of a family, at least."""


def families_of(rows: np.ndarray) -> list[np.ndarray]:
    """Positions of the columns of each family, by hierarchical clustering.

    Average linkage of 1 − |ρ|, with ρ Spearman's rank correlation, cut at 1 − ALIKE. A column that
    is constant here is a family of its own.

    Args:
        rows: [n, d] properties of one side: both together would join whatever differs.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from scipy.stats import rankdata

    d = rows.shape[1]
    if d < 2:
        return [np.arange(d)][:d]
    ranks = rankdata(rows, axis=0)
    ranks -= ranks.mean(0)
    sizes = np.sqrt((ranks**2).sum(0))
    ranks /= np.where(sizes > 0, sizes, 1)
    distance = 1 - np.abs(ranks.T @ ranks).clip(0, 1)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "average")
    of = fcluster(tree, 1 - ALIKE, "distance")
    return [np.flatnonzero(of == number) for number in np.unique(of)]
