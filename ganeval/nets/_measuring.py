"""Nets that measure: names of their features, settings of the user's, and what their zeros mean."""

import importlib
from typing import Any

import numpy as np

from ganeval.errors import NetError
from ganeval.nets._base import Card
from ganeval.registry import Registry

MEASURING: Registry[str] = Registry("measuring net")
"""Architecture to module, with `feature_names`, `with_settings`, `warnings_about` and `rows`."""


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


def measured(card: Card, images: np.ndarray) -> np.ndarray:
    """Features [n, d] of images [n, c, h, w]; each row depends on its own image alone."""
    rows: np.ndarray = _module(card).rows(card, images)
    return rows


def _module(card: Card) -> Any:
    if card.architecture not in MEASURING:
        return None
    return importlib.import_module(MEASURING[card.architecture])
