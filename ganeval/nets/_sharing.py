"""Lets several processes share the work of a net that measures image by image on the CPU."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import numpy as np

from ganeval.lazy import Tensor, torch
from ganeval.nets._architectures import architecture_of
from ganeval.nets._base import Card, NetOutput
from ganeval.nets._find import EACH_CHANNEL

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


@contextmanager
def shared_among(card: Card, workers: int) -> Iterator["Shared | None"]:
    """Yields the net of a card in `workers` processes, if it measures; None for other nets.

    They start at once, while the caller imports torch and opens images.
    """
    measures = architecture_of(card).measure_images is not None
    if workers < 2 or not measures or EACH_CHANNEL in card.options:
        yield None
        return
    with kept_processes() as kept:
        yield kept.net(card, workers)


@contextmanager
def kept_processes() -> Iterator["_Kept"]:
    """Processes that measure in this block stay until it ends: they take a second to start."""
    if (outer := _KEPT.get()) is not None:
        yield outer
        return
    with ExitStack() as stack:
        token = _KEPT.set(kept := _Kept(stack))
        try:
            yield kept
        finally:
            _KEPT.reset(token)


class _Kept:
    """The last net in processes that was asked for, which end with the stack."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._last: Shared | None = None

    def net(self, card: Card, workers: int) -> "Shared":
        """That of this card, in processes that run already where they can be the same."""
        if self._last is None or self._last.card != card:
            from ganeval.processes import fresh_processes  # multiprocessing: slow to import

            self._stack.close()
            pool = self._stack.enter_context(fresh_processes(workers, card))
            for _ in range(workers):
                pool.submit(_measured, np.zeros((1, 1, 1, 1), np.float32))
            self._last = Shared(card, pool, workers)
        return self._last


_KEPT: ContextVar[_Kept | None] = ContextVar("kept", default=None)


class Shared:
    """A net that measures in several processes."""

    def __init__(self, card: Card, pool: "ProcessPoolExecutor", workers: int) -> None:
        self.card = card
        self._pool = pool
        self._workers = workers

    def __call__(self, images: Tensor) -> NetOutput:
        """Returns features [n, d], the same as those of one process."""
        parts = np.array_split(images.cpu().numpy(), min(self._workers, len(images)))
        features = torch.from_numpy(np.concatenate(list(self._pool.map(_measured, parts))))
        return NetOutput(features.to(images.device), None)


def _measured(images: np.ndarray) -> np.ndarray:
    from ganeval.processes import held

    card = held()
    measure_images = architecture_of(card).measure_images
    assert measure_images is not None
    return measure_images(card, images)
