"""Joins the shares of several processes into one set of features, whatever their number."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.distributed import Ranks
from ganeval.errors import InputError
from ganeval.features._base import (
    Features,
    check_columns,
    check_widths,
    join_features,
    keys_fingerprint,
    merge_features,
    row_keys,
)
from ganeval.features.merge import with_places
from ganeval.images import positions
from ganeval.npz import from_bytes, to_bytes
from ganeval.shared import Share, SharedRows, Team


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
        parts = {i: from_bytes(data) for i, data in enumerate(received) if data}
        shares = {rank: Features.from_arrays(arrays) for rank, arrays in parts.items()}
        # A collapsed generator may make the same one image on every rank.
        several = {i: p for i, p in shares.items() if not _all_alike(to_numpy(p.features))}
        _check_different(several, role)
        whole = _joined(list(shares.values())) if shares else None
        return b""

    if everywhere:
        join()
    else:
        ranks.first(join)
    return whole


def share_features(
    share: Callable[[], Features | None], team: Team, *, role: str
) -> Features | None:
    """The features of all ranks' shares on rank 0, with rows that stay where they are.

    As `gather_features`, but only ids, labels, groups and hashes meet on rank 0; its rows and
    logits are SharedRows.

    Args:
        share: computes this rank's share, or None if it has none.
        team: the processes that share.
        role: name of the side in messages, and of the rows in `team`.

    Returns:
        The set; None on ranks other than 0, or if no rank has a share.

    Raises:
        InputError: shares overlap or were not made in the same way.
    """
    ranks = team.ranks
    mine: Features | None = None

    def own() -> bytes:
        nonlocal mine
        mine = share()
        if mine is None or len(mine) == 0:
            mine = None
            return b""
        return to_bytes({**with_places(mine, ranks.rank).to_arrays(), **_about(mine)})

    received = ranks.gather(own)
    whole: Features | None = None
    columns: tuple[str, ...] | None = None

    def join() -> bytes:
        nonlocal whole, columns
        parts = {i: from_bytes(data) for i, data in enumerate(received) if data}
        d = k = 0
        if parts:
            whole, columns, d, k = _joined_without_rows(parts, role)
        placed = np.zeros((0, 2), np.int64) if whole is None else to_numpy(whole.features)
        return to_bytes({"placed": placed, "widths": np.array([d, k])})

    told = from_bytes(ranks.first(join))
    rank_of, row_of = told["placed"].T
    owned = [np.flatnonzero(rank_of == rank) for rank in range(ranks.size)]
    owned = [places[np.argsort(row_of[places])] for places in owned]
    widths = dict(zip(("features", "logits"), told["widths"].tolist(), strict=True))
    for name, width in widths.items():
        rows = np.zeros((0, width)) if mine is None else getattr(mine, name)
        team.shares[f"{role} {name}"] = Share(rows, owned[ranks.rank], len(rank_of), ranks)
    if whole is None:
        return None

    def shared(name: str) -> SharedRows:
        return SharedRows(team, f"{role} {name}", (len(rank_of), widths[name]), owned)

    logits = shared("logits") if widths["logits"] else None
    return replace(whole, features=shared("features"), logits=logits, columns=columns)


_KNOWN = ("width", "names", "alike", "keys", "dtype")
"""What is told of rows that do not travel."""


def _about(mine: Features) -> dict[str, np.ndarray]:
    rows = to_numpy(mine.features)
    k = 0 if mine.logits is None else mine.logits.shape[1]
    return {
        "width": np.array([rows.shape[1], k]),
        "names": np.frombuffer(json.dumps([mine.columns, mine.classes]).encode(), np.uint8),
        "alike": np.array(_all_alike(rows)),
        "keys": row_keys(rows) if mine.hashes is None else np.zeros(0, np.uint64),
        "dtype": np.array(rows.dtype.str),
    }


def _joined_without_rows(
    parts: Mapping[int, dict[str, np.ndarray]], role: str
) -> tuple[Features, tuple[str, ...] | None, int, int]:
    """All ranks' features with places for rows, names of columns, and widths of rows and logits."""
    about = {rank: {name: arrays.pop(name) for name in _KNOWN} for rank, arrays in parts.items()}
    shares = {rank: Features.from_arrays(arrays) for rank, arrays in parts.items()}
    first = next(iter(shares))
    d, k = about[first]["width"].tolist()
    names = {rank: json.loads(known["names"].tobytes()) for rank, known in about.items()}
    for rank, part in shares.items():
        check_widths((part.name, int(about[rank]["width"][0])), (shares[first].name, d))
        check_columns((part.name, names[rank][0]), (shares[first].name, names[first][0]))
    _check_different({i: p for i, p in shares.items() if not about[i]["alike"]}, role)
    whole = _joined(list(shares.values()))
    if whole.hashes is None and len(shares) > 1:
        keys = np.empty(len(whole), np.uint64)
        rank_of, row_of = to_numpy(whole.features).T
        for rank, known in about.items():
            keys[rank_of == rank] = known["keys"][row_of[rank_of == rank]]
        dtype = np.result_type(*(str(known["dtype"]) for known in about.values())).str
        whole = replace(whole, fingerprint=keys_fingerprint(keys, dtype, (len(whole), d)))
    columns, classes = (known and tuple(known) for known in names[first])
    return replace(whole, classes=classes), columns, d, k


def is_empty(data: Any) -> bool:
    """Whether a rank has no share: None, or nothing in it."""
    if data is None:
        return True
    return not isinstance(data, str) and hasattr(data, "__len__") and len(data) == 0


_FEW = 1024
"""Rows that are compared at once."""


def _all_alike(rows: np.ndarray) -> bool:
    """Whether all rows are the first; mostly the first few say that they are not."""
    starts = range(0, len(rows), _FEW)
    return all(bool((rows[start : start + _FEW] == rows[:1]).all()) for start in starts)


def _joined(parts: Sequence[Features]) -> Features:
    if len(parts) == 1:
        return parts[0]
    if all(part.ids == positions(len(part)) for part in parts):
        return join_features(parts, ids=positions(sum(map(len, parts))))
    return merge_features(parts)


def _check_different(shares: dict[int, Features], role: str) -> None:
    """Raises InputError if two ranks gave the same images: all of them, or drawn with one seed."""
    seen: dict[str, int] = {}
    for rank, share in shares.items():
        before = seen.setdefault(share.fingerprint, rank)
        if before != rank:
            raise InputError(
                f"ranks {before} and {rank} have the same images of {role}, but each gives its own "
                "share with process_group; use open_images(…).shard(rank, world_size), and a "
                "different seed on every rank for generated images"
            )
