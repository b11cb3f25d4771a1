import numpy as np
import pytest
import tifffile
from PIL import Image

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images


@pytest.fixture
def stack(tmp_path, rng):
    """Writes a TIFF of the axes given, and returns its path and its array."""

    def write(axes, shape, name="a.tif", **options):
        array = rng.integers(0, 60000, shape).astype(np.uint16)
        path = tmp_path / "stacks" / name
        path.parent.mkdir(exist_ok=True)
        metadata = {"axes": axes} if axes else None
        tifffile.imwrite(path, array, metadata=metadata, photometric="minisblack", **options)
        return path, array

    return write


@pytest.fixture
def film(tmp_path, rng):
    """Writes an animation of RGB frames of few colours, which GIF keeps exactly."""

    def write(name, frames=4, **options):
        path = tmp_path / "films" / name
        path.parent.mkdir(exist_ok=True)
        colours = rng.integers(0, 256, (frames, 3), dtype=np.uint8)
        arrays = np.zeros((frames, 6, 8, 3), np.uint8)
        arrays[:, 1:4, 2:7] = colours[:, None, None]
        first, *rest = (Image.fromarray(array) for array in arrays)
        first.save(path, save_all=True, append_images=rest, lossless=True, **options)
        return path, arrays

    return write


@pytest.mark.parametrize("options", [{"ome": True}, {"imagej": True}])
def test_every_plane_of_a_stack_is_an_image_and_the_file_the_group(stack, options):
    path, array = stack("ZYX", (4, 5, 6), **options)
    other, _ = stack("ZYX", (3, 5, 6), "b.tif", **options)
    source = open_images(path.parent, planes="z")
    assert source.ids == tuple(f"a.tif/z/{z:04d}" for z in range(4)) + tuple(
        f"b.tif/z/{z:04d}" for z in range(3)
    )
    assert source.groups == ("a.tif",) * 4 + (other.name,) * 3
    np.testing.assert_array_equal(source.read(2), array[2][None])
    assert source.protocol == {"planes": "z"}


def test_planes_across_x_and_y_have_rows_z(stack):
    path, array = stack("ZYX", (4, 5, 6), ome=True)
    source = open_images(path, planes="xy")
    assert len(source) == 11
    np.testing.assert_array_equal(source.read(2), array[:, :, 2][None])
    np.testing.assert_array_equal(source.read(6 + 3), array[:, 3][None])


def test_channels_and_times_go_with_the_planes(stack):
    path, array = stack("TZCYX", (2, 3, 2, 5, 6), ome=True)
    source = open_images(path, planes="tz")
    assert source.ids[4] == "0001/z/0001"
    np.testing.assert_array_equal(source.read(4), array[1, 1])
    projected = open_images(path, planes="t", project="max")
    np.testing.assert_array_equal(projected.read(1), array[1].max(axis=0))
    mean = open_images(path, planes="z", project="mean")
    np.testing.assert_allclose(mean.read(2), array[:, 2].mean(axis=0), rtol=1e-6)


@pytest.mark.parametrize(("planes", "ids"), [("z", "z/0001"), ("t", "t/0001")])
def test_pages_without_axes_are_the_planes_that_are_asked_for(stack, planes, ids):
    path, array = stack(None, (3, 5, 6))
    stack(None, (3, 5, 6), "b.tif")
    source = open_images(path.parent, planes=planes)
    assert source.ids[1] == f"a.tif/{ids}"
    np.testing.assert_array_equal(source.read(1), array[1][None])


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_frames_of_animations_are_rgb_images_and_the_film_is_the_group(film, name):
    path, arrays = film(name)
    film(f"b{name[1:]}", frames=3)
    source = open_images(path.parent, planes="t")
    assert len(source) == 7
    assert source.groups == (name,) * 4 + (f"b{name[1:]}",) * 3
    for index in (0, 1, 2, 3, 1):  # also backwards
        np.testing.assert_array_equal(source.read(index), arrays[index].transpose(2, 0, 1))


def test_a_picture_among_animations_is_one_frame(film, save, rng):
    path, _ = film("a.gif")
    array = rng.integers(0, 256, (6, 8, 3))
    save(path.parent / "b.png", array)
    source = open_images(path.parent, planes="t")
    assert source.ids[-1] == "b.png/t/0000"
    np.testing.assert_array_equal(source.read(4), array.transpose(2, 0, 1))


def test_an_animation_among_pictures_names_the_option(film):
    with pytest.raises(ImageError, match="animation of 4 frames; take them all with --planes t"):
        open_images(film("a.gif")[0]).read(0)
    with pytest.raises(InputError, match="a.gif has 4 times .*--planes tz"):
        open_images(film("a.gif")[0], planes="z")


def test_stacks_in_a_zip_are_the_same(stack, tmp_path, zipped):
    path, _ = stack("ZYX", (4, 5, 6), ome=True)
    stack("ZYX", (4, 5, 6), "b.tif", ome=True)
    folder = open_images(path.parent, planes="z")
    archive = open_images(zipped(tmp_path / "s.zip", path.parent), planes="z")
    assert archive.ids == folder.ids
    for index in range(8):
        np.testing.assert_array_equal(archive.read(index), folder.read(index))


@pytest.mark.parametrize("planes", ["t", "z"])
def test_workers_read_the_same(film, stack, planes):
    path = film("a.gif")[0] if planes == "t" else stack("ZYX", (9, 5, 6), ome=True)[0]
    source = open_images(path, planes=planes)
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=3, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(*hashes)


def test_a_picture_has_no_planes_across_x(cells):
    with pytest.raises(InputError, match="is a single plane across z, not a volume"):
        open_images(cells[0], planes="x")


def test_a_damaged_stack_is_one_line(stack):
    path, _ = stack("ZYX", (4, 5, 6), ome=True)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ImageError, match=r"a\.tif is not an image"):
        open_images(path, planes="z").read(0)
