"""Prepares decoded images for a net: checks channels, maps values to [0, 1], and resizes."""

from collections.abc import Sequence

import numpy as np

from ganeval.arrays import Array, Float
from ganeval.errors import ImageError, InputError, NetError
from ganeval.images._base import ValueRange
from ganeval.images.value_range import declared_for
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card

_DTYPE_RANGES: dict[str, ValueRange] = {"uint8": ((0.0, 255.0),), "uint16": ((0.0, 65535.0),)}


class UndeclaredRangeError(InputError):
    """Images are float, and nothing says which values are black and white."""


def resolve_range(dtype: str, *, card: Card, value_range: ValueRange | None = None) -> ValueRange:
    """The (low, high) that become 0 and 1: the declared range, the card's, or the dtype's own.

    The card's range applies only to images of the dtype that the net was trained on.

    Raises:
        UndeclaredRangeError: the images are float and no range was declared.
    """
    if (declared := declared_for(dtype, value_range)) is not None:
        return declared
    if card.value_range is not None and card.dtype in (None, dtype):
        return card.value_range
    try:
        return _DTYPE_RANGES[dtype]
    except KeyError:
        raise UndeclaredRangeError(
            f"{dtype} images have no range of their own and none was declared; "
            "declare it: --value-range LOW:HIGH"
        ) from None


def prepare(
    pixels: Sequence[np.ndarray],
    *,
    card: Card,
    ids: Sequence[str] | None = None,
    value_range: ValueRange | None = None,
    size: tuple[int, int] | None = None,
    dtype: str | None = None,
    device: "torch.device | str" = "cpu",
) -> Float[Array, "n c h w"]:
    """Prepares images for the net of `card`: float32, with the value range mapped to [0, 1].

    Values outside the range map outside [0, 1]; nothing is clipped. Every image is treated
    separately, so the result does not depend on the rest of the batch.

    Args:
        pixels: images [c, h, w] of uint8, uint16 or float32, which may differ in size.
        card: card of the net, which gives channels, input size, resize rule and value range.
        ids: names of the images, for messages.
        value_range: declared range of this side, or None for the card's or the dtype's.
        size: (height, width) of the images before this batch, if the net does not resize.
        dtype: dtype of the images before this batch.
        device: device of the result.

    Raises:
        ImageError: an image has the wrong channels or size, or differs from the others.
        InputError: there are no images, or float images have no range.
    """
    if not pixels:
        raise InputError("prepare got no images; give it at least one")
    names = ids if ids is not None else [f"image {i}" for i in range(len(pixels))]
    pixels = [_drop_empty(name, image, card) for name, image in zip(names, pixels, strict=True)]
    dtype = dtype or str(pixels[0].dtype)
    if size is None and card.resize == "none":
        size = card.input_size or _size(pixels[0])
    for name, image in zip(names, pixels, strict=True):
        _check(name, image, card=card, size=size if card.resize == "none" else None, dtype=dtype)
    declared = declared_for(dtype, value_range)
    try:
        ranges = resolve_range(dtype, card=card, value_range=declared)
    except UndeclaredRangeError:
        low, high = min(float(x.min()) for x in pixels), max(float(x.max()) for x in pixels)
        raise UndeclaredRangeError(
            f"{names[0]} is {dtype} and no value range was declared (observed {low:g} to {high:g} "
            f"in {len(pixels)} images); declare it: --value-range LOW:HIGH"
        ) from None
    given = value_range or ranges
    if len(given) not in (1, channels := pixels[0].shape[0]):
        raise InputError(
            f"the value range has {len(given)} LOW:HIGH pairs but images have {channels} "
            "channels; give one pair, or one per channel"
        )
    return _transform(pixels, card=card, ranges=ranges, device=device)


def _transform(
    pixels: Sequence[np.ndarray], *, card: Card, ranges: ValueRange, device: "torch.device | str"
) -> Tensor:
    from ganeval.nets._resize import RESIZERS

    numbers = torch.tensor(ranges, dtype=torch.float32, device=device)
    low, high = numbers.T.reshape(2, -1, 1, 1)
    span = high - low

    def finish(stack: np.ndarray) -> Tensor:
        if stack.dtype == np.uint16:  # torch has few operations for it
            stack = stack.astype(np.float32)
        x: Tensor = torch.from_numpy(stack).to(device).to(torch.float32)
        x = (x - low) / span
        if card.resize == "none" or card.input_size in (None, tuple(x.shape[2:])):
            return x
        if card.resize not in RESIZERS:
            raise NetError(
                f"net {card.name!r} has resize rule {card.resize!r}, known: none, "
                f"{', '.join(RESIZERS)}; update ganeval"
            )
        assert card.input_size is not None
        return RESIZERS[card.resize](x, card.input_size)

    if len({image.shape for image in pixels}) == 1:
        return finish(np.stack(pixels))
    return torch.cat([finish(np.stack([image])) for image in pixels])


def _drop_empty(name: str, image: np.ndarray, card: Card) -> np.ndarray:
    """Removes the empty channels of the domain's files from `image`, if it has them."""
    if not card.empty_channels or image.shape[0] != wide_channels(card):
        return image
    for channel in card.empty_channels:
        if highest := image[channel].max():
            raise ImageError(
                name,
                f"has values up to {highest:g} in channel {channel}, which is empty in the images "
                f"of net {card.name!r}; say which {card.channels} channels to take: --channels "
                f"{_first(card)}",
            )
    return np.delete(image, card.empty_channels, axis=0)


def wide_channels(card: Card) -> int | None:
    """Number of channels of the domain's files, including the empty ones."""
    return None if card.channels is None else card.channels + len(card.empty_channels)


def _first(card: Card) -> str:
    """The first positions, one for each channel that the net takes, for a message."""
    return ",".join(str(i) for i in range(card.channels or 1))


def _check(
    name: str, image: np.ndarray, *, card: Card, size: tuple[int, int] | None, dtype: str
) -> None:
    channels = image.shape[0]
    if card.channels is not None and channels != card.channels:
        select = f"select some with --channels {_first(card)}, " if channels > card.channels else ""
        if select and name.lower().endswith((".tif", ".tiff")):  # pages may be no channels
            select = f"say what its axes are with --axes, {select}"
        each = "run it on every channel with --each-channel, " if card.channels in (1, 3) else ""
        raise ImageError(
            name,
            f"has {channels} channels but net {card.name!r} takes {card.channels}; {select}{each}"
            "or train a net for your channels: ganeval nets train DATA --name NAME",
        )
    if str(image.dtype) != dtype:
        raise ImageError(
            name,
            f"is {image.dtype} but the images before it are {dtype}; convert all to one dtype",
        )
    if size is not None and _size(image) != size:
        have, want = (f"{h} x {w}" for h, w in (_size(image), size))
        if card.input_size is not None:
            raise ImageError(
                name,
                f"is {have} pixels (height x width) but net {card.name!r} takes {want} and does "
                "not resize; resize the images, or use another net",
            )
        raise ImageError(
            name,
            f"is {have} pixels (height x width) but the images before it are {want}, and net "
            f"{card.name!r} does not resize; make them one size, as with --resize "
            f"{size[0]},{size[1]} (resize), or use a net that resizes",
        )


def _size(image: np.ndarray) -> tuple[int, int]:
    return (int(image.shape[1]), int(image.shape[2]))
