"""TIFF and OME-TIFF, read by tifffile: any number of channels, pages and bits."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import tifffile

from ganeval.images.pixels import Decoding, Unreadable, broken, check_size, upright, without_alpha

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # or it writes to stderr

CHANNEL_AXES = "CSIQ"
"""Channels, samples of a pixel, and pages whose meaning the file does not give."""
PROJECTED_AXES = "ZT"
MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
JPEG_IN_TIFF = (6, 7, 34892, 33007)
"""Compressions whose decoder turns YCbCr into RGB."""


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
            full = [series for series in tif.series if not series.keyframe.is_reduced]
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
        text = " ".join(str(error).split())[:120] or type(error).__name__
        raise broken(f"damaged TIFF ({text})") from None


def series_axes(series: Any, axes: str | None) -> str:
    """One letter per axis of the series: the user's or the file's own."""
    own: str = series.axes
    if axes is None or axes in ("NHWC", "NCHW", "NHW"):
        return own
    if len(axes) != len(series.shape):
        raise Unreadable(
            f"has {len(series.shape)} axes, {own} of shape {list(series.shape)}, but --axes {axes} "
            f"names {len(axes)}; name one letter for each"
        )
    return axes


def series_array(series: Any, *, size: int) -> np.ndarray:
    """Reads all planes of a series, after a check that they are there and not too many."""
    key = series.keyframe
    check_size(key.imagelength, key.imagewidth, values=int(np.prod(series.shape, dtype=object)))
    for page in series.pages:
        if page is None:
            raise Unreadable(
                "is one file of a set that belong together (OME); save each image as one file"
            )
        for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
            if offset + count > size:
                raise broken(f"it is cut short: {size} bytes, {offset + count} are needed")
    array: np.ndarray = series.asarray()
    return array


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
    array, axes = _colours(array, axes, key)
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
                f"{list(array.shape)}); one is wanted: {_ways_out(axes, axis)}"
            )
    if len(axes) > 3:
        raise Unreadable(
            f"has several channel axes ({axes}, shape {list(array.shape)}); save its channels "
            "along one axis"
        )
    channel = axes.replace("Y", "").replace("X", "")
    array = array.transpose([axes.index(axis) for axis in f"YX{channel}"])
    array = array if channel else array[..., None]
    if channel == "S" and _ends_in_alpha(key):
        array = without_alpha(array, keep=decoding.keep_alpha)
    orientation = key.tags.get(274)
    return upright(array, int(orientation.value) if orientation else 1).transpose(2, 0, 1)


def _ways_out(axes: str, axis: str) -> str:
    ways = ["take their maximum with --project max"] if axis in PROJECTED_AXES else []
    if not set(CHANNEL_AXES) & set(axes):
        ways.append(f"say that they are channels with --axes {axes.replace(axis, 'C')}")
    return ", or ".join(ways or ["save each plane as an image of its own"])


def _colours(array: np.ndarray, axes: str, key: Any) -> tuple[np.ndarray, str]:
    """Interprets values as the file defines them; a palette adds an axis S."""
    photometric = int(key.photometric)
    jpeg = int(key.compression) in JPEG_IN_TIFF
    if photometric == PALETTE and key.colormap is not None and not key.parent.is_imagej:
        colours = key.colormap
        # 8-bit colours are stored as 16-bit numbers: times 257, or by older writers times 256.
        if any(not np.any(colours % factor) for factor in (257, 256)):
            colours = (colours >> 8).astype(np.uint8)
        return np.moveaxis(colours[:, array], 0, -1), axes + "S"
    if photometric == MIN_IS_WHITE:
        if array.dtype.kind not in "bu":
            raise Unreadable(
                f"says that white is zero, with values of type {array.dtype}; save it with black "
                "as zero"
            )
        largest: Any = (1 << key.bitspersample) - 1
        return (~array if array.dtype == bool else array.dtype.type(largest) - array), axes
    if photometric in (MIN_IS_BLACK, RGB, PALETTE) or (photometric == YCBCR and jpeg):
        return array, axes
    name = getattr(key.photometric, "name", photometric)
    raise Unreadable(f"has {name} colours; images are grey or RGB: convert it to RGB first")


def _ends_in_alpha(key: Any) -> bool:
    return bool(key.extrasamples) and int(key.extrasamples[-1]) in (1, 2)


def pages_note(file: io.BufferedIOBase, *, where: str, decoding: Decoding) -> tuple[str, ...]:
    """A note if the file's pages count as channels only because it does not say what they are."""
    try:
        with tiff_series(file) as series:
            axes, shape = series.axes, series.shape
    except Unreadable:  # reading the image reports the problem
        return ()
    if decoding.axes is not None:
        return ()
    found = [axis for axis in axes if axis in "IQ" and shape[axes.index(axis)] > 1]
    if not found:
        return ()
    count = shape[axes.index(found[0])]
    return (
        f"{where}: {count} pages without axes are taken as channels; say otherwise with --axes "
        f"({axes.replace(found[0], 'Z')} for planes, {axes.replace(found[0], 'N')} for one file of "
        "many images)",
    )
