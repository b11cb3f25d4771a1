import pickle
import sys

import h5py
import numpy as np
import pytest

from ganeval.errors import ImageError, InputError, MissingExtraError
from ganeval.images import iterate, open_images
from ganeval.images import slabs as slabs_module
from ganeval.images.formats import feature_rows
from ganeval.images.hdf5 import Hdf5Reader


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (20, 6, 7, 3), dtype=np.uint8)


@pytest.fixture
def file(tmp_path):
    """Writes data sets, given by their paths, and returns the file."""

    def write(arrays, name="x.h5", **options):
        with h5py.File(tmp_path / name, "w") as root:
            for path, array in arrays.items():
                root.create_dataset(path, data=array, **(options if np.ndim(array) > 2 else {}))
        return tmp_path / name

    return write


def assert_reads(source, images):
    assert len(source) == len(images)
    for index, image in enumerate(images):
        np.testing.assert_array_equal(source.read(index), image.transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("images_path", "labels_path", "spec"),
    [
        ("images", "labels", ""),
        ("x", "y", ""),
        ("data", "label", ""),
        ("X_train", "Y_train", ""),
        ("train_set_x", "train_set_y", ""),
        ("train/images", "train/labels", ""),
        ("train/images", "train/labels", "::train"),
        ("train/images", "train/labels", "::/train/images"),
        ("cells", "labels", ""),
    ],
)
def test_labels_are_found_beside_their_images(file, images, images_path, labels_path, spec):
    labels = np.arange(20) % 3
    source = open_images(f"{file({images_path: images, labels_path: labels})}{spec}")
    assert_reads(source, images)
    assert source.labels == tuple(map(str, labels))


@pytest.mark.parametrize("labels", [np.array(["cat", "dog"] * 10, dtype=object),
                                    np.array([b"cat", b"dog"] * 10)])  # fmt: skip
def test_labels_may_be_strings(file, images, labels):
    assert open_images(file({"images": images, "labels": labels})).labels[:2] == ("cat", "dog")


def test_numbers_that_are_no_labels_are_not_taken(file, images):
    for labels in (np.linspace(0, 1, 20), np.zeros(19, int), np.zeros((20, 10), int)):
        assert open_images(file({"images": images, "labels": labels})).labels is None


