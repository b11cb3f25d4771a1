import struct

import numpy as np
import pytest
from pylibCZIrw import czi

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images, pixel_size_of


@pytest.fixture
def zeiss(tmp_path, rng):
    """Writes a CZI of [scenes, t, z, c, y, x, samples]."""

    def write(shape, name="a.czi", dtype=np.uint16, **metadata):
        array = rng.integers(0, np.iinfo(dtype).max, shape).astype(dtype)
        path = tmp_path / "czi" / name
        path.parent.mkdir(exist_ok=True)
        with czi.create_czi(str(path)) as file:
            for scene, t, z, c in np.ndindex(shape[:4]):
                place = {"T": t, "Z": z, "C": c}
                own = {"scene": scene, "location": (100 * scene, 0)} if shape[0] > 1 else {}
                file.write(array[scene, t, z, c], plane=place, **own)
            if metadata:
                file.write_metadata(**metadata)
        return path, array

    return write


@pytest.fixture
def nikon(tmp_path, rng):
    """Writes an ND2 of version 3 by the layout of its chunks: [p, t, z, c, y, x]."""

    def write(shape, name="a.nd2", colours=1, frames=None, **metadata):
        array = rng.integers(0, 60000, (*shape, colours)).astype(np.uint16)
        path = tmp_path / "nd2" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(nd2_bytes(array, frames, metadata))
        return path, array

    return write


def nd2_bytes(array, count=None, metadata=None):
    """An ND2 file of [p, t, z, c, y, x, s], of which only `count` frames were recorded."""
    p, t, z, c, y, x, s = array.shape
    frames = array.reshape(p * t * z, c, y, x, s)[:count]
    loops = [(1, t, {"dStart": 0.0, "dPeriod": 1.0, "dDuration": 1.0})] if t > 1 else []
    if p > 1:
        points = {f"i{i:010}": {"dPosX": 1.0 * i, "dPosY": 0.0, "dPosZ": 0.0} for i in range(p)}
        loops.insert(0, (2, p, {"Points": points}))
    loops += [(4, z, {"dZStep": 1.0})] if z > 1 else []
    experiment = {}
    for kind, count, parameters in reversed(loops):
        inner = {"ppNextLevelEx": {"i0000000000": experiment}} if experiment else {}
        experiment = {"eType": kind, "uLoopPars": {"uiCount": count, **parameters}, **inner}
    attributes = {
        "uiWidth": x, "uiHeight": y, "uiWidthBytes": 2 * x * c * s, "uiComp": c * s,
        "eCompression": 2, "uiBpcInMemory": 16, "uiBpcSignificant": 16,
        "uiSequenceCount": len(frames),
    }  # fmt: skip
    probe = {"pFluorescentProbe": {"m_ExcitationSpectrum": {"uiCount": 0}}}
    planes = {"uiCount": c, "sPlaneNew": {f"a{i}": probe for i in range(c)}}
    chunks = {
        b"ImageAttributesLV!": variant({"SLxImageAttributes": attributes}),
        b"ImageMetadataSeqLV|0!": variant(
            {"SLxPictureMetadata": {"sPicturePlanes": planes, **(metadata or {})}}
        ),
    }
    if experiment:
        chunks[b"ImageMetadataLV!"] = variant({"SLxExperiment": experiment})
    for number, frame in enumerate(frames):
        pixels = frame.transpose(1, 2, 0, 3).astype("<u2").tobytes()
        chunks[b"ImageDataSeq|%d!" % number] = struct.pack("<d", 0.0) + pixels
    data = chunk(b"ND2 FILE SIGNATURE CHUNK NAME01!", b"Ver3.0".ljust(64, b"\0"), padded=False)
    table = b""
    for name, content in chunks.items():
        table += name + struct.pack("<QQ", len(data), len(content))
        data += chunk(name, content)
    table += b"ND2 CHUNK MAP SIGNATURE 0000001!" + struct.pack("<Q", len(data))
    return data + chunk(b"ND2 FILEMAP SIGNATURE NAME 0001!", table)


def chunk(name, content, padded=True):
    """Magic, lengths, a name (padded, so that pixels begin at 4096) and content."""
    name = name.ljust(4072, b"\0") if padded else name
    return struct.pack("<IIQ", 0x0ABECEDA, len(name), len(content)) + name + content


