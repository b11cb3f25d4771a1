"""Lets several processes share the work of a net that measures image by image on the CPU."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ganeval.lazy import Tensor, torch
from ganeval.nets._architectures import architecture_of
from ganeval.nets._base import Card, FeatureNet, NetOutput
from ganeval.nets._find import EACH_CHANNEL

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


@contextmanager
def shared_among(net: FeatureNet, workers: int) -> Iterator[FeatureNet]:
    """Yields a net of `load_net`; if it measures, `workers` processes share its work."""
    card = net.card
    measures = architecture_of(card).measure_images is not None
    if workers < 2 or not measures or EACH_CHANNEL in card.options:
        yield net
        return
    from ganeval.processes import fresh_processes  # multiprocessing: slow to import

    with fresh_processes(workers, card) as pool:
        for _ in range(workers):  # they start while images are opened
            pool.submit(_measured, np.zeros((1, 1, 1, 1), np.float32))
        yield _Shared(card, pool, workers)


class _Shared:
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
