"""Decoding processes: fresh, few, with bounded work in flight, gone at once when not needed.

Nothing here or in a reader of files imports torch, so that a process is up quickly and small.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ganeval.errors import GanevalError, ImageError
from ganeval.images._base import Reader
from ganeval.images.inline import Decoded, decode_one

CHUNK_IMAGES = 64
CHUNK_BYTES = 1 << 23
"""A task has at most so many images, and about so many bytes of pixels if they are as before."""


def decode_in_processes(
    reader: Reader, positions: Sequence[int], *, workers: int
) -> Generator[Decoded, None, None]:
    """As `decode_here`, by processes that work ahead; the order stays, closing ends them."""
    context = _Context()
    pool = ProcessPoolExecutor(
        min(workers, len(positions)), context, initializer=_begin, initargs=(reader,)
    )
    waiting: deque[Future[_Chunk]] = deque()
    start, size, largest = 0, 1, 0
    try:
        while waiting or start < len(positions):
            while start < len(positions) and len(waiting) < 2 * workers + 1:
                waiting.append(pool.submit(_decode_chunk, positions[start : start + size]))
                start += size
            chunk = waiting.popleft().result()
            largest = max([largest, *(pixels.nbytes for pixels in chunk.pixels)])
            # Small at first, so that huge images are found out before many are in flight.
            size = max(1, min(2 * size, CHUNK_IMAGES, CHUNK_BYTES // max(largest, 1)))
            yield from _in_order(chunk)
        pool.shutdown()
    except BrokenProcessPool:
        raise GanevalError(
            "a decoding process was killed, probably for lack of memory; use fewer --num-workers, "
            "or 0 to decode in the main process"
        ) from None
    finally:
        for process in context.started:
            process.terminate()
        pool.shutdown(cancel_futures=True)


class _Chunk(NamedTuple):
    """What one task sends back: one array where images are alike, which pickles fast."""

    pixels: Sequence[np.ndarray] | np.ndarray
    hashes: list[tuple[int, int]]
    errors: dict[int, ImageError]
    """By place in the chunk; `pixels` and `hashes` go on as if these were not there."""


class _Worker:
    """What a decoding process holds between tasks."""

    reader: Reader


def _begin(reader: Reader) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Worker.reader = reader


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _decode_chunk(positions: Sequence[int]) -> _Chunk:
    pixels: list[np.ndarray] = []
    hashes: list[tuple[int, int]] = []
    errors: dict[int, ImageError] = {}
    for place, position in enumerate(positions):
        image = decode_one(_Worker.reader, position)
        if isinstance(image, ImageError):
            errors[place] = image
        else:
            pixels.append(image[0])
            hashes.append(image[1])
    alike = len({(image.dtype, image.shape) for image in pixels}) == 1
    return _Chunk(np.stack(pixels) if alike else pixels, hashes, errors)


def _in_order(chunk: _Chunk) -> Iterator[Decoded]:
    good = zip(chunk.pixels, chunk.hashes, strict=True)
    for place in range(len(chunk.hashes) + len(chunk.errors)):
        yield chunk.errors[place] if place in chunk.errors else next(good)


class _Process(SpawnProcess):
    """A spawned process that knows nothing of the caller's script."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        resource_tracker.ensure_running()  # it would unblock the signal again when it starts
        with _hidden_main(), _blocked_interrupt():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    """Starts `_Process`es and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[_Process] = []

    def Process(self, *args: Any, **kwargs: Any) -> _Process:  # type: ignore[override]
        process = _Process(*args, **kwargs)
        self.started.append(process)
        return process


_main_lock = threading.Lock()


@contextlib.contextmanager
def _hidden_main() -> Iterator[None]:
    """Keeps spawn from running the caller's script again, and importing its torch, in a worker."""
    with _main_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextlib.contextmanager
def _blocked_interrupt() -> Iterator[None]:
    """Starts processes deaf to Ctrl-C, so that they do not print tracebacks while they start."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
