"""`.npy` and `.npz`: one array of many images."""

import hashlib
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from ganeval.errors import InputError
from ganeval.images.arrays import ArrayReader, label_names, positions
from ganeval.images.layout import array_layout
from ganeval.images.pixels import Decoding


@dataclass(frozen=True, eq=False)
class NpyReader(ArrayReader):
    """An `.npy` file, mapped into memory page by page as images are read."""

    path: str = ""

    def load(self) -> np.ndarray:
        """Maps the file."""
        array: np.ndarray = np.load(self.path, mmap_mode="r", allow_pickle=False)
        return array


@dataclass(frozen=True, eq=False)
class NpzReader(ArrayReader):
    """One array of an `.npz`, read whole at the first image."""

    path: str = ""
    key: str = ""

    def load(self) -> np.ndarray:
        """Reads the array."""
        try:
            with np.load(self.path, allow_pickle=False) as archive:
                array: np.ndarray = archive[self.key]
        except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{self.name} is damaged ({error}); write it again") from None
        return array


def open_npy(path: Path, *, name: str, decoding: Decoding) -> NpyReader:
    """Reads the header of an `.npy` file."""
    try:
        with open(path, "rb") as file:
            shape, _ = _header(file, name=name)
            np.load(path, mmap_mode="r", allow_pickle=False)  # fails if the file is cut short
    except (ValueError, EOFError, OSError) as error:
        raise _not_numpy(name, error) from None
    layout = array_layout(shape, layout=decoding.layout, torch=False, name=name)
    return NpyReader(
        name, positions(shape[0]), layout, stamp=file_stamp(path), path=os.path.abspath(path)
    )


def open_npz(path: Path, *, name: str, decoding: Decoding) -> NpzReader:
    """Reads the headers of an `.npz`, and its labels if it has some.

    The images are the array after `::` (`file.npz::train_images`), else `images`, else `arr_0`,
    else the only array of three or four axes. Labels are `labels`, `arr_1` for `arr_0`, or the
    array with the images' name where `labels` replaces `images`.
    """
    file, _, wanted = str(path).partition("::")
    try:
        with zipfile.ZipFile(file) as archive:
            shapes = {}
            for entry in archive.namelist():
                with archive.open(entry) as member:
                    if entry.endswith(".npy"):
                        shapes[entry.removesuffix(".npy")] = _header(
                            cast("io.BufferedIOBase", member), name=name
                        )
        key = _image_key(shapes, wanted, name=name)
        shape, _ = shapes[key]
        layout = array_layout(shape, layout=decoding.layout, torch=False, name=f"{name} ({key})")
        labels = None
        if (found := _label_key(shapes, key)) is not None:
            with np.load(file, allow_pickle=False) as loaded:
                labels = label_names(loaded[found], count=shape[0], name=f"{name} ({found})")
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise _not_numpy(name, error) from None
    return NpzReader(
        name,
        positions(shape[0]),
        layout,
        labels=labels,
        stamp=file_stamp(Path(file), key),
        path=os.path.abspath(file),
        key=key,
    )


def file_stamp(path: Path, *more: str) -> str:
    """Hash of a file's resolved path, size and mtime, and of `more`."""
    status = os.stat(path)
    state = hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=16)
    for item in (status.st_size, status.st_mtime_ns, *more):
        state.update(f"\0{item}".encode())
    return state.hexdigest()


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
            if usual in shapes:
                return usual
        if len(images) == 1:
            return images[0]
        if {"mu", "sigma"} <= shapes.keys() and not images:
            raise InputError(
                f"{name} holds statistics (mu and sigma) and no images; only Fréchet distances take"
                " statistics"
            )
    known = ", ".join(f"{key} {list(shape)}" for key, (shape, _) in shapes.items()) or "nothing"
    wanted = f"no array {key!r}" if key else "no array 'images' or 'arr_0'"
    raise InputError(f"{name} has {wanted}; it holds {known}: name one as {name}::NAME")


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
    return None


def _not_numpy(name: str, error: Exception) -> InputError:
    if isinstance(error, InputError):
        return error
    text = " ".join(str(error).split())[:120]
    return InputError(f"{name} is not a NumPy file that can be read ({text}); write it again")
