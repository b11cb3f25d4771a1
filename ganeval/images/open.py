"""`open_images` turns anything that holds images into an ImageSource."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from ganeval.errors import InputError
from ganeval.images._base import ImageSource, Reader, ValueRange
from ganeval.images.channels import SelectChannels, stack_channels
from ganeval.images.file_notes import file_notes
from ganeval.images.files import common_folder
from ganeval.images.formats import open_reader
from ganeval.images.labels import Values, groups_and_note, labels_and_note
from ganeval.images.layout import LAYOUTS
from ganeval.images.names import Globs, as_globs, choose_names
from ganeval.images.pixels import Decoding
from ganeval.images.sample import stratified_sample
from ganeval.images.tables import table_of
from ganeval.images.value_range import RangeLike, as_value_range, data_range
from ganeval.images.volumes import PlanesReader

READING = 2
"""Raised whenever files are read otherwise than before, so that no cached features outlive it."""


def open_images(
    spec: Any,
    *,
    layout: str | None = None,
    batched: bool | None = None,
    axes: str | None = None,
    planes: str | None = None,
    project: str | None = None,
    include: Globs = None,
    exclude: Globs = None,
    channels: Sequence[int] | None = None,
    stack_by: str | None = None,
    value_range: RangeLike = None,
    label_by: str | None = None,
    group_by: str | None = None,
    max_images: int | None = None,
    seed: int = 0,
    on_error: str = "fail",
) -> ImageSource:
    """Lists images without decoding them; the rules for their pixels are in `ganeval.images`.

    Args:
        spec: a path to a folder, `.zip`, `.npy`, `.npz` (`file.npz::name` for one array of it),
            IDX file, single image, volume, film or file of tensors, or a folder of one kind of
            them; a URL (`s3://…`, see `ganeval.images.remote`); an array [n, h, w, c] or tensor
            [n, c, h, w]; a data set, a list of images or a list of paths; or a loader, stream or
            generator, which is read into memory here. Items are images, or images with labels, as
            pairs or dictionaries: see `ganeval.images.items`. An ImageSource is returned as it is.
        layout: `NHWC`, `NCHW` or `NHW`: axes of arrays that break the library's convention.
        batched: whether each item of a list, stream or generator is a batch (True) or one image
            (False), where that is not clear; False for an array that is one image itself.
        axes: axes of TIFF files, as in `CYX` or `ZYX`, where the files do not say or are wrong;
            `N` is the axis of the images in a file of many. For arrays, the same as `layout`, or
            with a Z or T (`NZYX`) those of volumes and films. `XYZT` or `XYZC` for NIfTI of four.
        planes: letters among `xyz` and `t`: every plane of a volume across these axes is an image,
            whose group is the volume; with `t`, every point in time or frame is one. See
            `ganeval.images.volumes`.
        project: `max` or `mean` over those of the Z and T axes that `planes` does not name.
        include: globs of the images to take, held against the names of files and folders
            (`*.tif`) or, with a `/`, against paths below the root (`plate1/**`); one, a comma list,
            or several. Arrays have positions for names.
        exclude: globs of images to leave out, as in `*_masks.tif` or `masks`. A glob that fits
            nothing is an error; on the command line, one for all sides may fit some of them.
        channels: positions from 0 of the channels to keep, in this order.
        stack_by: regular expression that finds the channel in the paths of images with one file
            per channel: its group `channel`, or else its first group. The path without that part
            is the image's id. Channels are in natural order of their names; where the group takes
            no part in a match, as in `(_masks)?[.]tif`, the name is empty.
        value_range: the values that mean black and white: (low, high), one pair per channel,
            `LOW:HIGH[,LOW:HIGH…]`, or `data` (`data_range`, which reads images). Integers have
            their dtype's range by default; floats have none, which extraction refuses. Values
            outside are not clipped.
        label_by: `folder:LEVEL`, `regex:PATTERN`, `csv:FILE`, `csv:FILE:COLUMN` or `none`; see
            `values_by`. By default what the format carries, `dataset.json` or `metadata.csv` in a
            folder or archive, or class folders one level deep, unless they look like plates,
            wells or mere storage. As many labels as images are ids and not taken.
        group_by: a rule like `label_by`; images of a group (a plate, a patient) are dependent. By
            default the groups that the format carries (the planes of a volume), else none.
        max_images: size of a seeded sample, stratified by group, and by label if all labels have
            equally many images.
        seed: seed of the sample, and of the images that `value_range="data"` reads.
        on_error: `fail` or `skip` for images that cannot be read.

    Returns:
        The images in order of their ids: paths below the root without the folders that all share,
        or zero-padded positions.

    Raises:
        InputError: nothing is found, or an option does not fit; images are not decoded here.
    """
    if isinstance(spec, str) and not spec:
        raise InputError("the path is empty; name a folder or a file, or . for this folder")
    if isinstance(spec, ImageSource):
        given = (layout, axes, planes, project, channels, stack_by, value_range, label_by, group_by)
        if any(option is not None for option in (*given, batched, include, exclude, max_images)):
            raise InputError(f"{spec.name} is open already; give the options when opening it")
        return spec
    _check_options(layout=layout, axes=axes, planes=planes, project=project, on_error=on_error)
    if max_images is not None and max_images < 1:
        raise InputError(f"max_images is {max_images}; give 1 or more")
    include, exclude = as_globs(include, option="include"), as_globs(exclude, option="exclude")
    wanted_range = as_value_range(value_range)
    chosen_channels = None if channels is None else tuple(int(channel) for channel in channels)
    planes = None if planes is None else "".join(sorted(set(planes)))
    decoding = Decoding(
        axes=axes, planes=planes, project=project,
        layout=layout or (axes if axes in LAYOUTS else None), keep_alpha=channels is not None,
    )  # fmt: skip
    reader: Reader = open_reader(spec, decoding=decoding, batched=batched)
    places, told = choose_names(
        reader.ids, include=include, exclude=exclude, name=reader.name,
        planes=isinstance(reader, PlanesReader),
    )  # fmt: skip
    told = (
        *told,
        *file_notes(reader, places, families=stack_by is None, ranged=value_range is not None),
    )
    if stack_by is not None:
        reader = stack_channels(reader, places, stack_by)
        places = range(len(reader.ids))
    if chosen_channels is not None:
        reader = SelectChannels(reader, chosen_channels)

    ids = [reader.ids[place] for place in places]
    labels, label_note = labels_and_note(reader, ids, places, label_by)
    groups, group_note = groups_and_note(reader, ids, places, group_by)
    if group_by is not None and labels is None:
        label_note = None  # it says how to declare groups, too
    found = (*reader.notes, *told, *(note for note in (label_note, group_note) if note))
    notes = list(dict.fromkeys(found))
    chosen: Sequence[int] = range(len(ids))
    if max_images is not None:
        chosen = stratified_sample(ids, labels=labels, groups=groups, size=max_images, seed=seed)
        notes.append(_sample_note(len(chosen), len(ids), max_images, seed))
    shared = len(common_folder(ids))
    order = sorted(chosen, key=ids.__getitem__)
    protocol = _protocol(
        layout=layout, axes=axes, planes=planes, project=project, include=include, exclude=exclude,
        channels=chosen_channels, stack_by=stack_by, value_range=wanted_range,
        max_images=max_images, seed=None if max_images is None else seed,
    )  # fmt: skip
    source = ImageSource(
        name=reader.name,
        ids=tuple(ids[position][shared:] for position in order),
        labels=_at(labels, order),
        groups=_at(groups, order),
        value_range=None if wanted_range == "data" else wanted_range,
        on_error=on_error,
        stamp=_stamp(reader.stamp, protocol, label_by, group_by, on_error),
        protocol=protocol,
        notes=tuple(notes),
        reader=reader,
        positions=tuple(places[position] for position in order),
    )
    return source if wanted_range != "data" else _with_data_range(source, seed=seed)


def _check_options(
    *,
    layout: str | None,
    axes: str | None,
    planes: str | None,
    project: str | None,
    on_error: str,
) -> None:
    if layout is not None and layout not in LAYOUTS:
        raise InputError(f"unknown layout {layout!r}; give one of {', '.join(LAYOUTS)}")
    if axes is not None and axes not in LAYOUTS:
        if not axes.isalpha() or len(set(axes)) < len(axes) or not {"X", "Y"} <= set(axes):
            raise InputError(
                f"axes {axes!r} are not understood; give one letter per axis, with Y and X among "
                "them, as in CYX"
            )
    if planes is not None and (not planes or set(planes) - set("xyzt")):
        raise InputError(f"planes {planes!r} are not understood; give letters among x, y, z and t")
    if project not in (None, "max", "mean"):
        raise InputError(f"unknown projection {project!r}; give 'max' or 'mean'")
    if on_error not in ("fail", "skip"):
        raise InputError(f"on_error is {on_error!r}; give 'fail' or 'skip'")


def _sample_note(taken: int, found: int, wanted: int, seed: int) -> str:
    if found <= wanted:
        return f"took all {found} images: max_images is {wanted}"
    return f"took a sample of {taken} of {found} images (seed {seed})"


def _at(values: Values, order: Sequence[int]) -> Values:
    return None if values is None else tuple(values[position] for position in order)


def _protocol(**options: object) -> dict[str, object]:
    """The options that were given, as strict JSON; new options leave old protocols unchanged."""
    given = {name: value for name, value in options.items() if value is not None}
    protocol: dict[str, object] = json.loads(json.dumps(given, allow_nan=False))
    return protocol


def _stamp(
    files: str | None,
    protocol: dict[str, object],
    label_by: str | None,
    group_by: str | None,
    on_error: str,
) -> str | None:
    """Hash of everything that the images, their ids, labels and groups depend on."""
    if files is None:
        return None
    # The range does not change the pixels; `on_error` decides which images there are.
    options = {name: value for name, value in protocol.items() if name != "value_range"}
    tables = [
        hashlib.blake2b(table_of(rule.removeprefix("csv:"))[0].read_bytes()).hexdigest()
        for rule in (label_by, group_by)
        if rule is not None and rule.startswith("csv:")
    ]
    known = [READING, files, options, label_by, group_by, tables, on_error]
    text = json.dumps(known, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _with_data_range(source: ImageSource, *, seed: int) -> ImageSource:
    found: ValueRange = data_range(source, seed=seed)
    pairs = ", ".join(f"{low:g}:{high:g}" for low, high in found)
    return dataclasses.replace(
        source,
        value_range=found,
        protocol={**source.protocol, "value_range": [list(pair) for pair in found]},
        notes=(*source.notes, f"value range from the data (0.1 to 99.9 %): {pairs}"),
    )
