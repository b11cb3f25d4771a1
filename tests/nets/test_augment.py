import numpy as np
import pytest

from ganeval.nets.training._augment import Augmentation, intensities, take

IMAGES = np.arange(3 * 2 * 20 * 30, dtype=np.uint16).reshape(3, 2, 20, 30)
INDEX = np.array([2, 0, 2, 1])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_without_changes_images_are_as_they_were():
    same = take(IMAGES, INDEX, Augmentation(flips=False, shift=0.0), rng())
    assert same.dtype == np.uint16
    assert (same == IMAGES[INDEX]).all()


def test_flips_are_all_four_mirror_images_and_nothing_else():
    flips = take(IMAGES, np.zeros(200, int), Augmentation(shift=0.0), rng())
    image = IMAGES[0]
    views = [image, image[:, ::-1], image[:, :, ::-1], image[:, ::-1, ::-1]]
    counts = [sum((flip == view).all() for flip in flips) for view in views]
    assert sum(counts) == 200
    assert min(counts) > 25


def test_scenes_with_an_up_are_flipped_left_right_only():
    how = Augmentation(flips="left-right", shift=0.0)
    flips = take(IMAGES, np.zeros(50, int), how, rng())
    image = IMAGES[0]
    kept, flipped = ((flips == view).all(axis=(1, 2, 3)) for view in (image, image[:, :, ::-1]))
    assert (kept ^ flipped).all()
    assert kept.any() and flipped.any()


def test_shifts_reach_as_far_as_said_and_repeat_the_border():
    shifted = take(IMAGES, np.zeros(300, int), Augmentation(flips=False, shift=0.1), rng())
    rows = {tuple(x[0, :, 15] // 30) for x in shifted}
    expected = {tuple(np.clip(np.arange(20) + s, 0, 19)) for s in range(-2, 3)}
    assert rows == expected


def test_no_flips_where_they_change_the_class():
    digits = take(IMAGES, np.zeros(50, int), Augmentation(flips=False, shift=0.1), rng())
    assert (np.diff(digits.astype(int), axis=3) >= 0).all()


def test_intensities_stay_within_their_reach():
    gain, offset = intensities(500, 2, Augmentation(jitter=0.2), rng())
    assert gain.shape == offset.shape == (500, 2, 1, 1)
    assert gain.dtype == np.float32
    assert 0.8 <= gain.min() < 0.81 and 1.19 < gain.max() <= 1.2
    assert abs(offset).max() == pytest.approx(0.2, abs=0.01)


def test_the_generator_decides():
    how = Augmentation()
    assert (take(IMAGES, INDEX, how, rng()) == take(IMAGES, INDEX, how, rng())).all()
    assert (take(IMAGES, INDEX, how, rng(1)) != take(IMAGES, INDEX, how, rng(2))).any()
