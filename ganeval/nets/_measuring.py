"""Nets that measure: names of their features, settings of the user's, and what their zeros mean.

They compute image by image on the CPU, so several processes may share their work.
"""

import importlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ganeval.errors import NetError
from ganeval.nets._base import Card, FeatureNet, NetOutput
from ganeval.registry import Registry

if TYPE_CHECKING:
    import torch

MEASURING: Registry[str] = Registry("measuring net")
"""Architecture to module, with `feature_names`, `with_settings`, `warnings_about` and `rows`."""


@contextmanager
def shared_among(net: FeatureNet, workers: int) -> Iterator[FeatureNet]:
    """A measuring net whose images so many processes share; any other net as it is."""
    if workers < 2 or net.card.architecture not in MEASURING:
        yield net
        return
    from ganeval.processes import fresh_processes  # multiprocessing: slow to import

    with fresh_processes(workers, _hold, net.card) as pool:
        yield _Shared(net.card, pool, workers)


class _Shared:
    """A measuring net in several processes."""

    def __init__(self, card: Card, pool: ProcessPoolExecutor, workers: int) -> None:
        self.card = card
        self._pool = pool
        self._workers = workers

    def __call__(self, images: "torch.Tensor") -> NetOutput:
        """Features [n, d], the same as of one process."""
        import torch

        parts = np.array_split(images.cpu().numpy(), min(self._workers, len(images)))
        features = torch.from_numpy(np.concatenate(list(self._pool.map(_rows, parts))))
        return NetOutput(features.to(images.device), None)


class _Worker:
    """What a measuring process holds."""

    card: Card


def _hold(card: Card) -> None:
    _Worker.card = card


def _rows(images: np.ndarray) -> np.ndarray:
    rows: np.ndarray = _module(_Worker.card).rows(_Worker.card, images)
    return rows


def feature_names(card: Card, channels: int) -> tuple[str, ...] | None:
    """Names of the columns for images of that many channels; None where they have none."""
    module = _module(card)
    return None if module is None else tuple(module.feature_names(card, channels))


def with_settings(
    card: Card, *, mask_channel: int | None = None, pixel_size: float | None = None
) -> Card:
    """`card` with the settings that are given, which enter its fingerprint.

    Raises:
        NetError: the net does not measure, so that the settings would do nothing.
    """
    if mask_channel is None and pixel_size is None:
        return card
    module = _module(card)
    if module is None:
        raise NetError(
            f"net {card.name!r} takes no mask channel or pixel size, which are settings of "
            f"{', '.join(MEASURING)}; leave them out, or use that net"
        )
    changed: Card = module.with_settings(card, mask_channel=mask_channel, pixel_size=pixel_size)
    return changed


def warnings_about(card: Card, rows: np.ndarray) -> list[str]:
    """What a reader of the rows [n, d] should know, such as images without an object."""
    module = _module(card)
    return [] if module is None else list(module.warnings_about(rows))


def _module(card: Card) -> Any:
    if card.architecture not in MEASURING:
        return None
    return importlib.import_module(MEASURING[card.architecture])
