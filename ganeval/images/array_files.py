"""`.npy` and `.npz`: one array of many images."""

import io
import math
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from ganeval.errors import InputError
from ganeval.images.arrays import ArrayReader, label_names, positions
from ganeval.images.layout import array_layout
from ganeval.images.named_arrays import LABELS, Stored, companion
from ganeval.images.npy_rows import NpyRows
from ganeval.images.pixels import Decoding
from ganeval.images.rows import FeatureRows, check_memory
from ganeval.images.stamp import file_stamp


@dataclass(frozen=True, eq=False)
class NpyReader(ArrayReader):
    """An `.npy` file, of which each image is read when it is asked for."""

    path: str = ""

    def load(self) -> NpyRows:
        """Reads the header."""
        return NpyRows(self.path)


@dataclass(frozen=True, eq=False)
class NpzReader(ArrayReader):
    """One array of an `.npz`, read whole at the first image."""

    path: str = ""
    key: str = ""

    def load(self) -> np.ndarray:
        """Reads the array."""
        return _array(self.path, self.key, name=self.name)


def open_npy(path: Path, *, name: str, decoding: Decoding) -> NpyReader:
    """Reads the header of an `.npy` file."""
    try:
        with open(path, "rb") as file:
            shape, _ = _header(file, name=name)
        NpyRows(path)  # fails if the file is cut short
    except (ValueError, EOFError, OSError) as error:
        raise _not_numpy(name, error) from None
    layout = array_layout(shape, layout=decoding.layout, torch=False, name=name)
    return NpyReader(
        name, positions(shape[0]), layout, stamp=file_stamp(path), path=os.path.abspath(path)
    )


def open_npz(path: Path, *, name: str, decoding: Decoding) -> NpzReader:
    """Reads the headers of an `.npz`, and its labels if it has some.

    The images are the array after `::` (`file.npz::train_images`), else `images`, else `arr_0`,
    else the only array of three or four axes. Labels are `labels`, `arr_1` for `arr_0`, the
    array with the images' name where `labels` replaces `images`, or as `companion` finds them
    (`y_train` for `x_train`).
    """
    file, _, wanted = str(path).partition("::")
    shapes = _shapes(file, name=name)
    key = _image_key(shapes, wanted, name=name)
    shape, _ = shapes[key]
    layout = array_layout(shape, layout=decoding.layout, torch=False, name=f"{name} ({key})")
    labels = None
    if (found := _label_key(shapes, key)) is not None:
        array = _array(file, found, name=name)
        labels = label_names(array, count=shape[0], name=f"{name} ({found})")
    return NpzReader(
        name,
        positions(shape[0]),
        layout,
        labels=labels,
        notes=(_ASIDE,) if {"mu", "sigma"} <= shapes.keys() else (),
        stamp=file_stamp(Path(file), key),
        path=os.path.abspath(file),
        key=key,
    )


_ASIDE = "takes the images and leaves mu and sigma aside, which only `ganeval fid` takes"


def npz_rows(path: Path, *, name: str) -> FeatureRows | None:
    """The array named after `::` if it has two axes, that is features; else None."""
    file, _, key = str(path).partition("::")
    shape, dtype = _shapes(file, name=name).get(key, ((), np.dtype(bool)))
    if len(shape) != 2 or dtype.kind not in "iuf":
        return None
    return FeatureRows(shape, lambda: _array(file, key, name=name))


