import numpy as np
import pytest
import torch

from ganeval.nets import feature_names, feature_words, load_card, load_net

NET = load_net("texture")


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def features(images):
    """{name: [n]} of images [n, c, h, w]."""
    images = np.asarray(images, np.float32)
    rows = NET(torch.from_numpy(images)).features.numpy()
    names = feature_names(NET.card, images.shape[1])
    assert rows.shape == (len(images), len(names))
    return dict(zip(names, rows.T, strict=True))


def wave(period, *, axis=1, size=128, amplitude=0.2):
    x = np.arange(size) - size / 2
    line = 0.5 + amplitude * np.sin(2 * np.pi * (x + 0.25) / period)
    image = np.broadcast_to(line, (size, size))
    return (image if axis == 1 else image.T)[None, None]


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_every_column_has_a_name_and_words_about_its_channels(channels):
    names = feature_names(NET.card, channels)
    words = feature_words(load_card("texture"), channels)
    assert len(names) == len(words) == 23 * channels + 3 * channels * (channels - 1) // 2
    for name, word in zip(names, words, strict=True):
        where = name.partition(".")[0]
        assert where == "_".join(f"ch{c}" for c in word.channels)
        assert all(f"{{{i}}}" in word.name for i in range(len(word.channels)))


def test_intensity_is_that_of_numpy():
    images = noise(3, 2, 17, 30)
    images[0, 0, :4] = 0
    images[1, 1, :2] = 1
    found = features(images)
    flat = images.astype(np.float64).reshape(3, 2, -1)
    for c in range(2):
        assert found[f"ch{c}.mean"] == pytest.approx(flat[:, c].mean(1))
        assert found[f"ch{c}.spread"] == pytest.approx(flat[:, c].std(1))
        for q in (5, 25, 50, 75, 95):
            assert found[f"ch{c}.q{q:02}"] == pytest.approx(np.percentile(flat[:, c], q, axis=1))
    assert found["ch0.black"] == pytest.approx([4 / 17, 0, 0])
    assert found["ch1.white"] == pytest.approx([0, 2 / 17, 0])
    correlation = [np.corrcoef(a, b)[0, 1] for a, b in flat]
    assert found["ch0_ch1.pearson"] == pytest.approx(correlation)
    assert found["ch0_ch1.difference"] == pytest.approx(flat[:, 0].mean(1) - flat[:, 1].mean(1))


@pytest.mark.parametrize(("period", "band"), [(3, 2), (6, 4), (11, 8), (22, 16)])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_wave_is_in_the_band_of_its_period_with_its_size(period, band, axis):
    found = features(wave(period, axis=axis))
    sizes = {p: float(found[f"ch0.detail_{p}"][0]) for p in (2, 4, 8, 16)}
    assert sizes.pop(band) == pytest.approx(0.2 / 2**0.5, rel=0.05)
    assert max(sizes.values()) < 0.02
    assert found["ch0.direction"][0] == pytest.approx(1 if axis else -1)


def test_smoothing_makes_the_spectrum_steeper():
    kernel = torch.ones(1, 1, 3, 3) / 9
    smooth = torch.nn.functional.conv2d(torch.from_numpy(noise(4, 1, 66, 66)), kernel).numpy()
    rough, soft = features(noise(4, 1, 64, 64)), features(smooth)
    assert (soft["ch0.detail_2"] < 0.5 * rough["ch0.detail_2"]).all()
    assert (soft["ch0.slope"] > rough["ch0.slope"] + 0.3).all()


@pytest.mark.parametrize("period", [2, 4])
def test_a_pattern_that_upsampling_left_has_its_size(period):
    rng = np.random.default_rng(0)
    pattern = rng.normal(0, 0.1, (period, period))
    pattern -= pattern.mean()
    image = 0.5 + np.tile(pattern, (40 // period, 40 // period))
    found = features(image[None, None])
    assert found[f"ch0.grid_{period}"][0] == pytest.approx(pattern.std(), rel=1e-5)
    plain = features(noise(1, 1, 40, 40))
    assert plain["ch0.grid_2"][0] < 0.02


def test_layout_says_where_it_is_bright():
    image = np.zeros((4, 1, 16, 24), np.float32)
    image[0, :, :, 12:] = 1
    image[1, :, 8:] = 1
    image[2, :, 4:12, 6:18] = 1
    found = features(image)
    assert found["ch0.across"] == pytest.approx([1, 0, 0, 0])
    assert found["ch0.down"] == pytest.approx([0, 1, 0, 0])
    assert found["ch0.centre"] == pytest.approx([0, 0, 1, 0])
    assert found["ch0.unevenness"] == pytest.approx([0.5, 0.5, 3**0.5 / 4, 0])


def test_channels_that_are_shifted_agree_less_in_detail_than_in_the_large():
    one = noise(2, 1, 40, 40)
    found = features(np.concatenate([one, np.roll(one, 1, 3)], axis=1))
    assert (np.abs(found["ch0_ch1.detail"]) < 0.3).all()
    same = features(np.concatenate([one, 0.5 * one + 0.1], axis=1))
    assert same["ch0_ch1.detail"] == pytest.approx(1)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2), (28, 28)])
def test_a_flat_or_tiny_image_has_figures_and_they_are_finite(size):
    found = features(np.full((2, 2, *size), 0.25))
    flat = {"mean", "q05", "q25", "q50", "q75", "q95"}
    for name, values in found.items():
        assert values == pytest.approx(0.25 if name.partition(".")[2] in flat else 0, abs=1e-6), (
            name
        )
    assert all(np.isfinite(values).all() for values in features(noise(2, 2, *size)).values())


def test_rows_do_not_depend_on_the_batch():
    images = torch.from_numpy(noise(6, 3, 20, 20))
    whole = NET(images).features
    assert torch.equal(whole[2:3], NET(images[2:3]).features)
