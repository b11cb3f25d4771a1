import gzip
import struct

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import ImageError, InputError
from ganeval.images import is_feature_array, iterate, open_images


def stacked(source):
    return np.concatenate([np.stack(batch.pixels) for batch in iterate(source, batch_size=3)])


@pytest.fixture
def rgb(rng):
    return rng.integers(0, 256, (11, 8, 9, 3), dtype=np.uint8)


def test_numpy_is_channels_last_and_torch_channels_first(rgb):
    expected = rgb.transpose(0, 3, 1, 2)
    source = open_images(rgb)
    assert source.ids[:2] == ("00", "01") and source.stamp is None and source.labels is None
    np.testing.assert_array_equal(stacked(source), expected)
    np.testing.assert_array_equal(stacked(open_images(torch.tensor(expected))), expected)


def test_three_axes_are_grey(rng):
    array = rng.random((5, 8, 9), dtype=np.float32)
    np.testing.assert_array_equal(stacked(open_images(array)), array[:, None])
    np.testing.assert_array_equal(stacked(open_images(torch.tensor(array))), array[:, None])


@pytest.mark.parametrize("shape", [(7, 3, 32, 32), (7, 4, 4, 4), (7, 32, 32, 64), (32, 32, 3),
                                   (7, 8, 8, 8)])  # fmt: skip
def test_an_ambiguous_array_asks_for_its_layout(shape):
    with pytest.raises(InputError, match=r"has shape \[.*layout='"):
        open_images(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(7, 32, 32, 3), (3, 32, 32)])
def test_an_ambiguous_tensor_asks_for_its_layout(shape):
    with pytest.raises(InputError, match=r"tensor \[.*layout='"):
        open_images(torch.zeros(shape))


def test_layout_overrides(rng):
    array = rng.integers(0, 9, (7, 4, 4, 4), dtype=np.uint8)
    np.testing.assert_array_equal(stacked(open_images(array, layout="NCHW")), array)
    np.testing.assert_array_equal(
        stacked(open_images(array, axes="NHWC")), array.transpose(0, 3, 1, 2)
    )
    grey = array[:, :, :, 0]
    np.testing.assert_array_equal(stacked(open_images(grey, layout="NHW")), grey[:, None])
    with pytest.raises(InputError, match="layout NHW needs 3 axes"):
        open_images(array, layout="NHW")
    with pytest.raises(InputError, match="unknown layout 'CHW'"):
        open_images(array, layout="CHW")


@given(n=st.integers(5, 9), c=st.integers(1, 6), h=st.integers(7, 12), w=st.integers(7, 12))
@settings(deadline=None)
def test_few_channels_are_never_ambiguous_in_the_habit_of_the_library(n, c, h, w):
    assert open_images(np.zeros((n, h, w, c), np.uint8)).read(0).shape == (c, h, w)
    assert open_images(torch.zeros((n, c, h, w))).read(0).shape == (c, h, w)
    with pytest.raises(InputError):
        open_images(np.zeros((n, c, h, w), np.uint8))


@pytest.mark.parametrize("shape", [(4, 5), (0, 5), (7,), (2, 3, 4, 5, 6), (0, 8, 8, 3),
                                   (3, 0, 8, 1)])  # fmt: skip
def test_shapes_that_are_no_images(shape):
    with pytest.raises(InputError, match=r"array \[.* has shape"):
        open_images(np.zeros(shape))


def test_features_are_told_from_images():
    assert is_feature_array(np.zeros((4, 5))) and is_feature_array(torch.zeros(4, 5))
    assert is_feature_array(torch.nn.Parameter(torch.zeros(4, 5)))
    assert not is_feature_array(np.zeros((4, 5, 6))) and not is_feature_array([[1.0]])
    with pytest.raises(InputError, match="two axes are features, not images"):
        open_images(np.zeros((4, 5)))


