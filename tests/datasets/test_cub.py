"""A made-up CUB in the real layout, with pickles as Python 2 wrote them."""

import os
import pickle
import struct

import numpy as np
import pytest
import torch
from PIL import Image

from ganeval.datasets.cub import cub
from ganeval.datasets.plain_pickle import load_plain
from ganeval.errors import ImageError, InputError
from trainers.data import DATA

KEYS = {
    "train": ["002.Tern/Tern_0002_9", "001.Auk/Auk_0001_7", "001.Auk/Auk_0003_8"],
    "test": ["003.Wren/Wren_0001_5"],
}
BOX = (30.0, 20.0, 20.0, 12.0)


def short_str(text: bytes) -> bytes:
    """Python 2's own string: bytes without a type of text."""
    return b"T" + struct.pack("<i", len(text)) + text


def python2_list(items: list[bytes]) -> bytes:
    return b"\x80\x02](" + b"".join(items) + b"e."


def python2_array(array: np.ndarray) -> bytes:
    """As numpy of Python 2 pickled it with protocol 2."""
    sides = b"".join(b"K" + bytes([side]) for side in array.shape)
    shape = b"(" + sides + b"t"
    kind = (
        b"cnumpy\ndtype\n" + short_str(b"f4") + b"K\x00K\x01\x87R"
        b"(K\x03" + short_str(b"<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + short_str(b"b")
    return made + b"\x87R(K\x01" + shape + kind + b"\x89" + short_str(array.tobytes()) + b"tb"


@pytest.fixture
def root(tmp_path):
    rng = np.random.default_rng(0)
    birds = tmp_path / "birds"
    images = birds / "CUB_200_2011"
    names, boxes = [], []
    every = [*KEYS["train"], *KEYS["test"]]
    for number, key in enumerate(every, start=1):
        path = images / "images" / f"{key}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = key.startswith("002")
        shape = (60, 80) if grey else (60, 80, 3)
        Image.fromarray(rng.integers(256, size=shape, dtype=np.uint8)).save(path, quality=95)
        names.append(f"{number} {key}.jpg")
        boxes.append(" ".join(map(str, (number, *BOX))))
        text = birds / "text" / f"{key}.txt"
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_text(f"a {key[4:7]} with a beak\nit flies\n\nthird\n")
    (images / "images.txt").write_text("\n".join(names) + "\n")
    (images / "bounding_boxes.txt").write_text("\n".join(boxes) + "\n")
    for part, keys in KEYS.items():
        folder = birds / part
        folder.mkdir()
        vectors = [np.full((2, 16), every.index(key) + 1, np.float32) for key in keys]
        (folder / "filenames.pickle").write_bytes(
            python2_list([short_str(key.encode()) for key in keys])
        )
        (folder / "char-CNN-RNN-embeddings.pickle").write_bytes(
            python2_list([python2_array(v) for v in vectors])
        )
    return birds


def test_a_part_is_read_in_the_order_of_its_names(root):
    birds = cub(root, part="train")
    assert birds.images.ids == (
        "001.Auk/Auk_0001_7.jpg",
        "001.Auk/Auk_0003_8.jpg",
        "002.Tern/Tern_0002_9.jpg",
    )
    assert birds.images.labels == ("001.Auk", "001.Auk", "002.Tern")
    assert birds.captions[2] == ("a Ter with a beak", "it flies", "third")
    assert birds.vectors.shape == (3, 2, 16) and birds.vectors.dtype == np.float32
    assert birds.vectors[:, 0, 0].tolist() == [2, 3, 1]
    assert cub(root, part="test").images.labels == ("003.Wren",)


def test_birds_are_cropped_within_the_picture_and_grey_ones_are_coloured(root):
    """Half a side of 15 around (40, 26)."""
    birds = cub(root, part="train")
    path = root / "CUB_200_2011" / "images" / birds.images.ids[0]
    whole = np.moveaxis(np.asarray(Image.open(path)), -1, 0)
    np.testing.assert_array_equal(birds.images.read(0), whole[:, 11:41, 25:55])
    grey = birds.images.read(2)
    assert grey.shape == (3, 30, 30) and (grey[0] == grey[2]).all()
    lines = (root / "CUB_200_2011" / "bounding_boxes.txt").read_text().splitlines()
    lines[1] = "2 70 50 10 10"  # reaches over two borders
    (root / "CUB_200_2011" / "bounding_boxes.txt").write_text("\n".join(lines))
    moved = cub(root, part="train").images
    np.testing.assert_array_equal(moved.read(0), whole[:, 48:60, 68:80])
    assert moved.stamp != birds.images.stamp


def test_a_batch_of_birds_and_their_captions(root, monkeypatch):
    monkeypatch.setenv("GANEVAL_DATA", str(root.parent))
    source = DATA["cub-64"]
    data, texts = source.load(torch.device("cpu")), source.texts()
    assert len(texts.captions) == 8 and texts.drawn.tolist() == list(range(6))
    assert texts.subjects[::2] == ("001.Auk", "001.Auk", "002.Tern", "003.Wren")
    batch = data.batch(4, seed=1, number=2)
    assert batch.x.shape == (4, 3, 64, 64) and -1 <= batch.x.min() < batch.x.max() <= 1
    assert (batch.y < 6).all()
    again = data.batch(4, seed=1, number=2)
    assert torch.equal(batch.x, again.x) and torch.equal(batch.y, again.y)
    other = data.batch(4, seed=1, number=3)
    assert not torch.equal(batch.x, other.x)
    held_out, y = data.held_out(10)
    assert held_out.shape == (1, 3, 64, 64) and held_out.dtype == np.uint8 and y.tolist() == [6]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", ["<f4", ">f8", "<i8", "|u1", "|b1"])
def test_plain_pickles_of_python_3(tmp_path, protocol, kind):
    array = np.arange(12).reshape(3, 4).astype(kind)
    value = ["a", "ü", 3, 2.5, [array, array.T], np.float64(0.5), None]
    path = tmp_path / "x.pickle"
    path.write_bytes(pickle.dumps(value, protocol))
    *plain, arrays, number, nothing = load_plain(path)
    assert plain == value[:4] and number == 0.5 and nothing is None
    np.testing.assert_array_equal(arrays[0], array)
    np.testing.assert_array_equal(arrays[1], array.T)


class Evil:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    "value",
    [
        Evil(os.system, "touch owned"),
        Evil(eval, "open('owned', 'w')"),
        [np.array([Evil(os.system, "touch owned")], dtype=object)],
        np.array(["text"]),
        {"a": 1},
        Evil(getattr, "a", "upper"),
    ],
)
def test_anything_else_is_refused(tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.pickle"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(InputError, match=r"x\.pickle (asks for|holds an? )"):
        load_plain(path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("content", [b"", b"\x80\x02](", b"no pickle", b"\x80\x02K\x01R."])
def test_damaged_pickles(tmp_path, content):
    path = tmp_path / "x.pickle"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a pickle of plain data"):
        load_plain(path)


def test_bombs_do_not_go_off(tmp_path):
    """Ten references to ten references to ...; an array of three billion zeros; a far memo."""
    path = tmp_path / "x.pickle"
    nested = ["x"]
    for _ in range(30):
        nested = [nested] * 10
    path.write_bytes(pickle.dumps(nested))
    found = load_plain(path)
    for _ in range(30):
        found = found[0]
    assert found == ["x"]
    kind = b"cnumpy\ndtype\nX\x02\x00\x00\x00u1\x85R"
    path.write_bytes(
        b"\x80\x02cnumpy._core.numeric\n_frombuffer\n(L3000000000L\n" + kind
        + b"K\x01\x85X\x01\x00\x00\x00CtR."
    )  # fmt: skip
    with pytest.raises(InputError, match="holds an array of objects"):
        load_plain(path)
    path.write_bytes(b"Nr" + struct.pack("<I", 2**31) + b".")
    assert load_plain(path) is None


def test_a_pickle_changes_nothing_here(tmp_path):
    path = tmp_path / "x.pickle"
    path.write_bytes(b"\x80\x02c_codecs\nencode\n}X\x04\x00\x00\x00evilI1\nsb0I5\n.")
    with pytest.raises(InputError, match="changes what is not its own"):
        load_plain(path)


def test_a_box_outside_of_its_picture(root):
    boxes = root / "CUB_200_2011" / "bounding_boxes.txt"
    lines = boxes.read_text().splitlines()
    lines[1] = "2 500 500 10 10"
    boxes.write_text("\n".join(lines))
    with pytest.raises(ImageError, match="lies outside of the picture"):
        cub(root, part="train").images.read(0)
    for box in ("5 5 -10 -10", "nan 1 5 5", "1 1 1e300 1", "1 1 0 0"):
        lines[1] = f"2 {box}"
        boxes.write_text("\n".join(lines))
        with pytest.raises(InputError, match="box of pixels"):
            cub(root, part="train")


def test_what_is_missing_is_named(root):
    with pytest.raises(InputError, match="no folder .*CUB_200_2011"):
        cub(root.parent, part="train")
    boxes = root / "CUB_200_2011" / "bounding_boxes.txt"
    kept = boxes.read_text()
    boxes.write_text("1 2 3 x 4\n")
    with pytest.raises(InputError, match="is not the number of an image and a box"):
        cub(root, part="train")
    boxes.write_text("1 2 3\n")
    with pytest.raises(InputError, match="wanted 5 columns"):
        cub(root, part="train")
    boxes.write_text(kept.splitlines()[0])
    with pytest.raises(InputError, match="has no box for"):
        cub(root, part="train")
    boxes.write_text(kept)
    (root / "train" / "char-CNN-RNN-embeddings.pickle").write_bytes(python2_list([]))
    with pytest.raises(InputError, match="is not 3 arrays"):
        cub(root, part="train")
    (root / "text" / "001.Auk" / "Auk_0001_7.txt").unlink()
    (root / "CUB_200_2011" / "images" / "003.Wren" / "Wren_0001_5.jpg").unlink()
    with pytest.raises(InputError, match=r"has no 003\.Wren"):
        cub(root, part="test")
