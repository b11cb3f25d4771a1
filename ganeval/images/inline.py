"""Decodes images in this process; every decoding process uses `decode_one`."""

from collections.abc import Generator, Sequence
from typing import TypeAlias

from ganeval.errors import ImageError
from ganeval.images._base import Pixels, Reader
from ganeval.images.pixels import pixel_hash

Decoded: TypeAlias = tuple[Pixels, tuple[int, int]] | ImageError
"""Pixels and their hash, or the error."""


def decode_here(reader: Reader, positions: Sequence[int]) -> Generator[Decoded, None, None]:
    """Decodes one image after another, on demand."""
    for position in positions:
        yield decode_one(reader, position)


def decode_one(reader: Reader, position: int) -> Decoded:
    """One image and its hash, or the error that says what is wrong with it."""
    try:
        pixels = reader.read(position)
    except ImageError as error:
        return error
    return pixels, pixel_hash(pixels)
