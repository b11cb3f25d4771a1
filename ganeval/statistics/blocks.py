"""Which block of the jackknife each image belongs to: by a seeded hash, never by position.

Files come sorted by class, plate or date. Consecutive rows then make blocks that are unlike each
other, and an interval from such blocks is worthless (0 % coverage on class-sorted files).
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ganeval.errors import InputError

N_BLOCKS = 20
"""Enough for a t interval that is hardly wider than a normal one; more cost more distances."""

MIN_BLOCKS = 4
"""With fewer there is no interval."""


def assign_blocks(
    ids: Sequence[str],
    *,
    labels: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    n_blocks: int = N_BLOCKS,
    seed: int = 0,
    salt: str = "",
    proportions: ArrayLike | None = None,
) -> np.ndarray:
    """Deals images into blocks that are alike, so that leaving one out is a small resampling.

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
        salt: of the hash of the ids. Two sides of a comparison take different ones: files of the
            same names, sorted by class on both sides, would otherwise lose the same classes with
            each block. Which blocks get one image more of a label than others depends on seed
            and label alone: where both sides have the same class sizes, a block holds the same
            mixture on both.
        proportions: [n_blocks] sizes of the other side's blocks, to be followed in proportion.
            Ignored with groups.

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
    if proportions is None:
        shares = np.ones(min(n_blocks, max(len(ids), 1)), np.int64)
    else:
        shares = np.asarray(proportions, np.int64)
    lots = [
        _hashes([str(block) for block in range(len(shares))], f"{seed}/{name}") for name in names
    ]
    return _deal_images(
        _hashes(ids, f"{seed}/{salt}" if salt else str(seed)), classes, shares, lots
    )


def _deal_images(
    hashes: np.ndarray, classes: np.ndarray, shares: np.ndarray, lots: Sequence[np.ndarray]
) -> np.ndarray:
    """Every block its share of every class, by order of hash."""
    blocks = np.empty(len(hashes), np.int64)
    dealt = np.zeros(len(shares), np.int64)
    order = np.lexsort((hashes, classes))
    start = 0
    for label, size in enumerate(np.bincount(classes)):
        quota = size * shares // shares.sum()
        due = (start + size) * shares / shares.sum() - dealt - quota
        # What is left goes where most is due. Ties are drawn: a fixed order would put the same
        # classes together in the same blocks again and again.
        most_due = np.lexsort((lots[label], -np.round(due, 9)))
        quota[most_due[: size - quota.sum()]] += 1
        blocks[order[start : start + size]] = np.repeat(np.arange(len(shares)), quota)
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
