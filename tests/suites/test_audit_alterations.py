"""What an audit does to images is what it says, whatever the type, the range and the channels."""

import numpy as np
import pytest

import ganeval
from ganeval.suites.audit.alterations import (
    COPY,
    MOST_VERSIONS,
    STEPS,
    SWAP,
    Alteration,
    alterations_for,
    unit_of,
)
from ganeval.suites.audit.altered import altered, version_id

RANGES = {"uint8": None, "uint16": ((0.0, 4095.0),), "float32": ((-1.0, 1.0),)}


def image(dtype="float32", shape=(2, 20, 30), seed=0):
    noise = np.random.default_rng(seed).random(shape)
    if dtype == "float32":
        return (noise - 0.5).astype(np.float32)
    return (noise * (255 if dtype == "uint8" else 4095)).astype(dtype)


def made(kind, strength, pixels, *, value_range=((-1.0, 1.0),), id="x", seed=0):
    return Alteration(kind, strength).of(pixels, value_range=value_range, id=id, seed=seed)


@pytest.mark.parametrize("dtype", RANGES)
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_type_shape_and_range_are_kept(dtype, channels):
    pixels = image(dtype, (channels, 20, 30))
    low, high = RANGES[dtype][0] if RANGES[dtype] else (0, 255)
    for each in alterations_for(pixels.shape):
        changed = each.of(pixels, value_range=RANGES[dtype], id="x", seed=0)
        assert (changed.dtype, changed.shape) == (pixels.dtype, pixels.shape)
        assert low <= changed.min() and changed.max() <= high
        assert not np.array_equal(changed, pixels)


def test_a_blur_spreads_a_point_by_its_strength():
    point = np.zeros((1, 41, 41), np.float32)
    point[0, 20, 20] = 1
    away = np.arange(41) - 20
    for strength in STEPS["blur"][1:]:
        spread = made("blur", strength, point)[0].astype(float)
        assert spread.sum() == pytest.approx(1, abs=1e-5)
        for axis in (0, 1):
            assert (spread.sum(axis) * away**2).sum() == pytest.approx(strength**2, rel=0.02)


def test_noise_has_the_deviation_of_its_share_of_each_channel():
    pixels = image(shape=(2, 200, 200)) * np.array([0.1, 0.5], np.float32)[:, None, None]
    noise = made("noise", 0.2, pixels) - pixels
    assert noise.mean((1, 2)) == pytest.approx(0, abs=1e-3)
    assert noise.std((1, 2)) == pytest.approx(0.2 * pixels.std((1, 2)), rel=0.02)


def test_noise_is_the_same_for_the_same_image_and_another_for_another():
    pixels = image()
    assert np.array_equal(made("noise", 0.2, pixels), made("noise", 0.2, pixels))
    assert not np.array_equal(made("noise", 0.2, pixels), made("noise", 0.2, pixels, id="y"))
    assert not np.array_equal(made("noise", 0.2, pixels), made("noise", 0.2, pixels, seed=1))
    weak, strong = (made("noise", s, pixels) - pixels for s in (0.1, 0.2))
    np.testing.assert_allclose(strong, 2 * weak, atol=1e-6)  # the same pattern, twice as strong


def test_dimming_is_towards_the_low_end_of_the_range():
    pixels = image()
    np.testing.assert_allclose(made("dimming", 0.25, pixels), -1 + 0.75 * (pixels + 1), atol=1e-6)
    grey = image("uint8")
    assert np.array_equal(made("dimming", 0.5, grey, value_range=None), np.rint(grey / 2))


def test_a_shift_moves_by_so_many_pixels_in_one_of_four_directions():
    pixels = image()
    moved = {made("shift", 3, pixels, id=str(i)).tobytes() for i in range(40)}
    inner = {
        np.roll(pixels, step, axis)[:, 3:-3, 3:-3].tobytes() for axis in (1, 2) for step in (3, -3)
    }
    assert len(moved) == 4
    shape = pixels.shape
    cut = {np.frombuffer(m, np.float32).reshape(shape)[:, 3:-3, 3:-3].tobytes() for m in moved}
    assert cut == inner


def test_a_swap_exchanges_the_first_two_channels_and_leaves_an_empty_third_one():
    pixels = image(shape=(3, 8, 8))
    pixels[2] = 0
    assert np.array_equal(made(SWAP, 1, pixels), pixels[[1, 0, 2]])
    for each in alterations_for(pixels.shape):
        assert not each.of(pixels, value_range=((0.0, 1.0),), id="x", seed=0)[2].any()


def test_there_is_no_swap_of_a_single_channel_and_large_images_move_further():
    assert SWAP not in {each.kind for each in alterations_for((1, 28, 28))}
    assert len(alterations_for((2, 28, 28))) == MOST_VERSIONS
    assert unit_of((1, 28, 28)) == 1 and unit_of((1, 512, 700)) == 8
    strengths = [each.strength for each in alterations_for((1, 512, 700)) if each.kind == "blur"]
    assert strengths == [4, 8, 16]


def test_a_source_has_every_image_in_every_version(tmp_path):
    pixels = np.stack([image("uint8", (9, 9, 2), seed=i) for i in range(5)])
    np.save(tmp_path / "a.npy", pixels)
    images = ganeval.open_images(tmp_path / "a.npy", layout="NHWC")
    kinds = [Alteration("blur", 1.0), Alteration(COPY, 1.0)]
    found = altered(images, kinds, seed=3)
    assert len(found) == 10 and found.stamp != images.stamp
    assert found.ids[:2] == tuple(version_id(kind, images.ids[0]) for kind in kinds)
    for i in range(5):
        for j, kind in enumerate(kinds):
            expected = kind.of(images.read(i), value_range=None, id=images.ids[i], seed=3)
            assert np.array_equal(found.read(2 * i + j), expected)
    assert altered(images, kinds, seed=4).stamp != found.stamp


def test_a_source_decodes_each_image_once_for_all_versions():
    reads = []

    class Counted(list):
        def __getitem__(self, index):
            reads.append(index)
            return super().__getitem__(index)

    data = Counted(image("uint8", (9, 9, 3), seed=i) for i in range(4))
    images = ganeval.open_images(data)
    reads.clear()
    source = altered(images, alterations_for((3, 9, 9)), seed=0)
    for index in range(len(source)):
        source.read(index)
    assert reads == [0, 1, 2, 3]
