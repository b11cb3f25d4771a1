"""All pairs of rows that several processes hold together, in a ring.

Rows of one side travel in tiles: each tile visits every process, meets the rows that stay there,
and is home again with what it has found. No process ever has more than its own rows and one tile
of guests. In one process a tile is as many rows as there are, unless what they find is large.
"""

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.npz import from_bytes, to_bytes
from ganeval.shared import Share

ROOM = 2**25
"""Bytes of a tile: 32 MB."""

GPU_ROOM = 2**28
"""256 MB keep a GPU busy."""


@dataclass(eq=False)
class Guests:
    """A tile of rows on its way, and what it has found so far.

    Args:
        rows: [t, d].
        own: [t] their positions among all rows of their side.
        found: [t, ...] of each row, by name.
    """

    rows: Array
    own: np.ndarray
    found: dict[str, Tensor]


Start = Callable[[int], dict[str, Tensor]]
"""What so many guests have found when they leave home: [t, ...] by name."""

Meet = Callable[[slice, Guests, bool], None]
"""Rows of this process (by a range of them) meet guests; True where these are the same rows."""


def travelled(
    side: Share, start: Start, meet: Meet, *, hosts: Share | None = None
) -> Iterator[tuple[slice, dict[str, Tensor]]]:
    """Lets the rows of a side meet all hosts, and yields what they have found, tile by tile.

    All processes call it together; an error on one is raised on all.

    Args:
        side: the rows that travel.
        start: what they have when they leave.
        meet: adds to what guests and hosts have found.
        hosts: the rows that stay; None for the side itself, of which each two rows meet once.

    Yields:
        Rows of this process that are home again, in their order, and what they have found.
    """
    ranks, n = side.ranks, len(side.rows)
    size, rank = (1, 0) if ranks is None else (ranks.size, ranks.rank)
    step = _rows_per_tile(side, start(0), travels=size > 1)
    tiles = side.everywhere(torch.tensor([-(-n // step)], dtype=torch.float64))
    for tile in range(int(tiles.max())):
        at = slice(min(tile * step, n), min((tile + 1) * step, n))
        guests = Guests(side.rows[at], side.own[at], start(at.stop - at.start))

        def visit(visits: int, at: slice, guests: Guests) -> None:
            if not len(guests.own):
                return
            if hosts is not None:
                places = [slice(0, len(hosts.rows))]
            elif visits == 0:
                meet(at, guests, True)
                places = [slice(at.stop, n)]
            else:
                places = [slice(0, n)] if _meets(rank, visits, size) else []
            for place in places:
                if place.start < place.stop:
                    meet(place, guests, False)

        if ranks is None or size == 1:
            visit(0, at, guests)
        else:
            for visits in range(size):
                look_in = functools.partial(visit, visits, at, guests)
                guests = _received(ranks.shifted(functools.partial(_sent, look_in, guests)), start)
        if len(guests.own):
            yield at, guests.found


def _rows_per_tile(side: Share, nothing: dict[str, Tensor], *, travels: bool) -> int:
    """As many as there is room for."""
    taken = sum(of.element_size() * math.prod(of.shape[1:]) for of in nothing.values())
    if travels:
        taken += side.rows.shape[1] * side.rows.dtype.itemsize
    on_gpu = any(of.device.type == "cuda" for of in nothing.values())
    return max(1, (GPU_ROOM if on_gpu else ROOM) // max(1, taken))


def _meets(rank: int, visits: int, size: int) -> bool:
    """Whether rows of one side meet at this visit: those of two processes at one of them."""
    return 2 * visits < size or (2 * visits == size and rank < visits)


def _sent(look_in: Callable[[], None], guests: Guests) -> bytes:
    """The guests after they have met who is here."""
    look_in()
    found = {name: to_numpy(of) for name, of in guests.found.items()}
    packed = {name: np.packbits(of, 1) if of.dtype == bool else of for name, of in found.items()}
    return to_bytes({"its rows": to_numpy(guests.rows), "its own": guests.own, **packed})


def _received(data: bytes, start: Start) -> Guests:
    sent = from_bytes(data)
    rows, own = sent.pop("its rows"), sent.pop("its own")
    found = start(0)
    for name, of in found.items():
        values = sent[name]
        if of.dtype == torch.bool:
            values = np.unpackbits(values, 1, of.shape[1]).astype(bool)
        found[name] = torch.from_numpy(values).to(of.device)
    return Guests(rows, own, found)