def _shapes(file: str, *, name: str) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and dtype of every array, from the headers."""
    try:
        with zipfile.ZipFile(file) as archive:
            found = {}
            for entry in archive.infolist():
                if entry.filename.endswith(".npy"):
                    with archive.open(entry) as member:
                        stream = cast("io.BufferedIOBase", member)
                        shape, dtype = _header(stream, name=name)
                        left = entry.file_size - member.tell()
                    if math.prod(shape) * dtype.itemsize > left:
                        raise ValueError(f"{entry.filename} announces {list(shape)} and is shorter")
                    found[entry.filename.removesuffix(".npy")] = shape, dtype
            return found
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError) as error:
        raise _not_numpy(name, error) from None


def _array(file: str, key: str, *, name: str) -> np.ndarray:
    """One array, whole."""
    shape, dtype = _shapes(file, name=name)[key]
    check_memory(math.prod(shape) * dtype.itemsize, name=f"{name} ({key})")
    try:
        with np.load(file, allow_pickle=False) as archive:
            array: np.ndarray = archive[key]
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{name} is damaged ({error}); write it again") from None
    return array


def _header(file: io.BufferedIOBase, *, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype of an array, without its data; InputError if it holds Python objects."""
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_2_0
        if version == (1, 0):
            read = np.lib.format.read_array_header_1_0
        shape, _, dtype = read(file)
    except Exception as error:  # a header is parsed as Python source: damage can raise anything
        raise _not_numpy(name, error) from None
    if dtype.hasobject:
        raise InputError(
            f"{name} holds pickled Python objects, which are never loaded; save a plain array of "
            "numbers (not a list of arrays of different shapes)"
        )
    return shape, dtype


def _image_key(shapes: dict[str, tuple[tuple[int, ...], np.dtype]], key: str, *, name: str) -> str:
    images = [key for key, (shape, _) in shapes.items() if len(shape) in (3, 4)]
    if key in shapes:
        return key
    if not key:
        for usual in ("images", "arr_0"):
            if usual in shapes and not _is_rows(*shapes[usual]):
                return usual
        if len(images) == 1:
            return images[0]
        if not images and (mean := _statistics(shapes)):
            renamed = "" if mean == ("mu", "sigma") else "; if so, save them as mu and sigma"
            raise InputError(
                f"{name} holds no images but probably statistics ({' and '.join(mean)}), which "
                f"only Fréchet distances take{renamed}"
            )
        rows = [key for key, (shape, dtype) in shapes.items() if _is_rows(shape, dtype)]
        if not images and len(rows) == 1:
            raise InputError(
                f"{name} holds no images but one array of features, {rows[0]} "
                f"{list(shapes[rows[0]][0])}; name it as {name}::{rows[0]}"
            )
    known = ", ".join(f"{key} {list(shape)}" for key, (shape, _) in shapes.items()) or "nothing"
    wanted = f"no array {key!r}" if key else "no array 'images' or 'arr_0'"
    file = name.removesuffix(f"::{key}")
    raise InputError(f"{file} has {wanted}; it holds {known}: name one as {file}::NAME")


def _is_rows(shape: tuple[int, ...], dtype: np.dtype) -> bool:
    return len(shape) == 2 and min(shape) > 1 and dtype.kind in "iuf"


def _statistics(shapes: dict[str, tuple[tuple[int, ...], np.dtype]]) -> tuple[str, str] | None:
    """Names of an array [d] beside one [d, d]: a mean and a covariance."""
    for square, (shape, _) in shapes.items():
        if len(shape) == 2 and shape[0] == shape[1] > 1:
            for mean, (other, _) in shapes.items():
                if other == shape[:1]:
                    return mean, square
    return None


def _label_key(shapes: dict[str, tuple[tuple[int, ...], np.dtype]], key: str) -> str | None:
    own = key.replace("images", "labels") if "images" in key else "labels"
    if own in shapes:
        return own
    if "labels" in shapes and key in ("images", "arr_0"):
        return "labels"
    # Guided diffusion's sample files: images, then one integer each.
    count = shapes[key][0][:1]
    if key == "arr_0" and "arr_1" in shapes:
        shape, dtype = shapes["arr_1"]
        return "arr_1" if shape == count and dtype.kind in "iu" else None
    stored = {name: Stored(shape, dtype.kind) for name, (shape, dtype) in shapes.items()}
    return companion(stored, key, names=LABELS)


def _not_numpy(name: str, error: Exception) -> InputError:
    if isinstance(error, InputError):
        return error
    text = " ".join(str(error).split())[:120]
    return InputError(f"{name} is not a NumPy file that can be read ({text}); write it again")
