import struct

import av
import numpy as np
import pytest

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images


@pytest.fixture
def film(tmp_path, rng):
    """Writes a film with a lossless codec, and returns its path and its frames."""

    def write(name="a.mkv", codec="ffv1", format="gray", frames=5, size=(16, 24), dtype=np.uint8):
        channels = () if format.startswith("gray") else (4 if "a" in format else 3,)
        array = rng.integers(0, np.iinfo(dtype).max, (frames, *size, *channels)).astype(dtype)
        path = tmp_path / "films" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=10)
            stream.height, stream.width, stream.pix_fmt = *size, format
            if codec == "libx264rgb":
                stream.options = {"crf": "0"}
            for each in array:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(each, format=format)))
            container.mux(stream.encode())
        return path, array

    return write


@pytest.mark.parametrize(
    ("name", "codec", "format", "dtype"),
    [("a.mkv", "ffv1", "gray", np.uint8), ("a.mkv", "ffv1", "gray16le", np.uint16),
     ("a.avi", "ffv1", "gray", np.uint8), ("a.mp4", "libx264rgb", "rgb24", np.uint8),
     ("a.mov", "libx264rgb", "rgb24", np.uint8)],
)  # fmt: skip
def test_every_frame_is_an_image_as_it_was_written(film, name, codec, format, dtype):
    path, array = film(name, codec, format, dtype=dtype)
    source = open_images(path)
    assert source.ids == tuple(f"{number:04d}" for number in range(5))
    for index in (0, 1, 4, 2):  # also backwards
        expected = array[index][None] if array.ndim == 3 else array[index].transpose(2, 0, 1)
        np.testing.assert_array_equal(source.read(index), expected)


def test_a_folder_of_films_has_the_films_as_groups(film):
    for name in ("wild/a.mkv", "wild/b.mkv", "tame/a.mkv"):
        film(name, frames=3)
    path, _ = film("tame/b.mkv", frames=2)
    source = open_images(path.parents[1])
    assert source.ids[:3] == ("tame/a.mkv/t/0000", "tame/a.mkv/t/0001", "tame/a.mkv/t/0002")
    assert source.groups == (
        ("tame/a.mkv",) * 3 + ("tame/b.mkv",) * 2 + ("wild/a.mkv",) * 3 + ("wild/b.mkv",) * 3
    )
    assert source.labels == ("tame",) * 5 + ("wild",) * 6


def test_workers_read_the_same(film):
    path, _ = film(frames=20)
    source = open_images(path)
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=3, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(*hashes)


def test_a_film_is_decoded_once(film, monkeypatch):
    path, _ = film(frames=9)
    source = open_images(path)
    opened, real = [], av.open
    monkeypatch.setattr(av, "open", lambda *args, **kw: (opened.append(args), real(*args, **kw))[1])
    for _ in iterate(source, batch_size=2):
        pass
    assert len(opened) == 1


def test_a_projection_over_time_is_one_image(film):
    path, array = film()
    source = open_images(path, project="max")
    np.testing.assert_array_equal(source.read(0)[0], array.max(axis=0))
    with pytest.raises(InputError, match="has no planes across z"):
        open_images(path, planes="z")


def test_frames_are_turned_as_a_player_shows_them(film):
    path, array = film("a.mov", "libx264rgb", "rgb24")
    data = bytearray(path.read_bytes())
    # ISO/IEC 14496-12, box tkhd: a matrix that turns by 90 degrees clockwise.
    place = data.index(b"tkhd") + 4 + 40
    data[place : place + 16] = struct.pack(">iiii", 0, 1 << 16, 0, -(1 << 16))
    data[place + 12 : place + 20] = struct.pack(">ii", -(1 << 16), 0)
    path.write_bytes(data)
    expected = np.rot90(array[1], -1).transpose(2, 0, 1)
    np.testing.assert_array_equal(open_images(path).read(1), expected)


def test_damaged_films_are_one_line(film, tmp_path):
    path, _ = film("a.avi", frames=9)
    path.write_bytes(path.read_bytes()[:-1500])
    with pytest.raises(ImageError, match=r"a\.avi is not an image .*frames of 9: it is cut short"):
        open_images(path).read(0)
    (tmp_path / "b.mp4").write_bytes(b"no film")
    with pytest.raises(ImageError, match=r"b\.mp4 is not an image .*damaged film"):
        open_images(tmp_path / "b.mp4").read(0)
