"""Fresh processes, spawned without the caller's script and ended at once when not needed."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any

from ganeval.errors import GanevalError


@contextlib.contextmanager
def fresh_processes(workers: int, given: Any = None) -> Iterator[ProcessPoolExecutor]:
    """Starts `workers` processes in which `held()` returns `given`; leaving ends them at once.

    The caller's script needs no `if __name__ == "__main__"`, because they do not run it.

    Raises:
        GanevalError: one of them died.
    """
    context = _Context()
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(given,))
    try:
        yield pool
    except BrokenProcessPool:
        raise GanevalError(
            "a worker process was killed, probably for lack of memory; use fewer --num-workers, "
            "or 0 to do everything in the main process"
        ) from None
    finally:
        for process in context.started:
            if process.is_alive():
                process.kill()  # one that is just starting has SIGTERM blocked
        pool.shutdown(cancel_futures=True)


def held() -> Any:
    """Object that all tasks of this fresh process share."""
    return _held[0]


_held: list[Any] = []


def _begin(given: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process handles Ctrl-C
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _held.append(given)


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


class _Process(SpawnProcess):
    """A spawned process that does not run the caller's script."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        resource_tracker.ensure_running()  # started later, it would unblock the signal
        with _hidden_main(), _blocked_interrupts():
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


_INTERRUPTS = {signal.SIGINT, signal.SIGTERM}


@contextlib.contextmanager
def _blocked_interrupts() -> Iterator[None]:
    """Starts processes with both blocked: they print no tracebacks, and none is begun by half."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
