"""TIFF and OME-TIFF, read by tifffile: any number of channels, pages and bits."""

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

import numpy as np
import tifffile

from ganeval.images.lzw import check_lzw
from ganeval.images.pixels import (
    MAX_VALUES,
    Decoding,
    Unreadable,
    broken,
    check_size,
    first_line,
    upright,
    without_alpha,
)
from ganeval.images.tiff_colours import as_defined

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # or it writes to stderr

CHANNEL_AXES = "CSIQ"
"""Channels, samples of a pixel, and pages whose meaning the file does not give."""
PROJECTED_AXES = "ZT"
REVERSED = 2
"""Fill order of bytes whose bits run from the lowest."""
SEPARATE = 2
"""Planar configuration of samples in planes of their own."""
LZW = 5
"""Compression of that name."""
MAX_PAGES = 1 << 16
"""Most pages of one file; reading their headers alone would keep tifffile busy beyond that."""
MAX_UNPACKED = 4 * MAX_VALUES
"""Most values in all strips or tiles of one image, with what tiles add at the edges."""
MANY_TIMES, MANY_PLANES = 10, 100
"""More of them along T, or another axis, may well be images of their own."""
MOST_CHANNELS_LAST = 8
"""Longest last axis, shorter than both others, that is taken for channels in the wrong place."""


def decode_tiff(data: bytes, decoding: Decoding) -> np.ndarray:
    """Decodes the file's only image to [c, h, w], or Unreadable; rules in `ganeval.images`."""
    with tiff_series(io.BytesIO(data)) as series:
        axes = series_axes(series, decoding.axes)
        if "N" in axes:
            raise Unreadable(
                f"is one of several files, but axes {decoding.axes} with N reads many images from "
                "a single file; leave out N"
            )
        return planes(series_array(series, size=len(data)), axes, series.keyframe, decoding)


@contextmanager
def tiff_series(file: io.BufferedIOBase) -> Iterator[Any]:
    """Opens the file's only series of pages; any error inside the block becomes Unreadable."""
    try:
        with tifffile.TiffFile(cast("Any", file)) as tif:
            _check_pages(tif)
            full = [series for series in tif.series if not series.keyframe.is_reduced]
            if not any(series.shape for series in full):
                reduced = len(full) < len(tif.series)
                raise broken(f"it holds no image{' of full size' if reduced else ''}")
            every: list[Any] = list(tif.pages)
            pages = sum(not page.keyframe.is_reduced for page in every)
            covered = sum(len(series.pages) for series in full)
            if len(full) != 1 or (pages > covered and not full[0].is_truncated):
                shapes = ", ".join(str(list(series.shape)) for series in full)
                raise Unreadable(
                    f"holds pages that do not form one image ({pages} pages; {shapes}); save one "
                    "image per file"
                )
            yield full[0]
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("does not fit into memory; make the image smaller") from None
    except Exception as error:  # a damaged file can make a decoder raise anything
        raise broken(f"damaged TIFF ({first_line(error)})") from None


def _check_pages(tif: Any) -> None:
    try:
        tif.pages.get(MAX_PAGES)
    except IndexError:
        return
    raise broken(f"it has more than {MAX_PAGES} pages; split it into several files")


def series_axes(series: Any, axes: str | None) -> str:
    """One letter per axis of the series: the user's or the file's own.

    Raises:
        Unreadable: the user's do not fit, or the file's own take the channels for the width.
    """
    own: str = series.axes
    if axes is None or axes in ("NHWC", "NCHW", "NHW"):
        _check_channels_last(own, series.shape)
        return own
    if len(axes) != len(series.shape):
        raise Unreadable(
            f"has {len(series.shape)} axes, {own} of shape {list(series.shape)}, but --axes {axes} "
            f"names {len(axes)}; name one letter for each"
        )
    return axes


def _check_channels_last(axes: str, shape: Sequence[int]) -> None:
    """Raises Unreadable for an array [h, w, c] that was written as h pages of w x c pixels."""
    if not axes.endswith("YX") or len(shape) not in (3, 4):
        return
    rows, height, width = shape[-3:]
    if 1 < width <= MOST_CHANNELS_LAST and width < min(rows, height):
        letters = "YXC" if len(shape) == 3 else "NYXC"
        as_stored = "CYX" if len(shape) == 3 else "NCYX"
        raise Unreadable(
            f"has {int(np.prod(shape[:-2]))} pages of {height} x {width} pixels, which look like "
            f"an array {list(shape)} with its channels last; if so, say --axes {letters}, and if "
            f"the pages are channels --axes {as_stored}"
        )


