"""Processes that score together: who gets which share, and how ranks exchange data."""

import re
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from ganeval.errors import GanevalError, InputError, RankError
from ganeval.lazy import Tensor, torch

T = TypeVar("T")

_PIECE = 1 << 26
"""Bytes per message and rank: 64 MB limit the GPU memory that the exchange takes."""


def shard(count: int, index: int, shards: int) -> range:
    """Positions in share `index`: every `shards`-th of `count`, so sizes differ by 1 at most.

    Raises:
        InputError: the share does not exist.
    """
    if shards < 1 or not 0 <= index < shards:
        raise InputError(
            f"shard {index} of {shards} does not exist; shards are counted from 0, as in 0/4 to 3/4"
        )
    return range(index, count, shards)


class Ranks:
    """The processes of one `torch.distributed` group, seen from one of them.

    Every rank must make the same calls in the same order. An error on one rank is raised on all
    of them, so none is left waiting. Bytes are exchanged, never pickled objects, so every rank
    gets exactly the numbers that another has.

    Args:
        group: a group of any backend, such as `torch.distributed.group.WORLD`.

    Raises:
        InputError: `group` is not a group, or this process is not in it.
    """

    def __init__(self, group: Any) -> None:
        import torch.distributed as dist

        if not dist.is_available() or not isinstance(group, dist.ProcessGroup):
            raise InputError(
                f"process_group is {type(group).__name__}; give a torch.distributed group that "
                "this process is in, such as torch.distributed.group.WORLD"
            )
        # A group that is destroyed must go: its threads end the process where they outlive it.
        self._group_now = weakref.ref(group)
        self.rank = dist.get_rank(group)
        self.size = dist.get_world_size(group)
        self._told: Exception | None = None

    @property
    def group(self) -> Any:
        """What was given; GanevalError once it is destroyed."""
        if (group := self._group_now()) is None:
            raise GanevalError("process_group has been destroyed; use it before")
        return group

    def told(self, error: Exception) -> bool:
        """Whether every rank knows of this error, and raises one of its own.

        Work within which ranks exchange more fails together: its error is told once.
        """
        return error is self._told

    def gather(self, work: Callable[[], bytes], *, everywhere: bool = False) -> list[bytes]:
        """Collects what `work` returns on each rank, in rank order, on rank 0 or `everywhere`.

        Returns:
            One entry per rank; no entries on ranks that do not collect.

        Raises:
            RankError: `work` failed on another rank, which is named.
            GanevalError: a rank is gone.
            Exception: whatever `work` raised here.
        """
        import torch.distributed as dist

        payload, error = self._attempt(work)
        with self._talking():
            header = torch.tensor([error is not None, len(payload)], device=self._device())
            headers = [torch.empty_like(header) for _ in range(self.size)]
            dist.all_gather(headers, header, group=self.group)
            failed = [bool(one[0]) for one in headers]
            lengths = [int(one[1]) for one in headers]
            found = self._payloads(payload, lengths, everywhere=everywhere or any(failed))
        if True in failed:
            rank = failed.index(True)
            self._told = error or _elsewhere(rank, found[rank])
            raise self._told
        return found

    def together(self, work: Callable[[], T]) -> T:
        """What `work` returns here; where it fails on one rank, it fails on all.

        Raises:
            RankError: `work` failed on another rank, which is named.
            GanevalError: a rank is gone.
            Exception: whatever `work` raised here.
        """
        found: list[T] = []

        def attempt() -> bytes:
            found.append(work())
            return b""

        self.gather(attempt)
        return found[0]

    def first(self, work: Callable[[], bytes]) -> bytes:
        """Runs `work` on rank 0 only, and returns its result on every rank.

        Raises:
            RankError: `work` failed on rank 0.
            GanevalError: a rank is gone.
            Exception: on rank 0, whatever `work` raised.
        """
        import torch.distributed as dist

        payload, error = self._attempt(work) if self.rank == 0 else (b"", None)
        with self._talking():
            header = torch.tensor([error is not None, len(payload)], device=self._device())
            dist.broadcast(header, group=self.group, group_src=0)
            failed, length = bool(header[0]), int(header[1])
            found = bytearray(length)
            for start in range(0, length, _PIECE):
                piece = self._piece(payload, start, length)
                dist.broadcast(piece, group=self.group, group_src=0)
                found[start : start + len(piece)] = piece.cpu().numpy().tobytes()
        if failed:
            self._told = error or _elsewhere(0, bytes(found))
            raise self._told
        return bytes(found)

    def total(self, work: Callable[[], np.ndarray]) -> np.ndarray:
        """The sum over ranks of the float64 array that `work` returns on each, on rank 0.

        Every rank returns an array of the same shape. What rank 0 takes up does not grow with
        the number of ranks.

        Returns:
            The sum on rank 0; this rank's own array on others.

        Raises:
            RankError: `work` failed on another rank, which is named.
            GanevalError: a rank is gone.
            Exception: whatever `work` raised here.
        """
        import torch.distributed as dist

        own: np.ndarray = self.together(lambda: np.array(work(), np.float64))
        flat = own.reshape(-1)
        with self._talking():
            for start in range(0, flat.size, _PIECE // 8):
                part = flat[start : start + _PIECE // 8]
                piece = torch.from_numpy(part).to(self._device())
                dist.reduce(piece, group=self.group, group_dst=0)
                part[:] = piece.cpu().numpy()
        return own

    def shifted(self, work: Callable[[], bytes]) -> bytes:
        """What `work` returned on the next rank; that of the first, on the last: a ring.

        Raises:
            RankError: `work` failed on another rank, which is named.
            GanevalError: a rank is gone.
            Exception: whatever `work` raised here.
        """
        import torch.distributed as dist

        own = b""

        def attempt() -> bytes:
            nonlocal own
            own = work()
            return len(own).to_bytes(8, "big")

        sizes = [int.from_bytes(size, "big") for size in self.gather(attempt, everywhere=True)]
        after, before = (self.rank + 1) % self.size, (self.rank - 1) % self.size
        if after == self.rank:
            return own
        found = bytearray(sizes[after])
        with self._talking():
            for start in range(0, max(sizes), _PIECE):
                ways = []
                if start < len(own):
                    piece = self._piece(own, start, len(own))
                    ways.append(dist.isend(piece, group=self.group, group_dst=before))
                if start < len(found):
                    space = self._piece(b"", start, len(found))
                    ways.append(dist.irecv(space, group=self.group, group_src=after))
                for way in filter(None, ways):
                    way.wait()
                if start < len(found):
                    found[start : start + len(space)] = space.cpu().numpy().tobytes()
        return bytes(found)

    def _payloads(self, payload: bytes, lengths: list[int], *, everywhere: bool) -> list[bytes]:
        import torch.distributed as dist

        wanted = everywhere or self.rank == 0
        found = [bytearray(length) for length in lengths] if wanted else []
        for start in range(0, max(lengths), _PIECE):
            piece = self._piece(payload, start, max(lengths))
            pieces = [torch.empty_like(piece) for _ in lengths] if wanted else None
            if everywhere:
                dist.all_gather(pieces, piece, group=self.group)
            else:
                dist.gather(piece, pieces, group=self.group, group_dst=0)
            if pieces is None:
                continue
            for part, other, length in zip(found, pieces, lengths, strict=True):
                data = other[: max(0, length - start)].cpu().numpy().tobytes()
                part[start : start + len(data)] = data
        return [bytes(part) for part in found]

    def _piece(self, payload: bytes, start: int, longest: int) -> Tensor:
        """[p] uint8 of the payload from `start` on, padded with 0 to the longest rank's length."""
        size = min(_PIECE, longest - start)
        own = bytearray(payload[start : start + size])
        piece = torch.zeros(size, dtype=torch.uint8)
        if own:
            piece[: len(own)] = torch.frombuffer(own, dtype=torch.uint8)
        return piece.to(self._device())

    def _device(self) -> "torch.device":
        """Device on which the group's backend takes tensors; NCCL takes them only on the GPU."""
        import torch.distributed as dist

        if "cpu:" in dist.get_backend_config(self.group):
            return torch.device("cpu")
        accelerator = torch.accelerator.current_accelerator()
        assert accelerator is not None  # or the group would not exist
        return torch.device(accelerator.type, torch.accelerator.current_device_index())

    def _attempt(self, work: Callable[[], bytes]) -> tuple[bytes, Exception | None]:
        """Runs `work`; returns its result, or the message for other ranks and the error.

        Raises:
            Exception: what other ranks have been told already.
        """
        try:
            return work(), None
        except Exception as error:
            if self.told(error):
                raise
            known = isinstance(error, GanevalError)
            text = str(error) if known else f"{type(error).__name__}: {error}"
            return text.encode(errors="replace"), error

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Turns the error for a rank that died or never called into one line."""
        try:
            yield
        except RuntimeError as error:  # what torch.distributed raises, whatever the backend
            first_line = str(error).strip().partition("\n")[0]
            # Drops places in the backend's source and addresses: [pair.cc:553], [127.0.0.1]:50314.
            reason = re.sub(r"\s*\[[^]]*\](:\d+)?", "", first_line).strip().partition(". ")[0]
            self._told = GanevalError(
                "the ranks of process_group lost each other: one was killed, ended, or did not "
                f"make the same call within the group's timeout ({reason}); see the other ranks' "
                "errors"
            )
            raise self._told from error


def _elsewhere(rank: int, words: bytes) -> RankError:
    return RankError(f"rank {rank} failed: {words.decode()}")
