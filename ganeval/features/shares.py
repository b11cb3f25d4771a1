"""Joins the shares of several processes into one set of features, whatever their number."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ganeval.distributed import Ranks
from ganeval.errors import InputError
from ganeval.features._base import Features, join_features, merge_features
from ganeval.images import positions
from ganeval.npz import from_bytes, to_bytes


def gather_features(
    share: Callable[[], Features | None], ranks: Ranks, *, role: str, everywhere: bool = False
) -> Features | None:
    """Joins the features of all ranks' shares into one set, on rank 0 or everywhere.

    The set is in the order of the images' ids. Rows without ids (arrays and batches in memory)
    are numbered share after share, in the order of ranks. So the set is the same for any number
    of processes that share the same images.

    Args:
        share: computes this rank's share, or None if it has none.
        ranks: the processes that share.
        role: name of the side in messages.
        everywhere: whether ranks other than 0 get the set too.

    Returns:
        The set; None on ranks that do not get it, or if no rank has a share.

    Raises:
        InputError: shares overlap or were not made in the same way.
    """

    def own() -> bytes:
        mine = share()
        return b"" if mine is None or len(mine) == 0 else to_bytes(mine.to_arrays())

    received = ranks.gather(own, everywhere=everywhere)
    whole: Features | None = None

    def join() -> bytes:
        nonlocal whole
        whole = _joined([(i, data) for i, data in enumerate(received) if data], role)
        return b""

    if everywhere:
        join()
    else:
        ranks.first(join)
    return whole


def is_empty(data: Any) -> bool:
    """Whether a rank has no share: None, or nothing in it."""
    if data is None:
        return True
    return not isinstance(data, str) and hasattr(data, "__len__") and len(data) == 0


def _joined(received: Sequence[tuple[int, bytes]], role: str) -> Features | None:
    shares = {rank: Features.from_arrays(from_bytes(data)) for rank, data in received}
    if len(shares) < 2:
        return next(iter(shares.values()), None)
    _check_different(shares, role)
    parts = list(shares.values())
    if all(part.ids == positions(len(part)) for part in parts):
        return join_features(parts, ids=positions(sum(map(len, parts))))
    return merge_features(parts)


def _check_different(shares: dict[int, Features], role: str) -> None:
    """Raises InputError if two ranks gave the same images: all of them, or drawn with one seed."""
    seen: dict[str, int] = {}
    for rank, share in shares.items():
        before = seen.setdefault(share.fingerprint, rank)
        # A collapsed generator may make the same one image on every rank.
        if before != rank and len(np.unique(share.features, axis=0)) > 1:
            raise InputError(
                f"ranks {before} and {rank} have the same images of {role}, but each gives its own "
                "share with process_group; use open_images(…).shard(rank, world_size), and a "
                "different seed on every rank for generated images"
            )
