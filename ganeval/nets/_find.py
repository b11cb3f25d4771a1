"""From what the user names to a card, without torch: paths, own nets, plugins, built-ins."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

from ganeval.errors import InputError, NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets import inception
from ganeval.nets import timm as timm_nets
from ganeval.nets._base import Card, NetOutput
from ganeval.nets._home import nets_home
from ganeval.nets._weights import sha256_of
from ganeval.registry import Registry

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

CARD_FILE = "card.json"
ENTRY_POINTS = "ganeval.nets"
EACH_CHANNEL = "each_channel"
"""Option of a card whose net runs on every channel: what the net itself takes and gives."""
_PLUGIN = "plugin:"

_FETCHED: Mapping[str, Any] = {"inception": inception, "timm": timm_nets}
"""Architectures whose official weights are fetched or given by path."""

Function: TypeAlias = Callable[[Tensor], NetOutput]

ARCHITECTURES: Registry[str] = Registry("architecture")
"""Name to `module:function`; the function takes (card, *, device) and returns a Function. It is
imported when a net is built, so that cards can be read without torch."""

BUILT_IN: Registry[Card | Path] = Registry("feature net")
"""Name to card, or to the file of the card."""


@runtime_checkable
class Plugin(Protocol):
    """What an entry point of group `ganeval.nets` loads to: a module with these two will do."""

    card: Card

    def build(self, card: Card, *, device: "torch.device | str") -> Function:
        """The net on `device`: images in [0, 1] to NetOutput."""
        ...


@dataclass(frozen=True)
class Found:
    """A name that resolves, and where to."""

    name: str
    origin: Literal["yours", "plugin", "built-in"]


def load_card(
    spec: str | Path | Card,
    *,
    weights: str | Path | None = None,
    each_channel: bool = False,
) -> Card:
    """The card of a feature net; torch is not imported, and no weights are needed.

    Args:
        spec: a name (see `net_names`), or the path of a card or of a folder with `card.json`.
        weights: file that replaces the card's own, for machines without internet.
        each_channel: the net is to run on every channel by itself; see `each_channel_card`.

    Raises:
        NetError: an unknown name (the known are listed), or a card that is broken.
    """
    card = spec if isinstance(spec, Card) else _resolve(str(spec))
    if weights is not None:
        card = _replace_weights(card, Path(weights))
    elif card.architecture in _FETCHED and card.folder is None:
        card = _FETCHED[card.architecture].with_local_weights(card)
    return each_channel_card(card) if each_channel else card


def each_channel_card(card: Card) -> Card:
    """The card of a 1- or 3-channel net run on each channel of images of any channel count.

    A 3-channel net sees the channel three times. Features are concatenated, channel by channel;
    there are no logits.
    """
    if EACH_CHANNEL in card.options or card.channels is None:
        return card  # it takes any number as it is
    if card.channels not in (1, 3):
        raise NetError(
            f"net {card.name!r} takes {card.channels} channels and so cannot run on each channel; "
            "use a net of 1 or 3 channels"
        )
    inner = {
        "channels": card.channels,
        "dim": card.dim,
        "n_classes": None if card.classes is None else len(card.classes),
    }
    options = {**card.options, EACH_CHANNEL: inner}
    name = f"{card.name}:each-channel"
    return replace(card, name=name, channels=None, dim=None, classes=None, options=options)


def found_nets() -> Iterator[Found]:
    """Every name that resolves, with its origin; one that hides another is given once."""
    yours = nets_home()
    names = sorted(p.parent.name for p in yours.glob(f"*/{CARD_FILE}")) if yours.is_dir() else []
    seen: set[str] = set()
    origins: tuple[tuple[Literal["yours", "plugin", "built-in"], list[str]], ...] = (
        ("yours", names),
        ("plugin", sorted(_plugins())),
        ("built-in", list(BUILT_IN)),
    )
    for origin, group in origins:
        for name in group:
            if name not in seen:
                seen.add(name)
                yield Found(name, origin)


def net_names() -> list[str]:
    """Names that `--feature-net` takes, sorted."""
    return sorted(found.name for found in found_nets())


def suitable_nets(channels: int, dtype: str) -> list[str]:
    """Names of the nets that take images of this many channels and this dtype, own ones first."""
    names = []
    for found in found_nets():
        if found.name.startswith("pixels:"):
            continue  # for classifiers that look at pixels, and for neighbours
        try:
            card = load_card(found.name)
        except InputError:
            continue  # a broken card is reported when it is named, not when others are listed
        if card.channels in (None, channels) and card.dtype in (None, dtype):
            names.append(found.name)
    return names


def default_net(channels: int, dtype: str) -> str:
    """The net for images when none is named: `inception` for 8-bit RGB, otherwise InputError."""
    if channels == 3 and dtype == "uint8":
        return "inception"
    fitting = ", ".join(suitable_nets(channels, dtype)) or "none"
    plural = "" if channels == 1 else "s"
    raise InputError(
        f"images of {channels} channel{plural} and dtype {dtype} have no default feature net; "
        f"nets that fit: {fitting} (--feature-net NAME), or train one for your images: "
        "ganeval nets train DATA --name NAME"
    )


def plugin_of(card: Card) -> Plugin | None:
    """The entry point that builds `card`, if one does."""
    if not card.architecture.startswith(_PLUGIN):
        return None
    return _load_plugin(card.architecture.removeprefix(_PLUGIN))


def _resolve(spec: str) -> Card:
    path = Path(spec).expanduser()
    if path.suffix == ".json" or (path / CARD_FILE).is_file():
        return _read_card(path)
    if (yours := nets_home() / spec / CARD_FILE).is_file() and Path(spec).name == spec:
        return _read_card(yours)
    if spec in _plugins():
        return replace(_load_plugin(spec).card, architecture=f"{_PLUGIN}{spec}")
    if spec.startswith(timm_nets.PREFIX):
        return timm_nets.timm_card(spec)
    if spec in BUILT_IN:
        entry = BUILT_IN[spec]
        return entry if isinstance(entry, Card) else _read_card(entry)
    if os.sep in spec or path.exists():
        raise NetError(
            f"{spec} is not a feature net: there is no {CARD_FILE} in it; name the folder that "
            "ganeval nets export wrote, or a net by its name"
        )
    known: Registry[None] = Registry("feature net")
    for found in found_nets():
        known.add(found.name, None)
    try:
        known[spec]
    except InputError as error:
        raise NetError(f"{error}, or train one: ganeval nets train DATA --name NAME") from None
    raise AssertionError(spec)  # a known name has been resolved above


def _read_card(path: Path) -> Card:
    path = path / CARD_FILE if path.is_dir() else path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise NetError(f"{path} cannot be read as a net's card: {reason}; check the path") from None
    return Card.from_json(text, path=path)


def _replace_weights(card: Card, path: Path) -> Card:
    if card.weights is None:
        raise NetError(f"net {card.name!r} has no weights; leave out --weights {path}")
    if not path.is_file():
        raise NetError(f"--weights {path} is not a file; name the weights of net {card.name!r}")
    if card.architecture in _FETCHED:
        given: Card = _FETCHED[card.architecture].with_weights(card, path)
        return given
    if (found := sha256_of(path)) != card.sha256:
        raise NetError(
            f"{path} has SHA-256 {found} but the card of net {card.name!r} says {card.sha256}; "
            "name the file that belongs to this card"
        )
    return replace(card, folder=path.parent, weights=path.name)


def _plugins() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points  # slow to import

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _load_plugin(name: str) -> Plugin:
    points = _plugins()
    if name not in points:
        raise NetError(f"feature net {name!r} came from a package that is gone; install it again")
    plugin = points[name].load()
    if not isinstance(getattr(plugin, "card", None), Card) or not callable(
        getattr(plugin, "build", None)
    ):
        raise NetError(
            f"entry point {name!r} of group {ENTRY_POINTS} must load to an object with `card` (a "
            "ganeval.nets.Card) and `build(card, device=...)`; tell its author"
        )
    loaded: Plugin = plugin
    return loaded
