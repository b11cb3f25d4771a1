"""OME-Zarr (NGFF 0.1 to 0.5): images with their axes and levels, and plates of wells.

The axes are those that the metadata name, never guessed from the shape. An image is read at full
resolution, the first of its levels, unless `::` names another one. The fields of a plate are images
with ids such as `B/03/0`; their group is the well, `B/03`. Masks (`labels`) are left out.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ganeval.errors import InputError
from ganeval.images.files import listing_end
from ganeval.images.members import plain_name
from ganeval.images.pixels import Decoding, broken, check_size
from ganeval.images.volumes import PlanesReader, Spacing, Stack, check_planes
from ganeval.images.zarr_chunks import decoded, decoder, opened_store
from ganeval.images.zarr_files import (
    Meta,
    ZarrFiles,
    check_chunk,
    files_stamp,
    missing_chunks,
    missing_note,
)

TYPES = {"time": "t", "channel": "c"}
"""Letters of axes whose type says what they are; those of space are z, y and x by name."""
OLD_AXES = "tczyx"
"""Axes before version 0.3, which named none."""
_UNITS = {"nanometer": 1e-3, "micrometer": 1.0, "millimeter": 1e3, "meter": 1e6}
"""Micrometres of units of length."""
MALFORMED = (KeyError, IndexError, TypeError, AttributeError, ValueError)
"""What metadata of another structure raise."""


class Picture(NamedTuple):
    """One image of a store: where its array is, and what its axes are."""

    id: str
    well: str | None
    key: str
    axes: str
    """A letter of t, c, z, y and x for each axis of the array."""
    spacing: Spacing | None = None


class Images(NamedTuple):
    """The images of a store, and what the user should know."""

    files: ZarrFiles
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class OmeZarrReader(PlanesReader):
    """Images of one or several stores, which each process opens for itself."""

    paths: tuple[str, ...] = ()
    """Each stack's store."""
    keys: tuple[str, ...] = ()
    """Path of each stack's array in the store."""
    axes: tuple[str, ...] = ()

    def load(self, stack: int, time: int) -> np.ndarray:
        """Reads one time, and with it each of its chunks or shards once."""
        path = self.paths[stack]
        if path not in self.opened:
            self.opened.clear()
            self.opened[path] = opened_store(path, name=self.name)
        array = decoder(self.opened[path], self.keys[stack], name=self.name)
        axes = self.axes[stack]
        if len(axes) != len(array.shape):
            raise broken("its array has changed since it was opened")
        sides = {axis: side for axis, side in zip(axes, array.shape, strict=True) if axis != "t"}
        values = int(np.prod(list(sides.values()), dtype=object))
        check_size(sides["y"], sides["x"], values=values)
        volume = decoded(array, tuple(time if a == "t" else slice(None) for a in axes))
        axes = axes.replace("t", "")
        for axis in "cz":
            if axis not in axes:
                volume, axes = volume[None], axis + axes
        return volume.transpose([axes.index(axis) for axis in "czyx"])


def ome_images(files: ZarrFiles, wanted: str) -> Images | None:
    """The images of OME-Zarr at or below a path in the store; None if there are none.

    Raises:
        InputError: the metadata are damaged, or name something outside of the store.
    """
    try:
        found = list(_pictures(files, plain_name(wanted, name=files.name)))
    except InputError:
        raise
    except MALFORMED as error:
        raise InputError(
            f"{files.name}: its OME metadata are damaged ({type(error).__name__}: {error}); write "
            "the store again"
        ) from None
    if twice := [id for id, count in Counter(each.id for each in found).items() if count > 1]:
        raise InputError(
            f"{files.name}: its metadata (plate.wells, well.images) list {listing_end(twice)} more "
            "than once; correct them, or its images count twice"
        )
    missing = [picture.id for picture in found if not picture.key]
    pictures = tuple(picture for picture in found if picture.key)
    if not found:
        return None
    if not pictures:
        raise InputError(f"{files.name} names {len(found)} images and holds none; copy it again")
    note = f"{len(missing)} of {len(found)} images are not in the store: {listing_end(missing)}"
    return Images(files, pictures, (note,) if missing else ())


def open_ome_zarr(stores: Sequence[Images], *, name: str, decoding: Decoding) -> OmeZarrReader:
    """The reader of all images of some stores; ids start with the store if there are several."""
    check_planes(decoding, name=name, letters="tzyx")
    stacks, keys, axes, paths, notes = [], [], [], [], list[str]()
    spacings = list[Spacing | None]()
    stamps, missing, wanted, fill = [], 0, 0, object()
    for files, pictures, found in stores:
        notes += found
        kept: dict[str, dict[str, str]] = {}
        for picture in pictures:
            meta = _readable(files, picture)
            kept[picture.key] = files.files(picture.key)
            lost, every = missing_chunks(meta, kept[picture.key])
            missing, wanted, fill = missing + lost, wanted + every, meta.fill_value
            sides = dict(zip(picture.axes, meta.shape, strict=True))
            start = "" if len(stores) == 1 else f"{files.store}/"
            id = start + picture.id if picture.id else files.store
            well = start + picture.well if picture.well else id
            depth = (sides.get("z", 1), sides["y"], sides["x"])
            stacks.append(Stack(id, well, depth, sides.get("t", 1)))
            keys.append(files.root + picture.key)
            axes.append(picture.axes)
            spacings.append(picture.spacing)
            paths.append(files.path)
        stamps.append(files_stamp(files.path, kept, *(picture.axes for picture in pictures)))
    return OmeZarrReader(
        name,
        f"{name.partition('::')[0].rstrip('/')}/" if stacks[0].id != files.store else "",
        tuple(stacks),
        decoding.planes or "",
        decoding.project,
        " ".join(stamps),
        tuple(notes) + missing_note(missing, wanted, fill),
        tuple(spacings),
        paths=tuple(paths),
        keys=tuple(keys),
        axes=tuple(axes),
    )


