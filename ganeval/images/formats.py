"""The table of formats and their readers; a new format is one more line."""

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ganeval.arrays import is_array
from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images._base import Reader
from ganeval.images.array_files import npz_rows, open_npy, open_npz
from ganeval.images.arrays import open_array
from ganeval.images.channel_tables import is_channel_table, open_channel_table
from ganeval.images.containers import is_hdf5, is_lmdb, is_records, is_tar, is_zarr
from ganeval.images.decode import PICTURES
from ganeval.images.files import FilesReader, readable_text
from ganeval.images.folder import NoPictures, open_folder, open_picture
from ganeval.images.idx import open_idx
from ganeval.images.items import holds_items
from ganeval.images.pixels import Decoding
from ganeval.images.rows import FeatureRows
from ganeval.images.sequences import open_items
from ganeval.images.shards import is_pattern
from ganeval.images.volume_files import (
    TENSORS,
    is_czi,
    is_dicom,
    is_nd2,
    is_nifti,
    is_tensors,
    is_video,
)
from ganeval.images.volumes import PlanesReader
from ganeval.images.zip_archive import open_zip


@runtime_checkable
class Open(Protocol):
    """Lists the images of a path; `name` is what the user typed.

    The file exists; `path` may go on with `::NAME`, the array inside it that is wanted.
    """

    def __call__(self, path: Path, *, name: str, decoding: Decoding) -> Reader:
        """Returns the reader, or raises InputError."""
        ...


@runtime_checkable
class Rows(Protocol):
    """Finds an array of two axes, the one after `::`; None if there is none."""

    def __call__(self, path: Path, *, name: str) -> FeatureRows | None:
        """Returns its shape and how to read it, or raises InputError."""
        ...


@dataclass(frozen=True)
class Format:
    """One kind of path: how to recognise it and how to open it."""

    name: str
    """Name in the list of supported formats."""
    matches: Callable[[Path], bool]
    open: Open
    rows: Rows | None = None
    """Finds features, arrays of two axes, in formats that hold several arrays."""
    in_folders: bool = False
    """Whether `open` also takes a folder of such files, beside which there are no pictures."""


def _open_folder(path: Path, *, name: str, decoding: Decoding) -> Reader:
    """A folder of pictures or, if it holds none, of files of another format."""
    try:
        return open_folder(path, name=name, decoding=decoding)
    except NoPictures as error:
        for format in FORMATS:
            if format.in_folders and any(format.matches(path / file) for file in error.files):
                return format.open(path, name=name, decoding=decoding)
        raise


def _open_pictures(path: Path, *, name: str, decoding: Decoding) -> Reader:
    if path.suffix.lower() in (".tif", ".tiff") and "N" in (decoding.axes or ""):
        from ganeval.images.tiff_stack import open_tiff_stack

        return open_tiff_stack(path, name=name, decoding=decoding)
    return open_picture(path, name=name, decoding=decoding)


def _open_npy(path: Path, *, name: str, decoding: Decoding) -> Reader:
    if set("ZT") & set(decoding.axes or ""):
        from ganeval.images.array_volumes import open_array_volumes

        return open_array_volumes(path, name=name, decoding=decoding)
    return open_npy(path, name=name, decoding=decoding)


def _ends(*suffixes: str) -> Callable[[Path], bool]:
    return lambda path: path.name.lower().endswith(suffixes)


def _later(module: str, function: str) -> Any:
    """A function of a module of this package, which is imported at the first call."""

    def call(*args: Any, **options: Any) -> Any:
        loaded = importlib.import_module(f"ganeval.images.{module}")
        return getattr(loaded, function)(*args, **options)

    return call


TABLES = (".csv", ".tsv", ".xlsx", ".xls")
"""Extensions of tables, which are no images; people try them for their features."""

