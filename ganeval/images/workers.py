"""Decoding processes, with bounded work in flight.

Nothing here or in a reader of files imports torch, so that a process starts fast and stays small.
"""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from typing import NamedTuple

import numpy as np

from ganeval.errors import ImageError
from ganeval.images._base import Reader
from ganeval.images.inline import Decoded, decode_one
from ganeval.processes import fresh_processes, held

CHUNK_IMAGES = 64
CHUNK_BYTES = 1 << 23
"""Most images per task, and about the most bytes of pixels, estimated from earlier images."""


def decode_in_processes(
    reader: Reader, positions: Sequence[int], *, workers: int
) -> Generator[Decoded, None, None]:
    """Decodes in order, like `decode_here`, in processes that work ahead; closing ends them.

    They take as long to start as a thousand small images to decode, so until the first one is
    ready this process decodes.
    """
    waiting: deque[Future[_Chunk]] = deque()
    start, largest = 0, 1
    with fresh_processes(min(workers, len(positions)), reader) as pool:
        ready = pool.submit(_decode_chunk, positions[:1])
        while start < len(positions) and not ready.done():
            image = decode_one(reader, positions[start])
            if not isinstance(image, ImageError):
                largest = max(largest, image[0].nbytes)
            start += 1
            yield image
        # Chunks start small where no size is known, so that huge images are noticed before many
        # are in flight.
        size = _chunk_size(largest) if start else 1
        while waiting or start < len(positions):
            while start < len(positions) and len(waiting) < 2 * workers + 1:
                waiting.append(pool.submit(_decode_chunk, positions[start : start + size]))
                start += size
            chunk = waiting.popleft().result()
            largest = max([largest, *(pixels.nbytes for pixels in chunk.pixels)])
            size = min(2 * size, _chunk_size(largest))
            yield from _in_order(chunk)


def _chunk_size(largest: int) -> int:
    """Images per task, of at most so many bytes each."""
    return max(1, min(CHUNK_IMAGES, CHUNK_BYTES // largest))


class _Chunk(NamedTuple):
    """What one task sends back: one array where images are alike, which pickles fast."""

    pixels: Sequence[np.ndarray] | np.ndarray
    hashes: list[tuple[int, int]]
    errors: dict[int, ImageError]
    """Errors by place in the chunk; `pixels` and `hashes` leave these images out."""


def _decode_chunk(positions: Sequence[int]) -> _Chunk:
    pixels: list[np.ndarray] = []
    hashes: list[tuple[int, int]] = []
    errors: dict[int, ImageError] = {}
    for place, position in enumerate(positions):
        image = decode_one(held(), position)
        if isinstance(image, ImageError):
            errors[place] = image
        else:
            pixels.append(image[0])
            hashes.append(image[1])
    alike = len({(image.dtype, image.shape) for image in pixels}) == 1
    return _Chunk(np.stack(pixels) if alike else pixels, hashes, errors)


def _in_order(chunk: _Chunk) -> Iterator[Decoded]:
    good = zip(chunk.pixels, chunk.hashes, strict=True)
    for place in range(len(chunk.hashes) + len(chunk.errors)):
        yield chunk.errors[place] if place in chunk.errors else next(good)
