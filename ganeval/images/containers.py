"""How to tell containers of images from their paths, before the packages that read them load."""

import os
from pathlib import Path

from ganeval.images.shards import holds_shards

HDF5 = (".h5", ".hdf5", ".hdf", ".he5")
ARROW = (".arrow", ".feather")
RECORDS = (".parquet", *ARROW)
PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
"""Extensions of compressed archives, which are refused with what to do."""
ZARR_METADATA = ("zarr.json", ".zarray", ".zgroup", ".zattrs")


def is_hdf5(path: Path) -> bool:
    """Whether the path is an HDF5 file."""
    return path.name.lower().endswith(HDF5)


def is_tar(path: Path) -> bool:
    """Whether the path is a tar file, a pattern of some, or a folder that holds nothing else."""
    if path.is_dir():
        return holds_shards(path, ".tar")
    return path.name.lower().endswith((".tar", *PACKED))


def is_zarr(path: Path) -> bool:
    """Whether the path is a store, in a folder or a zip, or a folder of stores."""
    if path.is_dir():
        named = path.name.lower().endswith(".zarr")
        return named or is_store(path) or holds_shards(path, ".zarr")
    return path.name.lower().endswith((".zarr.zip", ".ozx"))


def is_store(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder is a zarr store."""
    return any(os.path.exists(os.path.join(folder, file)) for file in ZARR_METADATA)


def is_records(path: Path) -> bool:
    """Whether the path is a table, a folder of tables, or a data set saved to disk."""
    if path.is_dir():
        saved = any((path / file).is_file() for file in ("dataset_dict.json", "state.json"))
        return saved or any(
            holds_shards(place, suffix) for place in (path, path / "data") for suffix in RECORDS
        )
    return path.name.lower().endswith(RECORDS)


def is_lmdb(path: Path) -> bool:
    """Whether the path is a database: a folder with `data.mdb`, or a file of the usual names."""
    if path.is_dir():
        return (path / "data.mdb").exists()
    return path.name.lower().endswith((".mdb", ".lmdb"))