@pytest.mark.parametrize("dtype", ["bool", "float16", "float64", "int8", "int64", "uint32", ">u2",
                                   ">f4"])  # fmt: skip
def test_dtypes(dtype):
    array = (np.arange(5 * 8 * 9).reshape(5, 8, 9) % 2).astype(dtype)
    pixels = stacked(open_images(array))
    expected = {"bool": "uint8", ">u2": "uint16"}.get(dtype, "float32")
    assert pixels.dtype == expected and pixels.dtype.isnative
    np.testing.assert_array_equal(pixels, array[:, None].astype(int) * (255 if dtype == "bool" else 1))  # fmt: skip  # noqa: E501


def test_bfloat16_tensors_that_need_gradients():
    tensor = torch.ones(5, 2, 8, 8, dtype=torch.bfloat16, requires_grad=True)
    assert stacked(open_images(tensor)).dtype == np.float32


def test_values_that_no_pixel_can_have():
    array = np.zeros((5, 8, 9))
    array[3, 1, 1], array[3, 2, 2], array[4, 0, 0] = np.nan, np.inf, 1e300
    source = open_images(array)
    with pytest.raises(ImageError, match=r"image 3 has 2 NaN or infinite values of 72"):
        source.read(3)
    with pytest.raises(ImageError, match=r"image 4 has 1 NaN or infinite"):
        source.read(4)
    with pytest.raises(ImageError, match="image 0 has int64 values up to 16777217"):
        open_images(np.full((5, 8, 9), 2**24 + 1)).read(0)


def test_npy(tmp_path, rgb):
    np.save(tmp_path / "x.npy", rgb)
    source = open_images(tmp_path / "x.npy")
    np.testing.assert_array_equal(stacked(source), rgb.transpose(0, 3, 1, 2))
    assert source.stamp is not None


def test_npz_and_its_labels(tmp_path, rgb):
    labels = np.arange(11) % 3
    files = {
        "arr_0.npz": {"arr_0": rgb},
        "adm.npz": {"arr_0": rgb, "arr_1": labels},
        "images.npz": {"images": rgb, "labels": labels, "mu": np.zeros(3)},
        "single.npz": {"pictures": rgb, "labels": labels.astype(str)},
        "keras.npz": {"x_train": rgb, "y_train": labels[:, None], "y_test": labels},
        "medical.npz": {"train_images": rgb, "train_labels": labels[:, None], "val_images": rgb},
    }
    for name, arrays in files.items():
        np.savez(tmp_path / name, **arrays)
        spec = str(tmp_path / name) + ("::train_images" if name == "medical.npz" else "")
        source = open_images(spec)
        np.testing.assert_array_equal(stacked(source), rgb.transpose(0, 3, 1, 2))
        assert source.labels == (None if name == "arr_0.npz" else tuple(map(str, labels)))
    with pytest.raises(InputError, match=r"no array 'images' or 'arr_0'; it holds train_images "
                       r"\[11, 8, 9, 3\], .*name one as .*medical.npz::NAME"):  # fmt: skip
        open_images(tmp_path / "medical.npz")
    with pytest.raises(InputError, match=r"no array 'odd'; .*name one as [^:]*medical.npz::NAME"):
        open_images(f"{tmp_path}/medical.npz::odd")


def test_npz_of_statistics_or_features_is_no_images(tmp_path):
    np.savez(tmp_path / "s.npz", mu=np.zeros(3), sigma=np.eye(3))
    with pytest.raises(InputError, match=r"but probably statistics \(mu and sigma\)"):
        open_images(tmp_path / "s.npz")
    np.savez(tmp_path / "f.npz", np.zeros((3, 4)))
    with pytest.raises(InputError, match=r"one array of features, arr_0 \[3, 4\]"):
        open_images(tmp_path / "f.npz")