def test_groups_are_found_beside_their_images(file, images):
    source = open_images(file({"images": images, "groups": np.arange(20) // 5}))
    assert source.groups == tuple(str(i // 5) for i in range(20))


def test_several_arrays_of_images_are_listed_with_their_shapes(file, images):
    path = file({"train/images": images, "test/images": images[:5], "test/labels": np.zeros(5)})
    with pytest.raises(InputError) as error:
        open_images(path)
    assert "test/images [5, 6, 7, 3], train/images [20, 6, 7, 3]" in str(error.value)
    assert f"name one as {path}::NAME" in str(error.value)
    assert_reads(open_images(f"{path}::test/images"), images[:5])


def test_images_are_chosen_before_masks_and_a_note_says_so(file, images):
    source = open_images(file({"images": images, "masks": images[..., 0]}))
    assert_reads(source, images)
    assert "read array images; left out masks [20, 6, 7]" in source.notes


@pytest.mark.parametrize("options", [{}, {"chunks": (4, 3, 7, 2), "compression": "gzip"},
                                     {"compression": "lzf", "shuffle": True}])  # fmt: skip
@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "<f4", ">f8", "<f2"])
def test_depth_byte_order_and_compression_are_kept_apart(file, images, dtype, options):
    stored = images.astype(dtype)
    source = open_images(file({"images": stored}, **options))
    read = source.read(3)
    np.testing.assert_array_equal(read, images[3].transpose(2, 0, 1))
    assert read.dtype == {"u": stored.dtype.newbyteorder("="), "f": np.float32}[stored.dtype.kind]


def count_rows(monkeypatch):
    asked = []
    load = Hdf5Reader.load
    monkeypatch.setattr(
        Hdf5Reader, "load", lambda self, a, b: (asked.append((a, b)), load(self, a, b))[1]
    )
    return asked


@pytest.mark.parametrize("chunks", [(6, 6, 7, 3), (6, 2, 3, 1), (50, 6, 7, 3)])
def test_every_chunk_is_decoded_once(file, images, monkeypatch, chunks):
    chunks = (min(chunks[0], 20), *chunks[1:])
    source = open_images(file({"images": images}, chunks=chunks, compression="gzip"))
    asked = count_rows(monkeypatch)
    assert_reads(source, images)
    starts = range(0, 20, chunks[0])
    assert asked == [(start, min(start + chunks[0], 20)) for start in starts]


def test_chunks_that_do_not_fit_in_memory_are_said_to_be_decoded_again(file, images, monkeypatch):
    monkeypatch.setattr(slabs_module, "SLAB_BYTES", 4 * images[0].nbytes)
    source = open_images(file({"images": images}, chunks=(10, 6, 7, 3)))
    assert any("a chunk spans 10 images" in note and "3 times" in note for note in source.notes)
    assert_reads(source, images)


def test_any_order_reads_the_same(file, images, rng):
    source = open_images(file({"images": images}, chunks=(3, 6, 7, 3)))
    for index in [*rng.permutation(20).tolist(), 5, 5, 4]:
        np.testing.assert_array_equal(source.read(index), images[index].transpose(2, 0, 1))


@pytest.mark.parametrize("chunks", [(1, 6, 7, 3), (8, 6, 7, 3)])
def test_workers_open_the_file_themselves(file, images, chunks):
    source = open_images(file({"images": images}, chunks=chunks, compression="gzip"))
    source.read(0)
    assert pickle.loads(pickle.dumps(source.reader)).held == {}
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=7, num_workers=n)])
        for n in (0, 2, 4)
    ]
    np.testing.assert_array_equal(hashes[0], hashes[1])
    np.testing.assert_array_equal(hashes[0], hashes[2])


