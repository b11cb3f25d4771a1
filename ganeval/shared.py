"""Rows that several processes hold together: sums over them travel, the rows themselves stay.

The first process (the lead) runs a metric. Where it would compute on all rows, it calls `each` or
`total` with a function marked `@work`. An array is one share, which is computed on at once. Of
`SharedRows` every process has its own share: all run the function, and only what it returns
travels. The other processes `follow`: they run what the lead calls, until it ends.
"""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from ganeval.arrays import Array, is_tensor, to_float64, to_numpy
from ganeval.distributed import Ranks
from ganeval.lazy import Tensor, torch
from ganeval.npz import from_bytes, to_bytes


@dataclass(frozen=True, eq=False)
class Share:
    """The rows that are here, of all rows of a side.

    Args:
        rows: [s, d].
        own: [s] positions of these rows among all.
        n: number of all rows.
        ranks: the processes that have the others; None where all rows are here.
    """

    rows: Array
    own: np.ndarray
    n: int
    ranks: Ranks | None = None

    def here(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of some positions that are here: (places among `positions`, rows of this share)."""
        if self.ranks is None:
            return np.arange(len(positions)), positions
        row_of = np.full(self.n, -1)
        row_of[self.own] = np.arange(len(self.own))
        rows = row_of[positions]
        places = np.flatnonzero(rows >= 0)
        return places, rows[places]

    @classmethod
    def whole(cls, rows: Array) -> "Share":
        """All rows of a side."""
        return cls(rows, np.arange(len(rows)), len(rows))

    def ascending(self) -> "Share":
        """The same rows in the order that they have among all."""
        if (self.own[1:] > self.own[:-1]).all():
            return self
        order = np.argsort(self.own)
        return replace(self, rows=_Picked(self.rows, order), own=self.own[order])

    def everywhere(self, values: Tensor) -> Tensor:
        """[p, ...] the float64 `values` that each process calls this with, on every one of them."""
        if self.ranks is None:
            return values[None]
        own = to_numpy(values)
        parts = self.ranks.gather(own.tobytes, everywhere=True)
        joined = np.array([np.frombuffer(part).reshape(own.shape) for part in parts])
        return torch.from_numpy(joined).to(values.device)

    def taken(self, rows: np.ndarray) -> Tensor:
        """[t, d] some rows of this share, in float64."""
        index = torch.from_numpy(rows).to(self.rows.device) if is_tensor(self.rows) else rows
        return to_float64(self.rows[index])


Found: TypeAlias = dict[str, np.ndarray]
"""What a process finds on its share, by name."""

Work: TypeAlias = Callable[..., Found]
"""Computes on a Share, and takes arrays by keyword."""

_WORK: dict[str, Work] = {}


def work(function: Work) -> Work:
    """Lets the lead call `function(share, **arrays)` on every process."""
    _WORK[f"{function.__module__}:{function.__name__}"] = function
    return function


def each(rows: Array | tuple[Array, ...], function: Work, **given: Any) -> list[Found]:
    """What `function(share, **given)` finds on each share of the rows.

    Args:
        rows: an array, which is one share, or SharedRows; or several of either, of which
            `function` takes a share each.
        function: marked with `work`.
        given: arrays, numbers and texts that every process gets.
    """
    sides = rows if isinstance(rows, tuple) else (rows,)
    if isinstance(sides[0], SharedRows):
        return sides[0].team.each(function, sides, given)
    return [function(*map(Share.whole, sides), **given)]


def total(rows: Array, function: Work, **given: Any) -> np.ndarray:
    """The float64 sum over shares of the one array `sum` that `function` finds on each."""
    if isinstance(rows, SharedRows):
        return rows.team.total(function, (rows,), given)
    found: np.ndarray = function(Share.whole(rows), **given)["sum"]
    return found


def sum_of(found: Sequence[Found], name: str) -> np.ndarray:
    """The sum over shares of what each found by this name."""
    return np.asarray(np.sum([part[name] for part in found], axis=0))


def in_order(rows: Array, found: Sequence[Found], name: str) -> np.ndarray:
    """[n, ...] what was found for each row, in the order of all rows."""
    if not isinstance(rows, SharedRows):
        return found[0][name]
    parts = [part[name] for part in found]
    joined = np.empty((len(rows), *parts[0].shape[1:]), parts[0].dtype)
    for own, part in zip(rows.owned, parts, strict=True):
        joined[own] = part
    return joined


def derived(rows: Array, function: Work) -> Array:
    """The `rows` that `function` makes of each share, in the same places."""
    if isinstance(rows, SharedRows):
        return rows.team.derived(function, rows)
    return function(Share.whole(rows))["rows"]


def taken_rows(rows: Array, positions: np.ndarray) -> Tensor:
    """[q, d] float64 of a few rows, by their positions, in that order."""
    found = each(rows, _rows_at, positions=positions)
    if not isinstance(rows, SharedRows):
        return torch.from_numpy(found[0]["rows"])
    joined = np.empty((len(positions), rows.shape[1]))
    for part in found:
        joined[part["places"]] = part["rows"]
    return torch.from_numpy(joined)


@work
def _rows_at(share: Share, positions: np.ndarray) -> Found:
    places, rows = share.here(positions)
    return {"places": places, "rows": to_numpy(share.taken(rows))}


@dataclass(frozen=True, eq=False)
class _Picked:
    """Some rows of an array, each taken when it is asked for."""

    rows: Array
    index: np.ndarray

    ndim = 2

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.index), int(self.rows.shape[1])

    @property
    def dtype(self) -> Any:
        return self.rows.dtype

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, which: Any) -> Array:
        rows, *columns = which if isinstance(which, tuple) else (which,)
        some, of = self.index[rows], self.rows[:, *columns]
        return of[torch.from_numpy(some).to(of.device) if is_tensor(of) else some]


@dataclass(frozen=True, eq=False)
class SharedRows:
    """Rows [n, d] of which each process has some; it stands where an array would, on the lead.

    Args:
        team: the processes.
        name: of the side, by which each process finds its share.
        shape: (n, d).
        owned: for each rank, the positions of its rows among all.
        columns: [d] in which order columns are wanted; None for that of the shares.
        picked: [n] which of the side's rows these are; None for all of them.
    """

    team: "Team"
    name: str
    shape: tuple[int, int]
    owned: Sequence[np.ndarray]
    columns: np.ndarray | None = None
    picked: np.ndarray | None = None

    ndim = 2

    def __len__(self) -> int:
        return self.shape[0]

    def with_columns(self, order: Sequence[int]) -> "SharedRows":
        """The same rows with their columns in another order."""
        known = np.arange(self.shape[1]) if self.columns is None else self.columns
        return replace(self, columns=known[np.asarray(order)])

    def __getitem__(self, which: np.ndarray) -> "SharedRows":
        """Some of the rows, by positions or by [n] bool; they stay where they are."""
        every = np.arange(len(self)) if self.picked is None else self.picked
        rank_of = np.empty(len(self), np.int64)
        for rank, own in enumerate(self.owned):
            rank_of[own] = rank
        rank_of, some = rank_of[which], every[which]
        owned = [np.flatnonzero(rank_of == rank) for rank in range(len(self.owned))]
        return replace(self, shape=(len(some), self.shape[1]), owned=owned, picked=some)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("rows of several processes cannot be put into one array")


@dataclass(eq=False)
class Team:
    """The processes that hold rows together, seen from one of them.

    Args:
        ranks: how they talk.
        shares: what this process has, by name of the side.
    """

    ranks: Ranks
    shares: dict[str, Share] = field(default_factory=dict)

    def lead(self, function: Callable[[], bytes]) -> bytes:
        """On the first process: runs `function`, then lets the others end with its result."""
        try:
            result = function()
        except Exception as error:
            if not self.ranks.told(error):
                self._call_off(error)
            raise
        self.ranks.first(lambda: to_bytes({"end": np.frombuffer(result, np.uint8)}))
        return result

    def follow(self) -> bytes:
        """On every other process: runs what the lead calls, until it ends; returns its result."""
        while True:
            command = from_bytes(self.ranks.first(bytes))
            if "end" in command:
                return command["end"].tobytes()
            order = json.loads(command.pop("order").tobytes())
            module, _, _ = order["work"].partition(":")
            if module.partition(".")[0] == "ganeval":
                importlib.import_module(module)
            run = self._prepared(order, command)
            self._all_run(run, as_sum=order["sum"])

    def each(
        self, function: Work, sides: Sequence[SharedRows], given: Mapping[str, Any]
    ) -> list[Found]:
        """What every process finds on its shares of `sides`, in the order of ranks."""
        run = self._called(function, sides, given)
        found: list[Found] = self._all_run(run)
        return found

    def total(
        self, function: Work, sides: Sequence[SharedRows], given: Mapping[str, Any]
    ) -> np.ndarray:
        """The float64 sum of what every process finds as `sum`."""
        run = self._called(function, sides, given, as_sum=True)
        found: np.ndarray = self._all_run(run, as_sum=True)
        return found

    def _all_run(self, run: Callable[[], Found], *, as_sum: bool = False) -> Any:
        if as_sum:
            return self.ranks.total(lambda: run()["sum"])
        return [from_bytes(part) for part in self.ranks.gather(lambda: to_bytes(run()))]

    def derived(self, function: Work, side: SharedRows) -> SharedRows:
        """The rows that every process makes of its share of `side`, which keep their place."""
        name = f"{side.name} {function.__name__}"
        run = self._called(function, [side], {}, keep=name)
        self._all_run(run)
        return replace(side, name=name, columns=None, picked=None)

    def _called(
        self,
        function: Work,
        sides: Sequence[SharedRows],
        given: Mapping[str, Any],
        *,
        as_sum: bool = False,
        keep: str | None = None,
    ) -> Callable[[], Found]:
        """Tells the others what to run; returns what this process runs itself."""
        order = {
            "work": f"{function.__module__}:{function.__name__}",
            "sides": [side.name for side in sides],
            "columns": [None if s.columns is None else s.columns.tolist() for s in sides],
            "sum": as_sum,
            "keep": keep,
            "given": {k: v for k, v in given.items() if not _is_numbers(v)},
        }
        arrays = {k: to_numpy(v) for k, v in given.items() if _is_numbers(v)}
        arrays |= {_rows_of(i): s.picked for i, s in enumerate(sides) if s.picked is not None}
        text = np.frombuffer(json.dumps(order).encode(), np.uint8)
        self.ranks.first(lambda: to_bytes({"order": text, **arrays}))
        return self._prepared(order, arrays)

    def _prepared(
        self, order: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
    ) -> Callable[[], Found]:
        def run() -> Found:
            shares, given = [], dict(arrays)
            for i, (name, columns) in enumerate(zip(order["sides"], order["columns"], strict=True)):
                share = self.shares[name]
                if columns is not None:
                    share = replace(share, rows=share.rows[:, columns])
                if (picked := given.pop(_rows_of(i), None)) is not None:
                    places, rows = share.here(picked)
                    some = _Picked(share.rows, rows)
                    share = replace(share, rows=some, own=places, n=len(picked))
                shares.append(share)
            found = _WORK[order["work"]](*shares, **given, **order["given"])
            if order["keep"] is not None:
                self.shares[order["keep"]] = replace(shares[0], rows=found["rows"])
                return {}
            return found

        return run

    def _call_off(self, error: Exception) -> None:
        def fail() -> bytes:
            raise error

        self.ranks.first(fail)


def _rows_of(side: int) -> str:
    """Under which name the positions of the rows that are picked of a side are sent."""
    return f"rows of {side}"


def _is_numbers(value: Any) -> bool:
    return isinstance(value, np.ndarray) or is_tensor(value)