def variant(values):
    """Nikon's CLX lite variant: type, length of the name, name, value; levels hold others."""
    data = b""
    for name, value in values.items():
        text = f"{name}\0".encode("utf-16-le")
        kind = {dict: 11, int: 3, float: 6}[type(value)]
        head = struct.pack("BB", kind, len(text) // 2) + text
        if kind == 11:
            inside = variant(value)
            length = len(head) + 12 + len(inside)
            data += head + struct.pack("<IQ", len(value), length) + inside + bytes(8 * len(value))
        else:
            data += head + struct.pack("<I" if kind == 3 else "<d", value)
    return data


def test_planes_of_a_czi_have_its_channels(zeiss):
    path, array = zeiss((1, 2, 3, 2, 6, 7, 1))
    source = open_images(path, planes="tz")
    assert len(source) == 6
    np.testing.assert_array_equal(source.read(4), array[0, 1, 1, :, :, :, 0])
    assert source.read(4).dtype == np.uint16


@pytest.mark.parametrize(
    ("scale", "planes", "size"),
    [
        ((0.3e-6, 0.1e-6, 0.1e-6), "z", 0.1),
        ((0.3e-6, 0.3e-6, 0.1e-6), "x", 0.3),
        ((0.3e-6, 0.1e-6, 0.1e-6), "y", None),  # pixels that are no squares
        ((0.3, 0.1, 0.1), "z", None),  # in micrometres, where metres are wanted
        ((0, 0, 0), "z", None),
    ],
)
def test_pixel_sizes_of_a_czi_are_those_of_its_planes(zeiss, scale, planes, size):
    z, y, x = scale
    path, _ = zeiss((1, 1, 3, 1, 6, 7, 1), scale_z=z, scale_y=y, scale_x=x)
    found = pixel_size_of(open_images(path, planes=planes))
    assert found == (None if size is None else pytest.approx(size))
    zeiss((1, 1, 3, 1, 6, 7, 1), "b.czi")
    assert pixel_size_of(open_images(path.parent, planes=planes)) is None


def test_pixel_sizes_of_an_nd2_are_told_where_it_was_calibrated(nikon):
    path, _ = nikon((2, 1, 3, 2, 6, 7), dCalibration=0.065, bCalibrated=1)
    assert pixel_size_of(open_images(path, planes="z")) == pytest.approx(0.065)
    assert pixel_size_of(open_images(path, planes="z", channels=[1])) == pytest.approx(0.065)
    path, _ = nikon((2, 1, 3, 2, 6, 7), "b.nd2", dCalibration=1.0, bCalibrated=0)
    assert pixel_size_of(open_images(path, planes="z")) is None


def test_colours_of_a_czi_are_red_green_blue(zeiss):
    path, array = zeiss((1, 1, 1, 1, 6, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(open_images(path).read(0), array[0, 0, 0, 0].transpose(2, 0, 1))


def test_scenes_of_a_czi_are_stacks_and_the_file_is_the_group(zeiss):
    path, array = zeiss((2, 1, 3, 1, 6, 7, 1))
    zeiss((1, 1, 3, 1, 6, 7, 1), "b.czi")
    source = open_images(path.parent, planes="z")
    assert source.ids[4:7] == ("a.czi/s/0001/z/0001", "a.czi/s/0001/z/0002", "b.czi/z/0000")
    assert source.groups == ("a.czi",) * 6 + ("b.czi",) * 3
    np.testing.assert_array_equal(source.read(4), array[1, 0, 1, :, :, :, 0])


def test_a_plane_that_a_czi_lacks_is_an_error_not_black(tmp_path):
    with czi.create_czi(str(tmp_path / "a.czi")) as file:
        for t, z in ((0, 0), (0, 1), (1, 0)):
            file.write(np.ones((3, 4, 1), np.uint16), plane={"C": 0, "T": t, "Z": z})
    source = open_images(tmp_path / "a.czi", planes="tz")
    assert source.read(1).min() == 1
    with pytest.raises(ImageError, match=r"t/0001/z/0000 has no plane at C 0, T 1, Z 1"):
        source.read(2)


def test_a_frame_that_an_nd2_lacks_is_an_error_not_black(nikon):
    path, array = nikon((1, 3, 1, 1, 5, 6), frames=2)
    source = open_images(path, planes="t")
    np.testing.assert_array_equal(source.read(1), array[0, 1, 0, ..., 0])
    with pytest.raises(ImageError, match="t/0002 ends after 2 frames"):
        source.read(2)


def test_a_projection_of_a_czi(zeiss):
    path, array = zeiss((1, 1, 3, 2, 6, 7, 1))
    with pytest.raises(InputError, match="3 planes across z"):
        open_images(path)
    projected = open_images(path, project="max").read(0)
    np.testing.assert_array_equal(projected, array[0, 0, :, :, :, :, 0].max(axis=0))


@pytest.mark.parametrize(
    "shape", [(2, 3, 4, 2, 5, 6), (1, 1, 4, 1, 5, 6), (1, 3, 1, 2, 5, 6), (2, 1, 1, 1, 5, 6)]
)
def test_planes_of_an_nd2_are_those_of_its_loops(nikon, shape):
    path, array = nikon(shape)
    source = open_images(path, planes="tz")
    p, t, z = shape[:3]
    assert len(source) == p * t * z
    for index, place in enumerate(np.ndindex(p, t, z)):
        np.testing.assert_array_equal(source.read(index), array[place][..., 0])


def test_positions_of_an_nd2_are_stacks_and_the_file_is_the_group(nikon):
    path, _ = nikon((2, 1, 3, 1, 5, 6))
    nikon((1, 1, 2, 1, 5, 6), "b.nd2")
    source = open_images(path.parent, planes="z")
    assert source.ids[3] == "a.nd2/s/0001/z/0000"
    assert source.groups == ("a.nd2",) * 6 + ("b.nd2",) * 2


def test_colours_of_an_nd2_are_channels(nikon):
    path, array = nikon((1, 1, 2, 1, 5, 6), colours=3)
    source = open_images(path, planes="z")
    np.testing.assert_array_equal(source.read(1), array[0, 0, 1, 0].transpose(2, 0, 1))


def test_workers_read_the_same(zeiss):
    path, _ = zeiss((1, 1, 8, 2, 6, 7, 1))
    source = open_images(path, planes="z")
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=3, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(*hashes)


@pytest.mark.parametrize("name", ["a.czi", "a.nd2"])
def test_damage_is_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"nothing of the kind" * 10)
    with pytest.raises(ImageError, match=rf"{name} is not an image .*damaged {name[2:].upper()}"):
        open_images(tmp_path / name).read(0)
