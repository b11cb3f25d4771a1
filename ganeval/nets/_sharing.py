"""Nets that measure compute image by image on the CPU: several processes may share their work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, FeatureNet, NetOutput
from ganeval.nets._find import EACH_CHANNEL
from ganeval.nets._measuring import MEASURING, measured

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


@contextmanager
def shared_among(net: FeatureNet, workers: int) -> Iterator[FeatureNet]:
    """The net that `load_net` made of a card; if it measures, so many processes share its work."""
    card = net.card
    if workers < 2 or card.architecture not in MEASURING or EACH_CHANNEL in card.options:
        yield net
        return
    from ganeval.processes import fresh_processes  # multiprocessing: slow to import

    with fresh_processes(workers, card) as pool:
        yield _Shared(card, pool, workers)


class _Shared:
    """A measuring net in several processes."""

    def __init__(self, card: Card, pool: "ProcessPoolExecutor", workers: int) -> None:
        self.card = card
        self._pool = pool
        self._workers = workers

    def __call__(self, images: Tensor) -> NetOutput:
        """Features [n, d], the same as of one process."""
        parts = np.array_split(images.cpu().numpy(), min(self._workers, len(images)))
        features = torch.from_numpy(np.concatenate(list(self._pool.map(_measured, parts))))
        return NetOutput(features.to(images.device), None)


def _measured(images: np.ndarray) -> np.ndarray:
    from ganeval.processes import held

    return measured(held(), images)