def _pictures(files: ZarrFiles, wanted: str) -> Iterator[Picture]:
    attributes = files.attributes(wanted)
    folder, _, last = wanted.rpartition("/")
    above = files.attributes(folder) if wanted else None
    if attributes is None:
        if above and "multiscales" in above:
            levels = ", ".join(_levels(files, above))
            raise InputError(f"{files.name}: there is no level {last!r}; levels are {levels}")
        return
    if above and "multiscales" in above and files.array(wanted) is not None:
        yield _picture(files, folder, above, level=last)
    elif "plate" in attributes:
        for well in attributes["plate"]["wells"]:
            yield from _well(files, wanted, _path(files, well["path"]))
    elif "well" in attributes:
        plate, _, well = wanted.rpartition("/")
        row = plate.rpartition("/")[2]
        yield from _well(files, wanted.removesuffix(f"{row}/{well}").rstrip("/"), f"{row}/{well}")
    elif "multiscales" in attributes:
        yield _picture(files, wanted, attributes)
    else:
        wells = set()
        for key, inside, meta in files.nodes(wanted):
            if "well" in inside:
                wells.add(key)
            if meta is None and "multiscales" in inside and "image-label" not in inside:
                group = key.rpartition("/")[0]
                yield _picture(files, key, inside)._replace(well=group if group in wells else None)


def _well(files: ZarrFiles, plate: str, well: str) -> Iterator[Picture]:
    """The fields of one well; those that are not in the store have no key."""
    start = f"{plate}/" if plate else ""
    found = files.attributes(start + well) or {"well": {"images": [{"path": "0"}]}}
    for image in found["well"]["images"]:
        field = f"{well}/{_path(files, image['path'])}"
        inside = files.attributes(start + field)
        if inside is None:
            yield Picture(field, well, "", "")
        else:
            yield _picture(files, start + field, inside)._replace(id=field, well=well)


def _picture(
    files: ZarrFiles, key: str, attributes: dict[str, Any], *, level: str | None = None
) -> Picture:
    image = attributes["multiscales"][0]
    chosen = _levels(files, attributes)[0] if level is None else level
    array = f"{key}/{chosen}" if key else chosen
    axes = "".join(map(_letter, image["axes"])) if image.get("axes") else OLD_AXES
    return Picture(
        key if level is None else array,
        None,
        array if files.array(array) is not None else "",
        axes,
        _spacing(image, axes, level=_levels(files, attributes).index(chosen)),
    )


def _spacing(image: dict[str, Any], axes: str, *, level: int) -> Spacing | None:
    """From the scales of a level and of all levels, along axes whose units are known."""
    try:
        sizes = {
            letter: _UNITS[axis["unit"]]
            for letter, axis in zip(axes, image["axes"], strict=True)
            if isinstance(axis, dict) and axis.get("unit") in _UNITS
        }
        for scaled in (image["datasets"][level], image):
            for step in scaled.get("coordinateTransformations") or ():
                if step["type"] == "scale":
                    scale = dict(zip(axes, map(float, step["scale"]), strict=True))
                    sizes = {letter: size * scale[letter] for letter, size in sizes.items()}
        if "coordinateTransformations" not in image["datasets"][level]:
            return None  # before version 0.4, which had no scales
    except MALFORMED:
        return None
    z, y, x = (sizes.get(axis, math.nan) for axis in "zyx")
    return z, y, x


def _levels(files: ZarrFiles, attributes: dict[str, Any]) -> list[str]:
    """Paths of the levels, from full resolution down."""
    return [_path(files, each["path"]) for each in attributes["multiscales"][0]["datasets"]]


def _letter(axis: str | dict[str, str]) -> str:
    if isinstance(axis, str):
        return axis.lower()
    return TYPES.get(axis.get("type", ""), axis["name"].lower())


def _path(files: ZarrFiles, given: object) -> str:
    """A path that metadata name, or InputError if it leads out of the store."""
    return plain_name(str(given), name=files.name)


def _readable(files: ZarrFiles, picture: Picture) -> Meta:
    """Metadata of an image's array, or InputError if it cannot be read as its axes say."""
    meta, axes = files.array(picture.key), picture.axes
    assert meta is not None  # `_picture` found it
    shown = f"{files.name} ({picture.key})"
    if meta.dtype is None or meta.dtype.kind not in "biuf":
        raise InputError(
            f"{shown} has values of type {meta.type_name}; store them as uint8, uint16 or float32"
        )
    known = len(set(axes)) == len(axes) and {"y", "x"} <= set(axes) <= set(OLD_AXES)
    if not known or len(axes) != len(meta.shape):
        raise InputError(
            f"{shown} has shape {list(meta.shape)} and axes {axes!r}; one letter of t, c, z, y and "
            "x for each is wanted, so correct multiscales.axes"
        )
    if 0 in meta.shape:
        raise InputError(f"{shown} has shape {list(meta.shape)}: it is empty")
    check_chunk(meta, shown=shown)
    return meta