def series_array(series: Any, *, size: int) -> np.ndarray:
    """Reads all planes of a series, after a check that they are there and not too many."""
    key = series.keyframe
    check_size(key.imagelength, key.imagewidth, values=int(np.prod(series.shape, dtype=object)))
    segments = 0
    for page in series.pages:
        if page is None:
            raise Unreadable(
                "is one file of a set that belong together (OME); save each image as one file"
            )
        for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
            if offset + count > size:
                raise broken(f"it is cut short: {size} bytes, {offset + count} are needed")
        segments += len(page.dataoffsets)
        unpacked = segments * int(np.prod(key.chunks, dtype=object))
        if unpacked > MAX_UNPACKED:
            raise broken(
                f"its strips or tiles declare {unpacked} values, of {MAX_UNPACKED} allowed"
            )
        if page.keyframe.compression == LZW:
            _check_lzw(page)
    array: np.ndarray = series.asarray()
    return array


def _check_lzw(page: Any) -> None:
    from imagecodecs import bitorder_decode

    file = page.parent.filehandle
    for data, _ in file.read_segments(page.dataoffsets, page.databytecounts, sort=True):
        check_lzw(bitorder_decode(data) if page.keyframe.fillorder == REVERSED else data)


def planes(array: np.ndarray, axes: str, key: Any, decoding: Decoding) -> np.ndarray:
    """Arranges the planes of one image as [c, h, w].

    Args:
        array: planes of the image.
        axes: one letter per axis of `array`.
        key: the page that defines colours, alpha and orientation.
        decoding: options for projection and alpha.
    """
    if {"X", "Y"} - set(axes):
        raise Unreadable(f"has axes {axes} without Y and X; name them with --axes (as in CYX)")
    stored = dict(enumerate(zip(axes, array.shape, strict=True)))
    array, axes = as_defined(array, axes, key)
    for axis in [axis for axis in axes if axis not in "YX"]:
        place = axes.index(axis)
        if array.shape[place] == 1:
            array, axes = array.squeeze(place), axes.replace(axis, "")
        elif axis in PROJECTED_AXES and decoding.project is not None:
            projected = (
                array.max(axis=place) if decoding.project == "max" else array.mean(axis=place)
            )
            array, axes = projected, axes.replace(axis, "")
        elif axis not in CHANNEL_AXES:
            raise Unreadable(
                f"has {array.shape[place]} planes along {axis} (axes {axes}, shape "
                f"{list(array.shape)}); one is wanted: {_ways_out(stored, axis)}"
            )
    if len(axes) > 3:
        place, count = _long(stored)[0]
        raise Unreadable(
            f"has several channel axes ({axes}, shape {list(array.shape)}); if it is a file of "
            f"{count} images, say --axes {_renamed(stored, place, 'N')}, else save its channels "
            "along one axis"
        )
    channel = axes.replace("Y", "").replace("X", "")
    array = array.transpose([axes.index(axis) for axis in f"YX{channel}"])
    array = array if channel else array[..., None]
    if channel == "S" and _ends_in_alpha(key):
        array = _without_alpha(array, key, decoding)
    orientation = key.tags.get(274)
    return upright(array, int(orientation.value) if orientation else 1).transpose(2, 0, 1)


Stored: TypeAlias = dict[int, tuple[str, int]]
"""Letter and length of every axis in the file, by its place."""


def _ways_out(stored: Stored, axis: str) -> str:
    place, count = next((place, n) for place, n in _long(stored) if stored[place][0] == axis)
    ways = []
    if axis in PROJECTED_AXES:
        every = f"take every one with --planes {axis.lower()}"
        ways = [every, "take their maximum with --project max"]
    if not any(stored[other][0] in CHANNEL_AXES for other, _ in _long(stored)):
        ways.append(f"say that they are channels with --axes {_renamed(stored, place, 'C')}")
    if count > (MANY_TIMES if axis == "T" else MANY_PLANES):
        images = f"read them as {count} images with --axes {_renamed(stored, place, 'N')}"
        ways.insert(0, images)
    return ", or ".join(ways or ["save each plane as an image of its own"])


def _long(stored: Stored) -> list[tuple[int, int]]:
    """Places and lengths of the axes with several planes."""
    return [(place, n) for place, (axis, n) in stored.items() if axis not in "YX" and n > 1]


def _renamed(stored: Stored, place: int, letter: str) -> str:
    """The file's axes with another letter at one place, and none twice."""
    letters = [letter if at == place else axis for at, (axis, _) in stored.items()]
    for at, axis in enumerate(letters):
        if axis in "IQ" or axis in letters[:at]:
            letters[at] = next(free for free in "CZTABDEFGHJKLMO" if free not in letters)
    return "".join(letters)


def _without_alpha(array: np.ndarray, key: Any, decoding: Decoding) -> np.ndarray:
    try:
        return without_alpha(array, keep=decoding.keep_alpha)
    except Unreadable as error:
        if int(key.planarconfig) != SEPARATE:
            raise
        raise Unreadable(
            f"{error}; its {array.shape[-1]} planes are stored apart: if they are channels or a "
            "stack, say --axes CYX or --axes ZYX"
        ) from None


def _ends_in_alpha(key: Any) -> bool:
    return bool(key.extrasamples) and int(key.extrasamples[-1]) in (1, 2)
