"""Finds the card that the user names, without torch: a path, an own net, a plugin, a built-in."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from ganeval.errors import InputError, NetError
from ganeval.nets._architectures import architecture_of, built_in, card_by_form
from ganeval.nets._base import Card
from ganeval.nets._home import nets_home
from ganeval.nets._plugins import PLUGIN, code_hash, load_plugin, plugin_names
from ganeval.registry import Registry

CARD_FILE = "card.json"
EACH_CHANNEL = "each_channel"
"""Option of a card whose net runs on every channel: what the net itself takes and returns."""
DEFAULT = "inception"
"""The net for 8-bit RGB images if the user names none."""

Origin: TypeAlias = Literal["yours", "plugin", "built-in"]


@dataclass(frozen=True)
class Found:
    """A name that resolves, and where its net comes from."""

    name: str
    origin: Origin


def load_card(
    spec: str | Path | Card,
    *,
    weights: str | Path | None = None,
    each_channel: bool = False,
) -> Card:
    """Reads the card of a feature net, without torch and without its weights.

    Args:
        spec: a name (see `net_names`), or the path of a card or of a folder with `card.json`.
        weights: file to use instead of the card's own, for machines without internet.
        each_channel: whether the net runs on every channel separately; see `each_channel_card`.

    Raises:
        NetError: the name is unknown (the message lists the known names), or the card is broken.
    """
    card = spec if isinstance(spec, Card) else _resolve(str(spec))
    if weights is not None:
        card = _replace_weights(card, Path(weights))
    elif card.folder is None:
        card = architecture_of(card).with_weights(card, None)
    plugin = card.architecture.removeprefix(PLUGIN)
    if plugin != card.architecture and plugin in plugin_names():
        card = replace(card, code=code_hash(plugin))
    return each_channel_card(card) if each_channel else card


def each_channel_card(card: Card) -> Card:
    """The card that runs a net of 1 or 3 channels on each channel of images of any channel count.

    A 3-channel net sees the channel three times. The features are concatenated, channel by
    channel; there are no logits.
    """
    if EACH_CHANNEL in card.options or card.channels is None:
        return card  # the net takes any number of channels already
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
    """Yields every name that resolves, with its origin; a name that hides another comes once."""
    yours = nets_home()
    names = sorted(p.parent.name for p in yours.glob(f"*/{CARD_FILE}")) if yours.is_dir() else []
    seen: set[str] = set()
    origins: tuple[tuple[Origin, list[str]], ...] = (
        ("yours", names),
        ("plugin", plugin_names()),
        ("built-in", list(built_in())),
    )
    for origin, group in origins:
        for name in group:
            if name not in seen:
                seen.add(name)
                yield Found(name, origin)


def net_names() -> list[str]:
    """The names that `--feature-net` takes, sorted."""
    return sorted(found.name for found in found_nets())


def suitable_nets(channels: int, dtype: str) -> list[str]:
    """Names of nets to propose for images of this many channels and this dtype, own nets first."""
    names = []
    for found in found_nets():
        try:
            card = load_card(found.name)
        except InputError:
            continue  # a broken card is reported when the user names it
        fits = card.channels in (None, channels) and card.dtype in (None, dtype)
        if fits and architecture_of(card).is_suggested(card):
            names.append(found.name)
    return names


def default_net(channels: int, dtype: str) -> str:
    """The net for images if the user names none: `inception` for 8-bit RGB.

    Raises:
        InputError: the images are not 8-bit RGB; the message lists the nets that fit.
    """
    if channels == 3 and dtype == "uint8":
        return DEFAULT
    fitting = ", ".join(suitable_nets(channels, dtype)) or "none"
    plural = "" if channels == 1 else "s"
    raise InputError(
        f"images of {channels} channel{plural} and dtype {dtype} have no default feature net; "
        f"nets that fit: {fitting} (--feature-net NAME), or train one for your images: "
        "ganeval nets train DATA --name NAME"
    )


def _resolve(spec: str) -> Card:
    path = Path(spec).expanduser()
    if path.suffix == ".json" or (path / CARD_FILE).is_file():
        return _read_card(path)
    if (yours := nets_home() / spec / CARD_FILE).is_file() and Path(spec).name == spec:
        return _read_card(yours)
    if spec in plugin_names():
        return replace(load_plugin(spec).card, architecture=f"{PLUGIN}{spec}")
    if (card := card_by_form(spec)) is not None:
        return card
    if spec in built_in():
        entry = built_in()[spec]
        return entry if isinstance(entry, Card) else _read_card(entry)
    raise _unknown(spec)


def _unknown(spec: str) -> NetError:
    """Says what is wrong with a path or a name that leads to no card."""
    path = Path(spec).expanduser()
    if not spec.strip():
        return NetError(
            "the name of a feature net is empty; ganeval nets list shows those there are"
        )
    if os.sep in spec or path.exists():
        return NetError(
            f"{spec} is not a feature net: there is no {CARD_FILE} in it; name the folder that "
            "ganeval nets export wrote, or a net by its name"
        )
    known: Registry[None] = Registry("feature net")
    for found in found_nets():
        known.add(found.name, None)
    try:
        known[spec]
    except InputError as error:
        return NetError(f"{error}, or train one: ganeval nets train DATA --name NAME")
    raise AssertionError(spec)  # every known name has a card


def _read_card(path: Path) -> Card:
    path = path / CARD_FILE if path.is_dir() else path
    try:
        if path.exists() and not path.is_file():
            raise OSError(None, "no file but a pipe, a device or a folder")
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
    return architecture_of(card).with_weights(card, path)
