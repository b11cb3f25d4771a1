"""The same images in every container are the same features and the same score."""

import io
import tarfile
import zipfile

import h5py
import lmdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tifffile
import zarr
from PIL import Image

import ganeval
from ganeval.images import open_images

CLASSES = ("bud", "cell", "debris")


def encoded(array):
    """8-bit RGB as PNG; two channels of 16 bits, which PNG lacks, as TIFF."""
    buffer = io.BytesIO()
    if array.dtype == np.uint8:
        Image.fromarray(array).save(buffer, "PNG")
    else:
        planes = array.transpose(2, 0, 1)
        tifffile.imwrite(buffer, planes, photometric="minisblack", metadata={"axes": "CYX"})
    return buffer.getvalue()


def write_folder(path, images, ids, labels):
    for id, image in zip(ids, images, strict=True):
        (path / id).parent.mkdir(parents=True, exist_ok=True)
        (path / id).write_bytes(encoded(image))
    return path


def write_zip(path, images, ids, labels):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        for id, image in zip(ids, images, strict=True):
            archive.writestr(id, encoded(image))
    return path.with_suffix(".zip")


def write_tars(path, images, ids, labels):
    path.mkdir()
    for shard in range(3):
        with tarfile.open(path / f"x-{shard:03d}.tar", "w") as archive:
            for index in range(shard, len(ids), 3):
                picture = (ids[index].rpartition(".")[2], encoded(images[index]))
                for field, data in (picture, ("cls", labels[index].encode())):
                    entry = tarfile.TarInfo(f"{index:04d}.{field}")
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
    return f"{path}/x-{{000..002}}.tar"


def write_hdf5(path, images, ids, labels):
    with h5py.File(path.with_suffix(".h5"), "w") as file:
        file.create_dataset("images", data=images, compression="gzip", chunks=(7, 4, 4, 1))
        file["labels"] = np.array(labels, dtype=object)
    return path.with_suffix(".h5")


def write_zarr(path, images, ids, labels):
    group = zarr.open_group(path.with_suffix(".zarr"), mode="w")
    options = {"chunks": (3, 8, 8, images.shape[3]), "shards": (9, 16, 16, images.shape[3])}
    group.create_array("images", shape=images.shape, dtype=images.dtype, **options)[...] = images
    stored = group.create_array("labels", shape=len(labels), dtype="u1")
    stored[...] = [CLASSES.index(label) for label in labels]
    return path.with_suffix(".zarr")


def write_ome_zarr(path, images, ids, labels):
    path = path.with_suffix(".ome.zarr")
    for id, image in zip(ids, images, strict=True):
        group = zarr.open_group(path / id.rpartition(".")[0], mode="w", zarr_format=2)
        array = image.transpose(2, 0, 1)
        group.create_array("0", shape=array.shape, dtype=array.dtype)[...] = array
        axes = [{"name": axis} for axis in "cyx"]
        group.attrs["multiscales"] = [{"axes": axes, "datasets": [{"path": "0"}]}]
    zarr.open_group(path, mode="a", zarr_format=2)
    for label in CLASSES:
        zarr.open_group(path / label, mode="a", zarr_format=2)
    return path


def write_parquet(path, images, ids, labels):
    pictures = [{"bytes": encoded(image), "path": None} for image in images]
    type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"image": pa.array(pictures, type), "label": labels})
    pq.write_table(table, path.with_suffix(".parquet"), row_group_size=7)
    return path.with_suffix(".parquet")


def write_lmdb(path, images, ids, labels):
    path = path.with_suffix(".lmdb")
    with lmdb.open(str(path), map_size=1 << 24) as database, database.begin(write=True) as writer:
        for id, image in zip(ids, images, strict=True):
            writer.put(id.encode(), encoded(image))
    return path


def write_npy(path, images, ids, labels):
    np.save(path.with_suffix(".npy"), images)
    return path.with_suffix(".npy")


def write_npz(path, images, ids, labels):
    np.savez(path.with_suffix(".npz"), images=images, labels=labels)
    return path.with_suffix(".npz")


WRITERS = (write_folder, write_zip, write_tars, write_hdf5, write_zarr, write_ome_zarr,
           write_parquet, write_lmdb, write_npy, write_npz)  # fmt: skip


def made(rng, kind):
    """Images [36, 16, 16, c] in class folders, in the order of their paths."""
    dtype, channels, suffix = kind
    noise = rng.random((36, 16, 16, channels)) * np.linspace(0.5, 1, 36)[:, None, None, None]
    images = (noise * np.iinfo(dtype).max).astype(dtype)
    ids = [f"{label}/{index:02d}.{suffix}" for label in CLASSES for index in range(12)]
    return images, ids, [id.partition("/")[0] for id in ids]


@pytest.mark.parametrize("kind", [(np.uint8, 3, "png"), (np.uint16, 2, "tif")])
def test_every_container_gives_the_same_features_labels_and_fid(tmp_path, rng, kind):
    fake, _, _ = made(rng, kind)
    images, ids, labels = made(rng, kind)
    lines = [f"{index:02d},{label}" for index, label in enumerate(labels)]
    (tmp_path / "labels.csv").write_text("\n".join(["id,label", *lines]))
    rules = {write_npy: f"csv:{tmp_path / 'labels.csv'}", write_ome_zarr: "folder:0"}
    found = {}
    for write in WRITERS:
        spec = write(tmp_path / write.__name__, images, ids, labels)
        source = open_images(spec, label_by=rules.get(write))
        features = ganeval.extract(source, "pixels", cache=False)
        named = [CLASSES[int(x)] if x.isdigit() else x for x in features.labels]
        score = ganeval.fid(features, ganeval.extract(fake, "pixels"), interval=False)
        found[write.__name__] = (features.fingerprint, named, repr(score.value))
    assert len(found) == len(WRITERS)
    assert all(value == found["write_folder"] for value in found.values()), found
