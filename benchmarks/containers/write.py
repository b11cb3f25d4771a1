"""Writes the same images, [n, h, w, 3] of 8 bits with one label each, as every container."""

import io
import json
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import h5py
import lmdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zarr
from PIL import Image

CHUNK = 100
"""Images of a chunk, and rows of a group, where a container has them."""


def png(image: np.ndarray) -> bytes:
    """One image as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def write_folder(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """PNG in class folders."""
    for id, image in zip(ids, images, strict=True):
        (path / id).parent.mkdir(parents=True, exist_ok=True)
        (path / id).write_bytes(png(image))
    return str(path)


def write_zip(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """The folder in a zip."""
    with zipfile.ZipFile(f"{path}.zip", "w") as archive:
        for id, image in zip(ids, images, strict=True):
            archive.writestr(id, png(image))
    return f"{path}.zip"


def write_tars(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """Ten tar shards with a class beside each PNG."""
    path.mkdir()
    for shard, part in enumerate(np.array_split(np.arange(len(ids)), 10)):
        with tarfile.open(path / f"x-{shard:03d}.tar", "w") as archive:
            for index in part:
                label = ids[index].partition("/")[0].encode()
                for field, data in (("png", png(images[index])), ("cls", label)):
                    entry = tarfile.TarInfo(f"{index:06d}.{field}")
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
    return f"{path}/x-{{000..009}}.tar"


def write_hdf5(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """One array in chunks of 100 images, gzip."""
    with h5py.File(f"{path}.h5", "w") as file:
        chunks = (CHUNK, *images.shape[1:])
        file.create_dataset("images", data=images, chunks=chunks, compression="gzip")
        file["labels"] = np.array(_labels(ids), dtype=object)
    return f"{path}.h5"


def write_hdf5_guessed(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """One array in the chunks that h5py chooses, gzip."""
    with h5py.File(f"{path}.h5", "w") as file:
        file.create_dataset("images", data=images, compression="gzip")
        file["labels"] = np.array(_labels(ids), dtype=object)
    return f"{path}.h5"


def write_zarr(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """One array of format 2 in chunks of 100 images."""
    return _zarr(path, images, ids, zarr_format=2, chunks=(CHUNK, *images.shape[1:]))


def write_zarr_shards(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """One array of format 3 in chunks of 10 images and shards of 1,000."""
    shape = images.shape[1:]
    return _zarr(path, images, ids, zarr_format=3, chunks=(10, *shape), shards=(1000, *shape))


def write_parquet(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """A column of PNG in groups of 100 rows, and a column of classes."""
    labels = _labels(ids)
    names = sorted(set(labels))
    features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": names}}
    pictures = [{"bytes": png(image), "path": None} for image in images]
    type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table(
        {"image": pa.array(pictures, type), "label": [names.index(label) for label in labels]}
    ).replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, f"{path}.parquet", row_group_size=CHUNK)
    return f"{path}.parquet"


def write_lmdb(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """PNG under the paths of the folder."""
    with lmdb.open(f"{path}.lmdb", map_size=1 << 30) as database:
        with database.begin(write=True) as writer:
            for id, image in zip(ids, images, strict=True):
                writer.put(id.encode(), png(image))
    return f"{path}.lmdb"


def write_npy(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """One array, without labels."""
    np.save(f"{path}.npy", images)
    return f"{path}.npy"


def write_npz(path: Path, images: np.ndarray, ids: Sequence[str]) -> str:
    """One compressed array, and its labels."""
    np.savez_compressed(f"{path}.npz", images=images, labels=_labels(ids))
    return f"{path}.npz"


WRITERS = {
    "folder of PNG": write_folder,
    "zip of PNG": write_zip,
    "10 tar shards of PNG": write_tars,
    "Parquet of PNG, groups of 100": write_parquet,
    "LMDB of PNG": write_lmdb,
    "HDF5, gzip, chunks of 100": write_hdf5,
    "HDF5, gzip, chunks of h5py's choice": write_hdf5_guessed,
    "zarr 2, chunks of 100": write_zarr,
    "zarr 3, shards of 1,000": write_zarr_shards,
    "npy": write_npy,
    "npz, compressed": write_npz,
}


def _zarr(path: Path, images: np.ndarray, ids: Sequence[str], **options: object) -> str:
    group = zarr.open_group(f"{path}.zarr", mode="w", zarr_format=options.pop("zarr_format"))
    group.create_array("images", shape=images.shape, dtype="u1", **options)[...] = images
    labels = np.array(_labels(ids))
    names = sorted(set(labels))
    stored = group.create_array("labels", shape=len(labels), dtype="u1")
    stored[...] = [names.index(label) for label in labels]
    return f"{path}.zarr"


def _labels(ids: Sequence[str]) -> list[str]:
    return [id.partition("/")[0] for id in ids]
