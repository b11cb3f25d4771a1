"""Decodes images batch by batch, in this process or in several."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from ganeval.arguments import whole_number
from ganeval.errors import ImageError
from ganeval.images._base import Batch, ImageSource
from ganeval.images.inline import Decoded, decode_here


def iterate(source: ImageSource, *, batch_size: int = 64, num_workers: int = 0) -> Iterator[Batch]:
    """Decodes and hashes a source's images, in order.

    Batch k covers positions k * batch_size up to (k + 1) * batch_size of the source, whatever the
    number of workers; under `on_error="skip"` the images that cannot be read are its `failures`.

    Args:
        source: from `open_images`.
        batch_size: images per batch.
        num_workers: decoding processes; 0 decodes in this one, as do images that are in memory
            already. They are spawned without the caller's script, so it needs no
            `if __name__ == "__main__"`, and end when the iterator is closed or fails.

    Raises:
        ImageError: the first image that cannot be read, unless the source skips those.
        GanevalError: a decoding process died.
    """
    batch_size = whole_number(batch_size, name="batch_size", least=1)
    num_workers = whole_number(num_workers, name="num_workers", least=0)
    return _batches(source, batch_size, num_workers)


def _batches(source: ImageSource, batch_size: int, num_workers: int) -> Iterator[Batch]:
    count = len(source)
    if num_workers and source.reader.costly:
        from ganeval.images.workers import decode_in_processes  # multiprocessing: slow to import

        decoded = decode_in_processes(source.reader, source.positions, workers=num_workers)
    else:
        decoded = decode_here(source.reader, source.positions)
    with closing(decoded):
        for start in range(0, count, batch_size):
            indices = range(start, min(start + batch_size, count))
            yield _batch(source, indices, decoded)


def _batch(source: ImageSource, indices: range, decoded: Iterator[Decoded]) -> Batch:
    good: list[int] = []
    pixels: list[np.ndarray] = []
    hashes: list[tuple[int, int]] = []
    failures: list[tuple[str, str]] = []
    for index in indices:
        image = next(decoded)
        if isinstance(image, ImageError):
            if source.on_error != "skip":
                raise image
            failures.append((source.ids[index], image.problem))
        else:
            good.append(index)
            pixels.append(image[0])
            hashes.append(image[1])
    words = np.array(hashes, dtype=np.uint64).reshape(len(good), 2)
    return Batch(tuple(good), tuple(pixels), words, tuple(failures))