def test_chunks_that_were_never_written_are_counted(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as root:
        array = root.create_dataset("images", (20, 4, 4), "u1", chunks=(5, 4, 4), fillvalue=7)
        array[:12] = 1
    source = open_images(tmp_path / "x.h5")
    assert any("1 of 4 chunks were never written and read as 7" in note for note in source.notes)
    assert source.read(19).min() == 7


def test_two_axes_are_features(file, images, rng):
    rows = rng.random((20, 5))
    path = file({"images": images, "features": rows, "names": np.array(["a"] * 20, dtype=object)})
    found = feature_rows(f"{path}::features")
    assert found.shape == (20, 5)
    np.testing.assert_array_equal(found.read(), rows)
    assert feature_rows(f"{path}::images") is feature_rows(f"{path}::names") is None
    assert feature_rows(path) is feature_rows(f"{path}::absent") is None


def test_an_array_that_is_none_of_images_is_told_with_what_there_is(file):
    path = file({"features": np.zeros((20, 5)), "train/labels": np.zeros(20)})
    with pytest.raises(
        InputError, match=r"no array of images.*features \[20, 5\].*as .*::features"
    ):
        open_images(path)
    with pytest.raises(InputError, match=r"no array 'nothing'; it holds features"):
        open_images(f"{path}::nothing")


@pytest.mark.parametrize("link", [h5py.ExternalLink("other.h5", "/images"),
                                  h5py.SoftLink("/elsewhere/images")])  # fmt: skip
def test_links_are_not_followed(file, images, link):
    file({"images": images}, name="other.h5")
    path = file({"own": images[..., 0]})
    with h5py.File(path, "a") as root:
        root["images"] = link
        root["elsewhere"] = h5py.ExternalLink("other.h5", "/")
    assert len(open_images(path).read(0)) == 1
    for wanted in ("images", "elsewhere/images"):
        with pytest.raises(InputError, match="is a link to .* links are not followed"):
            open_images(f"{path}::{wanted}")


def test_values_in_other_files_are_not_read(tmp_path, file, images):
    file({"images": images}, name="other.h5")
    (tmp_path / "raw").write_bytes(bytes(80))
    with h5py.File(tmp_path / "x.h5", "w") as root:
        layout = h5py.VirtualLayout(images.shape, "u1")
        layout[:] = h5py.VirtualSource("other.h5", "images", images.shape)
        root.create_virtual_dataset("virtual", layout)
        root.create_dataset("raw", (5, 4, 4), "u1", external=[(tmp_path / "raw", 0, 80)])
    for wanted in ("virtual", "raw"):
        with pytest.raises(InputError, match="kept in other files, which are not opened"):
            open_images(f"{tmp_path / 'x.h5'}::{wanted}")


def test_references_and_objects_are_no_images(tmp_path, images):
    with h5py.File(tmp_path / "x.h5", "w") as root:
        root["own"] = images
        regions = root.create_dataset("regions", (1, 1, 1), dtype=h5py.regionref_dtype)
        regions[0, 0, 0] = root["own"].regionref[:1]
        root.create_dataset("ragged", (2, 2, 2), dtype=h5py.vlen_dtype(np.uint8))
    assert_reads(open_images(tmp_path / "x.h5"), images)
    for wanted in ("regions", "ragged"):
        with pytest.raises(InputError, match="has values of type object; store them as uint8"):
            open_images(f"{tmp_path / 'x.h5'}::{wanted}")


def test_an_array_that_announces_more_than_any_image_has_is_refused(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as root:
        root.create_dataset("images", (2, 1 << 17, 1 << 17), "u1", chunks=(1, 64, 64))
        root.create_dataset("chunks", (1 << 31, 32, 32), "u1", chunks=(1 << 21, 32, 32))
    with pytest.raises(ImageError, match="declares 131072 x 131072 pixels, more than the limit"):
        open_images(f"{tmp_path / 'x.h5'}::images").read(0)
    with pytest.raises(InputError, match="larger than the limit"):
        open_images(f"{tmp_path / 'x.h5'}::chunks")


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n" + bytes(100), b"text" * 99])
def test_a_file_that_is_no_hdf5_is_refused(tmp_path, content):
    (tmp_path / "x.h5").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.h5 is not an HDF5 file that can be read"):
        open_images(tmp_path / "x.h5")


def test_a_damaged_chunk_is_an_image_error(file, images):
    path = file({"images": images}, chunks=(20, 6, 7, 3), compression="gzip")
    source = open_images(path)
    with h5py.File(path) as root:
        place = root["images"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[place.byte_offset : place.byte_offset + place.size] = bytes(place.size)
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"image 00 is not an image that can be read"):
        source.read(0)


def test_the_stamp_follows_the_file_and_the_array(file, images):
    path = file({"a": images, "b": images})
    stamps = {open_images(f"{path}::a").stamp, open_images(f"{path}::b").stamp}
    file({"a": images, "b": images})
    assert len({*stamps, open_images(f"{path}::a").stamp}) == 3


def test_without_h5py_the_message_says_what_to_install(file, images, monkeypatch):
    path = file({"images": images})
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[hdf5\]'"):
        open_images(path)


def test_whole_floats_are_labels_and_others_are_told(file, images):
    for labels in (np.arange(20) % 3 + 0.0, (np.arange(20) % 3).astype(np.float16)):
        source = open_images(file({"images": images, "labels": labels}))
        assert source.labels == tuple(str(i % 3) for i in range(20))
    for labels in (np.linspace(0, 1, 20), np.full(20, np.nan), np.full(20, np.inf)):
        source = open_images(file({"images": images, "labels": labels}))
        assert source.labels is None
        assert "array labels is not taken: its numbers are not whole" in source.notes


@pytest.mark.parametrize("chunks", [None, (5,)])
def test_labels_that_were_never_written_are_not_taken(file, images, chunks):
    path = file({"images": images})
    with h5py.File(path, "a") as root:
        labels = root.create_dataset("labels", 20, "u1", chunks=chunks)
        if chunks:
            labels[:5] = 1
    source = open_images(path)
    assert source.labels is None
    assert any(n.startswith("array labels is not taken: ") and "written" in n for n in source.notes)
