"""The one door to the architectures: which there are, and what each of them offers.

An architecture is a module of this folder that has `build` and, where it needs them, the other
names of `Architecture`. A plugin is an object of another package that has the same names. No
other module asks which architecture a card has.
"""

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from ganeval.errors import InputError, NetError
from ganeval.lazy import torch
from ganeval.nets._base import Card, Function
from ganeval.nets._plugins import PLUGIN, load_plugin, plugin_names
from ganeval.nets._weights import sha256_of
from ganeval.nets._words import Words
from ganeval.registry import Registry

ARCHITECTURES = (
    "cells",
    "hugging_face",
    "inception",
    "morphology",
    "openclip",
    "pixels",
    "radimagenet",
    "texture",
    "timm",
    "torchhub",
    "trunk",
    "wavelet",
)
"""The modules of this folder that build nets. They import torch only where they use it, so that
cards can be read without it."""


class Download(NamedTuple):
    """Official weights that `ganeval nets fetch` downloads."""

    name: str
    """The net, or the form of its name, such as `timm:MODEL`."""
    about: str
    """What comes and how large it is, for the help text."""
    example: str | None = None
    """A name of that form."""


@runtime_checkable
class _Build(Protocol):
    def __call__(self, card: Card, *, device: "torch.device | str") -> Function: ...


@runtime_checkable
class _WithSettings(Protocol):
    def __call__(
        self, card: Card, *, mask_channel: int | None, pixel_size: float | None
    ) -> Card: ...


def _with_weights(card: Card, path: Path | None) -> Card:
    """Applies the rule for weights that come with their card: only the card's own file fits."""
    if path is None:
        return card
    if (found := sha256_of(path)) != card.sha256:
        raise NetError(
            f"{path} has SHA-256 {found} but the card of net {card.name!r} says {card.sha256}; "
            "name the file that belongs to this card"
        )
    return replace(card, folder=path.parent, weights=path.name)


@dataclass(frozen=True)
class Architecture:
    """What a module offers under the names of these fields; only `build` is required."""

    build: _Build
    """Makes the net of a card, a function of images in [0, 1], on a device."""
    CARDS: tuple[Card | Path, ...] = ()
    """The built-in nets: their cards, or files of cards that are called like their nets."""
    find_card: Callable[[str], Card | None] = lambda name: None
    """Makes the card of a name that is not in CARDS, such as `timm:MODEL`, or returns None."""
    is_suggested: Callable[[Card], bool] = lambda card: True
    """Says whether messages about unsuitable images propose this net."""
    DOWNLOADS: tuple[Download, ...] = ()
    """Lists what `fetch` downloads."""
    fetch: Callable[[str], Path | None] = lambda name: None
    """Downloads the weights of a net and returns their path, or None for an unknown name."""
    with_weights: Callable[[Card, Path | None], Card] = _with_weights
    """Returns the card for the weights in a file or, without a file, with those that lie on this
    machine, if any do."""
    with_settings: _WithSettings | None = None
    """Returns the card with the user's mask channel and pixel size."""
    feature_names: Callable[[Card, int], tuple[str, ...] | None] = lambda card, channels: None
    """Names the columns for images of this many channels."""
    feature_words: Callable[[Card, int], tuple[Words, ...] | None] = lambda card, channels: None
    """Says what each column is in plain words."""
    warnings_about: Callable[[Card, np.ndarray], list[str]] = lambda card, rows: []
    """Says what a reader of the features [n, d] should know."""
    measure_images: Callable[[Card, np.ndarray], np.ndarray] | None = None
    """Computes features [n, d] of images [n, c, h, w] on the CPU, each from its image alone.
    Several processes may then share the work."""


def architecture_of(card: Card) -> Architecture:
    """The architecture of `card`; an unknown one fails only when it builds the net."""
    name = card.architecture
    if name in ARCHITECTURES:
        return _architecture(name)
    if name.startswith(PLUGIN) and (plugin := name.removeprefix(PLUGIN)) in plugin_names():
        return _offered_by(load_plugin(plugin))
    return Architecture(build=_refuse)


