"""The table of formats and their readers; a new format is one more line."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ganeval.arrays import is_tensor
from ganeval.errors import InputError
from ganeval.images._base import Reader
from ganeval.images.array_files import open_npy, open_npz
from ganeval.images.arrays import open_array
from ganeval.images.decode import PICTURES
from ganeval.images.files import FilesReader, readable_text, with_pages_note
from ganeval.images.folder import open_folder, open_picture
from ganeval.images.idx import open_idx
from ganeval.images.pixels import Decoding
from ganeval.images.sequences import open_dataset, open_iterable
from ganeval.images.zip_archive import open_zip


@runtime_checkable
class Open(Protocol):
    """Lists the images of a path; `name` is what the user typed.

    The file exists; `path` may go on with `::NAME`, the array inside it that is wanted.
    """

    def __call__(self, path: Path, *, name: str, decoding: Decoding) -> Reader:
        """Returns the reader, or raises InputError."""
        ...


@dataclass(frozen=True)
class Format:
    """One kind of path: how to recognise it and how to open it."""

    name: str
    """Name in the list of supported formats."""
    matches: Callable[[Path], bool]
    open: Open


def _open_pictures(path: Path, *, name: str, decoding: Decoding) -> Reader:
    if path.suffix.lower() in (".tif", ".tiff") and "N" in (decoding.axes or ""):
        from ganeval.images.tiff_stack import open_tiff_stack

        return open_tiff_stack(path, name=name, decoding=decoding)
    return open_picture(path, name=name, decoding=decoding)


def _ends(*suffixes: str) -> Callable[[Path], bool]:
    return lambda path: path.name.lower().endswith(suffixes)


FORMATS: tuple[Format, ...] = (
    Format("folder", os.path.isdir, open_folder),
    Format(".zip", _ends(".zip"), open_zip),
    Format(".npy", _ends(".npy"), open_npy),
    Format(".npz", _ends(".npz"), open_npz),
    Format("IDX (*-ubyte, *-ubyte.gz)", _ends("-ubyte", "-ubyte.gz", ".ubyte"), open_idx),
    Format("one image file", _ends(*PICTURES), _open_pictures),
)


def open_reader(spec: Any, *, decoding: Decoding) -> Reader:
    """The reader of a path or of data in memory, or InputError; see `open_images`."""
    if isinstance(spec, str | os.PathLike):
        return _open_path(spec, decoding)
    if is_tensor(spec) or isinstance(spec, np.ndarray):
        return open_array(spec, layout=decoding.layout)
    if hasattr(spec, "__array__") and hasattr(spec, "shape"):
        return open_array(np.asarray(spec), layout=decoding.layout)
    is_list = isinstance(spec, list | tuple)
    if hasattr(spec, "__len__") and hasattr(spec, "__getitem__") and not is_list:
        if not isinstance(spec, dict | bytes | bytearray):
            return open_dataset(spec, decoding=decoding)
    elif hasattr(spec, "__iter__"):
        return open_iterable(spec, decoding=decoding)
    raise InputError(
        f"a {type(spec).__name__} holds no images; give a path ({_known()}), an array or tensor, "
        "a torch Dataset or an iterable of batches"
    )


def is_feature_array(spec: object) -> bool:
    """Whether `spec` is a 2-D array or tensor, that is features, which need no net."""
    return (is_tensor(spec) or isinstance(spec, np.ndarray)) and len(spec.shape) == 2  # type: ignore[attr-defined]


def _open_path(spec: str | os.PathLike[str], decoding: Decoding) -> Reader:
    typed = os.fspath(spec)
    name = readable_text(typed)
    path = Path(typed).expanduser()
    file = path if os.path.lexists(path) else Path(str(path).partition("::")[0])
    if not os.path.lexists(file):
        raise InputError(f"{name} does not exist; give a path ({_known()})")
    for format in FORMATS:
        if format.matches(file):
            try:
                reader = format.open(path, name=name, decoding=decoding)
                return with_pages_note(reader) if isinstance(reader, FilesReader) else reader
            except PermissionError:
                raise InputError(f"{name} cannot be opened: check its permissions") from None
            except FileNotFoundError:
                raise InputError(f"{name} is a broken link; correct or remove it") from None
    raise InputError(f"{name} is not of a supported format; give one of: {_known()}")


def _known() -> str:
    return ", ".join(format.name for format in FORMATS)