def test_pickles_are_never_loaded(tmp_path):
    ragged = np.array([np.zeros((2, 2)), np.zeros((3, 3)), None], dtype=object)
    np.save(tmp_path / "x.npy", ragged, allow_pickle=True)
    np.savez(tmp_path / "x.npz", arr_0=ragged)
    for name in ("x.npy", "x.npz"):
        with pytest.raises(InputError, match=rf"{name} holds pickled Python objects, which are "
                           "never loaded; save a plain array"):  # fmt: skip
            open_images(tmp_path / name)


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
@pytest.mark.parametrize("content", [b"", b"text", b"\x93NUMPY\1\0\x10\0{'descr': '<u1',  \n"])
def test_damaged_numpy_files(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name} is not a NumPy file that can be read"):
        open_images(tmp_path / name)


def test_a_truncated_npy_is_refused(tmp_path, rgb):
    np.save(tmp_path / "x.npy", rgb)
    data = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(data[:-10])
    with pytest.raises(InputError, match="is not a NumPy file that can be read"):
        open_images(tmp_path / "x.npy")


def idx(array, code):
    header = struct.pack(">HBB", 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.mark.parametrize("end", ["", ".gz"])
def test_idx_with_labels_beside(tmp_path, rng, end):
    images = rng.integers(0, 256, (12, 8, 9), dtype=np.uint8)
    labels = rng.integers(0, 10, 12, dtype=np.uint8)
    pack = gzip.compress if end else bytes
    (tmp_path / f"t-images-idx3-ubyte{end}").write_bytes(pack(idx(images, 8)))
    alone = open_images(tmp_path / f"t-images-idx3-ubyte{end}")
    assert alone.labels is None
    (tmp_path / "t-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels, 8)))
    source = open_images(tmp_path / f"t-images-idx3-ubyte{end}")
    np.testing.assert_array_equal(stacked(source), images[:, None])
    assert source.labels == tuple(map(str, labels))
    assert source.stamp != alone.stamp
    with pytest.raises(InputError, match="holds 12 labels, not images"):
        open_images(tmp_path / "t-labels-idx1-ubyte.gz")


def test_idx_of_floats_is_big_endian(tmp_path):
    array = np.linspace(0, 1, 5 * 8 * 9, dtype=">f4").reshape(5, 8, 9)
    (tmp_path / "x-ubyte").write_bytes(idx(array, 0x0D))
    np.testing.assert_array_equal(stacked(open_images(tmp_path / "x-ubyte")), array[:, None])


def test_damaged_idx(tmp_path, rng):
    data = idx(rng.integers(0, 256, (12, 8, 9), dtype=np.uint8), 8)
    (tmp_path / "a-ubyte").write_bytes(data[:100])
    with pytest.raises(InputError, match=r"cut short: it declares \[12, 8, 9\]"):
        open_images(tmp_path / "a-ubyte").read(0)
    for content in (b"", b"some text", gzip.compress(data)):
        (tmp_path / "b-ubyte").write_bytes(content)
        with pytest.raises(InputError, match="b-ubyte is not an IDX file"):
            open_images(tmp_path / "b-ubyte")
    (tmp_path / "c-ubyte.gz").write_bytes(gzip.compress(data)[:-200])
    with pytest.raises(InputError, match=r"c-ubyte\.gz is (damaged|cut short|not an IDX)"):
        open_images(tmp_path / "c-ubyte.gz").read(0)


def test_arrays_and_files_of_the_same_pixels_have_the_same_hashes(tmp_path, rgb, save):
    for index, image in enumerate(rgb):
        save(tmp_path / f"x/{index:02d}.png", image)
    np.save(tmp_path / "x.npy", rgb)
    tensor = torch.tensor(rgb).permute(0, 3, 1, 2)
    found = [
        np.concatenate([batch.hashes for batch in iterate(open_images(spec))])
        for spec in (tmp_path / "x", tmp_path / "x.npy", rgb, tensor)
    ]
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)
    assert len(np.unique(found[0], axis=0)) == len(rgb)
