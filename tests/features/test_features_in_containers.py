"""An array of two axes in a container is features, whatever its name."""

import numpy as np
import pytest

import ganeval
from ganeval.errors import InputError
from ganeval.features import as_features, is_feature_file

REAL, FAKE = np.random.default_rng(0).normal(size=(2, 300, 8))


def test_features_in_an_npz_score_as_in_an_npy(tmp_path):
    np.save(tmp_path / "real.npy", REAL)
    np.savez(tmp_path / "two.npz", pool_3=FAKE, reps=REAL, names=np.array(["a"]))
    as_npy = ganeval.fid(tmp_path / "real.npy", FAKE)
    as_npz = ganeval.fid(f"{tmp_path}/two.npz::reps", f"{tmp_path}/two.npz::pool_3")
    assert (as_npz.value, as_npz.interval) == (as_npy.value, as_npy.interval)
    assert is_feature_file(f"{tmp_path}/two.npz::reps")
    assert not is_feature_file(f"{tmp_path}/two.npz::names")
    assert not is_feature_file(tmp_path / "two.npz")


@pytest.mark.parametrize("name", ["reps", "arr_0", "act"])
def test_the_one_array_of_features_is_named(tmp_path, name):
    np.savez(tmp_path / "x.npz", **{name: FAKE})
    with pytest.raises(InputError, match=rf"one array of features, {name} \[300, 8\]; name it as"):
        ganeval.open_images(tmp_path / "x.npz")
    np.testing.assert_array_equal(as_features(f"{tmp_path}/x.npz::{name}").features, FAKE)


@pytest.mark.parametrize(("mean", "square"), [("m", "s"), ("mean", "cov"), ("ref_mu", "ref_sigma")])
def test_a_mean_beside_a_covariance_is_probably_statistics(tmp_path, mean, square):
    covariance = np.cov(FAKE, rowvar=False)
    np.savez(tmp_path / "x.npz", **{mean: FAKE.mean(0), square: covariance})
    with pytest.raises(InputError, match=rf"probably statistics \({mean} and {square}\)"):
        ganeval.open_images(tmp_path / "x.npz")


def test_images_beside_statistics_say_that_these_are_left_aside(tmp_path):
    pixels = np.zeros((5, 8, 8, 3), np.uint8)
    np.savez(tmp_path / "x.npz", arr_0=pixels, mu=FAKE.mean(0), sigma=np.cov(FAKE, rowvar=False))
    (note,) = ganeval.open_images(tmp_path / "x.npz").notes
    assert "leaves mu and sigma aside" in note


def test_statistics_beside_images_say_that_these_are_left_aside(tmp_path):
    pixels = np.zeros((5, 8, 8, 3), np.uint8)
    statistics = {"mu": FAKE.mean(0), "sigma": np.cov(FAKE, rowvar=False)}
    np.savez(tmp_path / "both.npz", arr_0=pixels, **statistics)
    np.savez(tmp_path / "alone.npz", **statistics)
    told = ganeval.fid(tmp_path / "both.npz", REAL)
    plain = ganeval.fid(tmp_path / "alone.npz", REAL)
    assert told.value == plain.value
    assert any("mu and sigma are taken, not the images" in text for text in told.warnings)
    assert not any("not the images" in text for text in plain.warnings)
