"""Micrometres per pixel, where headers say so: TIFF (OME, ImageJ), OME-Zarr, CZI, ND2, DICOM.

The resolution of other TIFF and pictures is that of a printer or a screen and says nothing.
"""

import re
from typing import Any, cast

import tifffile

from ganeval.images._base import ImageSource, Reader
from ganeval.images.channels import SelectChannels, StackReader
from ganeval.images.files import FilesReader, suffix
from ganeval.images.pixels import Unreadable
from ganeval.images.volumes import AXES, PlanesReader

_TIFF = (".tif", ".tiff")
_MICROMETRES = {
    "nm": 1e-3, "µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "mm": 1e3,
    "cm": 1e4, "m": 1e6,
}  # fmt: skip
_SIZE = re.compile(r'\bPhysicalSize([XY])="([0-9.eE+-]{1,30})"')
_UNIT = re.compile(r'\bPhysicalSize[XY]Unit="([^"]{1,20})"')
_SQUARE = 0.01
"""Share by which a pixel's height and width may differ."""


def pixel_size_of(source: ImageSource) -> float | None:
    """Micrometres per pixel of the images, or None where their files do not say, or not the same.

    Only the first, the middle and the last file are looked at.
    """
    places = source.positions
    if not places:
        return None
    looked_at = {places[0], places[len(places) // 2], places[-1]}
    found = {_of_image(source.reader, place) for place in looked_at}
    return found.pop() if len(found) == 1 else None


def _of_image(reader: Reader, place: int) -> float | None:
    if isinstance(reader, SelectChannels):
        return _of_image(reader.inner, place)
    if isinstance(reader, StackReader):
        return _of_image(reader.inner, reader.members[place][0])
    if isinstance(reader, PlanesReader):
        return _of_plane(reader, place)
    return _of_file(reader, place) if isinstance(reader, FilesReader) else None


def _of_plane(reader: PlanesReader, place: int) -> float | None:
    stack, _, across, _ = reader.places[place]
    spacing = reader.spacings[stack] if reader.spacings else None
    if spacing is None:
        return None
    down, along = (size for axis, size in zip(AXES, spacing, strict=True) if axis != across)
    return _square(along, down, "µm")


def _of_file(reader: FilesReader, place: int) -> float | None:
    if suffix(reader.ids[place]) not in _TIFF:
        return None
    try:
        with reader.handle(place) as file, tifffile.TiffFile(cast("Any", file)) as tif:
            return _of_ome(tif.ome_metadata) if tif.is_ome else _of_imagej(tif)
    except (OSError, Unreadable):
        return None
    except Exception:  # a damaged file can make a decoder raise anything
        return None


def _of_ome(text: str | None) -> float | None:
    """From the text itself: a parser of XML would follow what strangers wrote."""
    sizes = dict(_SIZE.findall(text or ""))
    units = set(_UNIT.findall(text or "")) or {"µm"}  # the default of the format
    if len(units) > 1 or not {"X", "Y"} <= sizes.keys():
        return None
    return _square(float(sizes["X"]), float(sizes["Y"]), units.pop())


def _of_imagej(tif: Any) -> float | None:
    unit = (tif.imagej_metadata or {}).get("unit")
    tags = tif.pages[0].tags
    if not isinstance(unit, str) or "XResolution" not in tags or "YResolution" not in tags:
        return None
    per_unit = [tags[name].value for name in ("XResolution", "YResolution")]
    across, down = (parts / max(pixels, 1) if pixels else 0.0 for pixels, parts in per_unit)
    return _square(across, down, unit.replace("\\u00B5", "µ"))


def _square(across: float, down: float, unit: str) -> float | None:
    """A side of a square pixel in micrometres; None for others, and for nonsense."""
    scale = _MICROMETRES.get(unit.strip())
    if scale is None or not abs(across - down) <= _SQUARE * across:
        return None
    return across * scale if 1e-6 <= across * scale <= 1e6 else None
