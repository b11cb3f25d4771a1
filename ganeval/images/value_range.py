"""Value ranges: declared, or taken from the data on request.

A declared range reaches floats, and integers that can hold it. A low end below 0 or a high end
of at most 1 is meant for floats: integers then keep the range of their type.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from ganeval.errors import ImageError, InputError
from ganeval.images._base import ImageSource, Pixels, ValueRange
from ganeval.images.sample import stratified_sample

PERCENTILES = (0.1, 99.9)
SAMPLE_IMAGES = 256
SAMPLE_PIXELS = 1 << 16
"""Most pixels per channel of one image that enter the percentiles; they are evenly spaced."""

RangeLike: TypeAlias = str | Sequence[Any] | None
"""`LOW:HIGH[,…]`, `data`, (low, high), one pair per channel, or None."""

INTEGERS = {"uint8": 255, "uint16": 65535}
"""Largest value of each integer type of pixels."""

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


def parse_value_range(text: str) -> ValueRange | Literal["data"]:
    """Parses `LOW:HIGH`, `LOW:HIGH,LOW:HIGH` (one pair per channel) or `data`, or InputError."""
    if text.strip() == "data":
        return "data"
    pairs = []
    for part in text.split(","):
        match = re.fullmatch(rf"\s*({NUMBER})\s*:\s*({NUMBER})\s*", part)
        if match is None:
            raise InputError(
                f"value range {text!r} is not understood; give LOW:HIGH (as in 0:1), one pair per "
                "channel (0:1,0:4095), or data"
            )
        pairs.append((float(match[1]), float(match[2])))
    return _checked(pairs)


def as_value_range(value: RangeLike) -> ValueRange | Literal["data"] | None:
    """Checks and converts any form that `open_images` takes."""
    if value is None or isinstance(value, str):
        return None if value is None else parse_value_range(value)
    try:
        pairs = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        pairs = np.empty(0)
    if pairs.ndim == 1:
        pairs = pairs[None]
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        raise InputError(
            f"value range {value!r} is not understood; give (low, high), one pair per channel, or "
            "'data'"
        )
    return _checked([(float(low), float(high)) for low, high in pairs])


def _checked(pairs: list[tuple[float, float]]) -> ValueRange:
    for low, high in pairs:
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise InputError(
                f"value range {low:g}:{high:g} is empty; the low end must be below the high end, "
                "both finite"
            )
    return tuple(pairs)


def declared_for(dtype: str, declared: ValueRange | None) -> ValueRange | None:
    """The declared range where it reaches images of `dtype`; None where these keep their own.

    Floats take any range. Integers take one that they can hold; one that begins below 0 or ends at
    1 or lower is meant for floats, such as (-1, 1) for generated images beside 8-bit reals.

    Raises:
        InputError: the range ends beyond what the integers can hold.
    """
    if declared is None or dtype not in INTEGERS:
        return declared
    if any(low < 0 or high <= 1 for low, high in declared):
        return None
    if (top := max(high for _, high in declared)) > INTEGERS[dtype]:
        raise InputError(
            f"the declared range ends at {top:g} but {dtype} images at {INTEGERS[dtype]}; declare "
            "it only for the images that reach it"
        )
    return declared


def observed_range(images: Sequence[Pixels]) -> ValueRange:
    """(smallest, largest) value of each channel over images of equally many channels.

    Unlike a declared range, both ends may be equal.
    """
    low = np.min([image.min(axis=(1, 2)) for image in images], axis=0)
    high = np.max([image.max(axis=(1, 2)) for image in images], axis=0)
    return tuple((float(a), float(b)) for a, b in zip(low, high, strict=True))


def data_range(source: ImageSource, *, seed: int = 0) -> ValueRange:
    """0.1 and 99.9 percentiles of each channel, pooled over a seeded sample of the images.

    The sample has `SAMPLE_IMAGES` images, stratified as for `max_images`. Take the range from the
    real images and declare it for the fakes too: separate ranges would hide a difference.

    Raises:
        InputError: images differ in their number of channels, or a channel is constant.
        ImageError: an image cannot be read, unless the source skips those.
    """
    chosen = stratified_sample(
        source.ids, labels=source.labels, groups=source.groups, size=SAMPLE_IMAGES, seed=seed
    )
    values: list[np.ndarray] = []
    for index in chosen:
        try:
            pixels = source.read(index)
        except ImageError:
            if source.on_error == "skip":
                continue
            raise
        if values and len(pixels) != len(values[0]):
            raise InputError(
                f"{source.where(index)} has {len(pixels)} channels and {source.where(chosen[0])} "
                f"{len(values[0])}; a range from the data needs equally many in every image"
            )
        flat = pixels.reshape(len(pixels), -1)
        values.append(flat[:, :: math.ceil(flat.shape[1] / SAMPLE_PIXELS)])
    if not values:
        raise InputError(f"{source.name} has no image that can be read; check its files")
    low, high = np.percentile(np.concatenate(values, axis=1), PERCENTILES, axis=1)
    for channel, (a, b) in enumerate(zip(low, high, strict=True)):
        if not a < b:
            raise InputError(
                f"channel {channel} of {source.name} is {a:g} nearly everywhere and has no range "
                "of its own; leave it out with --channels, or declare the range as LOW:HIGH"
            )
    return tuple((float(a), float(b)) for a, b in zip(low, high, strict=True))