@functools.cache
def built_in() -> Registry[Card | Path]:
    """The nets that ship with ganeval: name to card, or to the file of the card."""
    nets: Registry[Card | Path] = Registry("feature net")
    for architecture in map(_architecture, ARCHITECTURES):
        for card in architecture.CARDS:
            nets.add(card.name if isinstance(card, Card) else card.stem, card)
    return nets


def card_by_form(name: str) -> Card | None:
    """The card of a name that an architecture understands, such as `timm:MODEL`, or None."""
    found = (_architecture(known).find_card(name) for known in ARCHITECTURES)
    return next((card for card in found if card is not None), None)


def downloads() -> list[Download]:
    """Everything that `fetch_net` downloads."""
    return [download for name in ARCHITECTURES for download in _architecture(name).DOWNLOADS]


def fetch_net(name: str) -> Path:
    """Downloads the official weights of a net into the user's nets folder, unless they are there.

    Returns:
        The weights file.

    Raises:
        InputError: no weights can be fetched for this name; the message lists the names.
        NetError: there is no connection, or the weights are not the official ones.
        MissingExtraError: the net needs a package that is not installed.
    """
    for known in ARCHITECTURES:
        if (path := _architecture(known).fetch(name)) is not None:
            return path
    *names, last = [download.name for download in downloads()]
    examples = [download.example for download in downloads() if download.example]
    raise InputError(
        f"{name!r} has no weights to fetch; wanted {', '.join(names)} or {last}, as in "
        f"{', '.join(examples)}"
    )


def feature_names(card: Card, channels: int) -> tuple[str, ...] | None:
    """Names of a net's features for images of this many channels; None if they have no names."""
    return architecture_of(card).feature_names(card, channels)


def feature_words(card: Card, channels: int) -> tuple[Words, ...] | None:
    """A net's features in plain words, in the order of `feature_names`; None if there are none."""
    found = architecture_of(card)
    names = found.feature_names(card, channels)
    return found.feature_words(card, channels) or (names and tuple(Words(n) for n in names)) or None


def with_settings(
    card: Card, *, mask_channel: int | None = None, pixel_size: float | None = None
) -> Card:
    """`card` with the settings that are not None; they enter its fingerprint.

    Raises:
        NetError: the net does not measure, so the settings would have no effect.
    """
    if mask_channel is None and pixel_size is None:
        return card
    change = architecture_of(card).with_settings
    if change is None:
        takers = [name for name in ARCHITECTURES if _architecture(name).with_settings is not None]
        raise NetError(
            f"net {card.name!r} takes no mask channel or pixel size, which are settings of "
            f"{', '.join(takers)}; leave them out, or use that net"
        )
    return change(card, mask_channel=mask_channel, pixel_size=pixel_size)


def warnings_about(card: Card, rows: np.ndarray) -> list[str]:
    """What a reader of the features [n, d] should know, such as images without an object."""
    return architecture_of(card).warnings_about(card, rows)


@functools.cache
def _architecture(name: str) -> Architecture:
    return _offered_by(importlib.import_module(f"ganeval.nets.{name}"))


def _offered_by(module: Any) -> Architecture:
    names = [field.name for field in fields(Architecture)]
    return Architecture(**{name: getattr(module, name) for name in names if hasattr(module, name)})


def _refuse(card: Card, *, device: "torch.device | str") -> Function:
    if card.architecture.startswith(PLUGIN):
        load_plugin(card.architecture.removeprefix(PLUGIN))  # it is gone, and this says so
    raise NetError(
        f"net {card.name!r} has architecture {card.architecture!r}, known: "
        f"{', '.join(ARCHITECTURES)}; update ganeval, or pass the net itself"
    )
