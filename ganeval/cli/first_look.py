"""A look at the first image of each side, before an hour is spent on all of them."""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from ganeval.errors import ImageError, InputError
from ganeval.features import was_embedded
from ganeval.images import ImageSource, Pixels
from ganeval.metrics import PROTOCOLS
from ganeval.nets import Card, default_net, load_card, prepare


class First(NamedTuple):
    """The first image that can be read."""

    side: str
    id: str
    pixels: Pixels


def look(sources: Mapping[str, ImageSource], card: Card | None, *, all_sides: bool) -> None:
    """Raises InputError where the first images do not fit the net, or each other.

    Args:
        sources: by the side's name.
        card: of the net; None for the default one.
        all_sides: whether to look at sources too that were embedded before.
    """
    firsts = []
    for side, source in sources.items():
        if not all_sides and was_embedded(source):
            continue
        if (first := _first(side, source)) is None:
            continue
        dtype = str(first.pixels.dtype)
        card = card or load_card(default_net(len(first.pixels), dtype))
        prepare([first.pixels], ids=[first.id], card=card, value_range=source.value_range)
        firsts.append(first)
    for one, other in pairwise(firsts):
        _check_alike(one, other, card)


def check_protocol(sources: Mapping[str, ImageSource], protocol: str) -> None:
    """Raises InputError where the first image of a side is none that the protocol's tool sees."""
    for side, source in sources.items():
        if (first := _first(side, source)) is not None:
            PROTOCOLS[protocol].check_dtype(str(first.pixels.dtype), source.name)


def _check_alike(one: First, other: First, card: Card | None) -> None:
    a, b = one.pixels.shape, other.pixels.shape
    if card is not None and card.channels is None and a[0] != b[0]:
        raise InputError(
            f"{one.side} has images of {a[0]} channels and {other.side} of {b[0]} ({other.id}); "
            "select the same ones, as in --channels 0, or for one side, as in "
            f"--{_role(other.side)}-channels 0"
        )
    if card is not None and card.input_size is None and a[1:] != b[1:]:
        smaller = f"{min(a[1], b[1])},{min(a[2], b[2])}"
        advice = f"make them one size, or resize both: --resize {smaller}"
        if card.architecture == "morphology":
            advice = "crop or pad them to one size (resizing would change lengths)"
        raise InputError(
            f"{one.side} has images of {a[1]} x {a[2]} pixels and {other.side} of {b[1]} x {b[2]} "
            f"({other.id}), and net {card.name!r} does not resize; {advice}"
        )


def _role(side: str) -> str:
    """The role of a side or of a model, in the names of options."""
    return side if side in ("real", "train") else "fake"


def _first(side: str, source: ImageSource) -> First | None:
    for index in range(len(source)):
        try:
            return First(side, source.where(index), source.read(index))
        except ImageError:
            if source.on_error == "fail":
                raise
    return None
