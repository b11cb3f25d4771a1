import numpy as np
import pytest
from PIL import Image

from ganeval import neighbors, open_images
from ganeval.report import draw_neighbors
from ganeval.report.gallery import _short
from ganeval.report.pixels import coloured, stretch


def drawn(tmp_path, real, fake, *, value_range=None, **options):
    sides = [open_images(side, value_range=value_range) for side in (real, fake)]
    found = neighbors(*sides, feature_net="pixels", k=2)
    draw_neighbors(found, sides[1], sides[0], tmp_path / "out.png", **options)
    with Image.open(tmp_path / "out.png") as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pictures_of_any_channels_can_be_drawn(tmp_path, channels, dtype):
    rng = np.random.default_rng(0)
    real, fake = (
        rng.integers(0, np.iinfo(dtype).max, (9, 20, 30, channels), dtype) for _ in range(2)
    )
    assert drawn(tmp_path, real, fake, show=4).shape == (
        32 + 4 * (80 + 24),
        144 + 2 * 2 * 128 + 16,
        3,
    )


def test_the_pictures_are_where_they_belong_and_copies_are_framed(tmp_path):
    """Plain pictures of known brightness: the darkest drawn is black, the brightest white."""
    grey = np.array([40, 60, 100, 140], np.uint8)
    real = np.broadcast_to(grey[:, None, None, None], (4, 12, 12, 1)).copy()
    fake = real[[2, 3]].copy()
    fake[1] = 170  # 30 from the nearest, which is 40 from its own
    canvas = drawn(tmp_path, real, fake)
    expected = [[100, 100, 60, 100, 60], [170, 140, 100, 140, 100]]
    for row, values in enumerate(expected):
        for column, value in enumerate(values):
            x = [8, 144, 272, 416, 544][column] + 60
            y = 32 + row * (120 + 24) + 60
            np.testing.assert_allclose(canvas[y, x], 255 * (value - 60) / 110, atol=3)
    frame = np.array([219, 41, 41])
    assert (abs(canvas[32 + 60, 8 - 2] - frame) < 3).all()
    assert (abs(canvas[32 + 144 + 60, 8 - 2] - 255) < 3).all()


def test_float_images_take_the_range_that_was_declared(tmp_path):
    rng = np.random.default_rng(0)
    real, fake = (rng.uniform(-1, 1, (9, 12, 12, 1)).astype(np.float32) for _ in range(2))
    assert drawn(tmp_path, real, fake, value_range=(-1.0, 1.0), show=2).std() > 20


def test_two_channels_are_red_and_green_and_many_have_a_hue_each():
    image = np.zeros((2, 1, 2))
    image[0, 0, 0] = image[1, 0, 1] = 1
    np.testing.assert_array_equal(coloured(image), [[[1, 0, 0], [0, 1, 0]]])
    many = np.eye(6)[:, None]
    hues = coloured(many)[0]
    assert len({tuple(hue) for hue in hues.round(3)}) == 6


def test_a_constant_channel_is_black():
    images = [np.full((1, 2, 2), 0.3)]
    stretch(images)
    assert not images[0].any()


def test_long_and_strange_names_are_shortened_from_the_left():
    assert _short("a/" * 30 + "end.png").endswith("end.png")
    assert len(_short("a/" * 30 + "end.png")) == 24
    assert _short("细胞").isascii()
