"""Parts of a set of images that are alike, by a seeded hash and never by position.

Halves of the reals are two such blocks; a file of statistics keeps its sums by block, and their
scatter gives its interval. Files come sorted by class, plate or date, so consecutive rows would
make blocks that are unlike each other.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from ganeval.errors import InputError
from ganeval.statistics.strata import Labels


def assign_blocks(
    ids: Sequence[str],
    *,
    labels: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    n_blocks: int,
    seed: int = 0,
    salt: str = "",
) -> np.ndarray:
    """Deals images into blocks that are alike.

    Without groups, the images of each label are ordered by the hash of (seed, id) and every block
    gets its share of them: block sizes differ by at most one, and so do the numbers of any label
    in two blocks. With groups, whole groups go to one block each, or, where there are more groups
    than blocks, to the block that is emptiest in their labels.

    Args:
        ids: [n] unique strings.
        labels: [n] class names; blocks get the same share of every class.
        groups: [n] names of plates, dishes, patients: images of a group are not independent.
        n_blocks: at most so many blocks; fewer where there are fewer groups or images.
        seed: another seed, another deal.
        salt: of the hash of the ids, so that files of the same names in two sets are dealt
            independently. Which blocks get one image more of a label than others depends on seed
            and label alone: sets of the same class sizes have the same mixture in every block.

    Returns:
        [n] block numbers, from 0.

    Raises:
        InputError: labels or groups of another length than ids, or n_blocks below 1.
    """
    for name, given in (("labels", labels), ("groups", groups)):
        if given is not None and len(given) != len(ids):
            raise InputError(
                f"{len(given)} {name} for {len(ids)} images; give one per image, in the same order"
            )
    if n_blocks < 1:
        raise InputError(f"n_blocks is {n_blocks}; give at least 1")
    names, classes = np.unique(
        np.asarray(labels) if labels is not None else np.full(len(ids), ""), return_inverse=True
    )
    if groups is not None:
        return _deal_groups(np.asarray(groups), classes, n_blocks, str(seed))
    g = min(n_blocks, max(len(ids), 1))
    lots = np.array([_hashes(map(str, range(g)), f"{seed}/{name}") for name in names])
    return _deal_images(
        _hashes(ids, f"{seed}/{salt}" if salt else str(seed)), classes, lots.reshape(-1, g)
    )


def blocks_of_classes(labels: Labels) -> int | None:
    """How many blocks can hold every class; None where blocks are not dealt by class.

    A class of fewer images than blocks is missing from some, so that the mixture differs from
    block to block. Classes that together hold under 5 % of the images do not count.
    """
    if labels is None:
        return None
    sizes = np.sort(list(Counter(labels).values()))
    held = np.cumsum(sizes) / sizes.sum()
    return int(sizes[np.searchsorted(held, 0.05)])


def _deal_images(hashes: np.ndarray, classes: np.ndarray, lots: np.ndarray) -> np.ndarray:
    """Every block its share of every class, by order of hash.

    Args:
        hashes: [n] of the images.
        classes: [n] numbers from 0.
        lots: [classes, g] numbers by which the g blocks draw for what is left over.
    """
    g = lots.shape[1]
    blocks = np.empty(len(hashes), np.int64)
    dealt = np.zeros(g, np.int64)
    order = np.lexsort((hashes, classes))
    start = 0
    for label, size in enumerate(np.bincount(classes)):
        quota = np.full(g, size // g)
        # What is left goes where least was dealt. Ties are drawn: a fixed order would put the same
        # classes together in the same blocks again and again.
        neediest = np.lexsort((lots[label], dealt))
        quota[neediest[: size % g]] += 1
        blocks[order[start : start + size]] = np.repeat(np.arange(g), quota)
        dealt += quota
        start += size
    return blocks


def _deal_groups(groups: np.ndarray, classes: np.ndarray, n_blocks: int, seed: str) -> np.ndarray:
    """Whole groups to blocks: large ones first, each to the block that is emptiest for it."""
    names, members = np.unique(groups, return_inverse=True)
    if len(names) <= n_blocks:
        return np.asarray(members, np.int64)
    counts = np.zeros((len(names), classes.max() + 1))
    np.add.at(counts, (members, classes), 1)
    share = counts / counts.sum(axis=0)
    sizes = counts.sum(axis=1)
    filled = np.zeros((n_blocks, counts.shape[1]))
    taken = np.zeros(n_blocks)
    block_of = np.empty(len(names), np.int64)
    for group in np.lexsort((_hashes(names.tolist(), seed), -sizes)):
        # Classes first, total size second; an empty block always beats one that is not.
        crowding = filled @ share[group] + taken * sizes[group] / sizes.sum()
        block = int(np.argmin(crowding))
        block_of[group] = block
        filled[block] += counts[group]
        taken[block] += sizes[group]
    return block_of[members]


def _hashes(texts: Iterable[str], key: str) -> np.ndarray:
    """[n] uint64, the same on every machine."""
    # BLAKE2b takes keys of up to 64 bytes.
    salt = hashlib.blake2b(key.encode("utf-8", "surrogatepass")).digest()
    digests = [
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=salt).digest()
        for text in texts
    ]
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)