FORMATS: tuple[Format, ...] = (
    Format(".tar (also NAME-{000..041}.tar)", is_tar, _later("tar_shards", "open_tar")),
    Format(
        ".zarr, OME-Zarr",
        is_zarr,
        _later("zarr_arrays", "open_zarr"),
        _later("zarr_arrays", "zarr_rows"),
    ),
    Format("HDF5 (.h5, .hdf5)", is_hdf5, _later("hdf5", "open_hdf5"), _later("hdf5", "hdf5_rows")),
    Format(
        "Parquet and Arrow (.parquet, .arrow, save_to_disk)",
        is_records,
        _later("hugging_face", "open_records"),
        _later("hugging_face", "record_rows"),
    ),
    Format("LMDB", is_lmdb, _later("lmdb_store", "open_lmdb")),
    Format("folder", os.path.isdir, _open_folder),
    Format(".zip", _ends(".zip"), open_zip),
    Format(".npy", _ends(".npy"), _open_npy),
    Format(".npz", _ends(".npz"), open_npz, npz_rows),
    Format("IDX (*-ubyte, *-ubyte.gz)", _ends("-ubyte", "-ubyte.gz", ".ubyte"), open_idx),
    Format("NIfTI (.nii, .nii.gz)", is_nifti, _later("nifti", "open_nifti"), in_folders=True),
    Format("DICOM (.dcm)", is_dicom, _later("dicom", "open_dicom"), in_folders=True),
    Format("CZI", is_czi, _later("microscope", "open_czi"), in_folders=True),
    Format("ND2", is_nd2, _later("microscope", "open_nd2"), in_folders=True),
    Format(
        "films (.mp4, .mov, .avi, .mkv, .webm)",
        is_video,
        _later("video", "open_video"),
        in_folders=True,
    ),
    Format(
        "tensors (.pt, .pth, .safetensors)",
        is_tensors,
        _later("tensors", "open_tensors"),
        _later("tensors", "tensor_rows"),
    ),
    Format(
        "table of channels (.csv with FileName_… columns)", is_channel_table, open_channel_table
    ),
    Format("one image file", _ends(*PICTURES), _open_pictures),
)


def open_reader(spec: Any, *, decoding: Decoding, batched: bool | None = None) -> Reader:
    """The reader of a path or of data in memory, or InputError; see `open_images`."""
    reader = _open_any(spec, decoding, batched)
    if decoding.planes is not None and isinstance(reader, FilesReader):
        from ganeval.images.picture_stacks import open_stacks

        return open_stacks(reader, decoding=decoding)
    if decoding.planes is not None and not isinstance(reader, PlanesReader):
        raise InputError(
            f"{reader.name} holds single images, and --planes {decoding.planes} takes those of "
            "volumes and films; leave it out"
        )
    return reader


def _open_any(spec: Any, decoding: Decoding, batched: bool | None) -> Reader:
    if isinstance(spec, str | os.PathLike):
        return _open_path(spec, decoding)
    if is_array(spec) and not holds_items(spec):
        return open_array(spec, layout=decoding.layout, batched=batched)
    return open_items(spec, decoding=decoding, batched=batched)


def is_feature_array(spec: object) -> bool:
    """Whether `spec` is an array, tensor or table of two axes, that is features, without a net."""
    return is_array(spec) and len(spec.shape) == 2 and not holds_items(spec)  # type: ignore[attr-defined]


def feature_rows(path: str | os.PathLike[str]) -> FeatureRows | None:
    """The array of two axes, that is features, which `FILE::NAME` names in a container; or None.

    A file of tensors may be one such array as a whole.
    """
    typed = os.fspath(path)
    file, mark, _ = typed.partition("::")
    if not (mark or file.lower().endswith(TENSORS)) or not os.path.lexists(Path(file).expanduser()):
        return None
    for format in FORMATS:
        if format.matches(Path(file).expanduser()):
            if format.rows is None:
                return None
            return format.rows(Path(typed).expanduser(), name=readable_text(typed))
    return None


def _open_path(spec: str | os.PathLike[str], decoding: Decoding) -> Reader:
    typed = os.fspath(spec)
    name = readable_text(typed)
    if ":/" in typed:
        from ganeval.images.remote import is_url, open_url, public_name

        name = public_name(typed)
        if is_url(typed):
            return open_url(typed, decoding=decoding)
    path = Path(typed).expanduser()
    file = path if os.path.lexists(path) else Path(str(path).partition("::")[0])
    if not os.path.lexists(file) and not is_pattern(str(file)):
        raise InputError(f"{name} does not exist; give a path ({_known()})")
    if os.path.lexists(file) and not os.path.isdir(file):
        regular_file(file, name=name)
    for format in FORMATS:
        if format.matches(file):
            inside = format.rows is not None or is_tar(file) or is_lmdb(file)
            if path != file and not inside:
                raise InputError(
                    f"{name} names something in a {format.name}, which has no names inside; leave "
                    f"out what follows {readable_text(file.name)}"
                )
            try:
                return format.open(path, name=name, decoding=decoding)
            except PermissionError:
                raise InputError(f"{name} cannot be opened: check its permissions") from None
            except FileNotFoundError:
                raise InputError(f"{name} is a broken link; correct or remove it") from None
    if file.suffix.lower() in TABLES:
        raise InputError(
            f"{name} is a table; save its columns of features as .npy (numpy.save), or give it "
            "as a data frame in Python: ganeval.kid(pandas.read_csv(...), ...)"
        )
    raise InputError(f"{name} is not of a supported format; give one of: {_known()}")


def _known() -> str:
    return ", ".join([*(format.name for format in FORMATS), "a URL"])
