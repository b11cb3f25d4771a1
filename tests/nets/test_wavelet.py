import numpy as np
import pytest
import torch

from ganeval.metrics import fid
from ganeval.nets import load_card, load_net
from ganeval.nets.wavelet import _levels_of, _split

NET = load_net("wavelet")


def features(images):
    return NET(torch.as_tensor(images, dtype=torch.float32)).features.numpy()


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def blurred(images):
    kernel = torch.ones(1, 1, 5, 5) / 25
    return torch.nn.functional.conv2d(torch.from_numpy(images), kernel, padding=2).numpy()


def test_a_level_has_the_energy_of_its_pixels():
    x = torch.from_numpy(noise(2, 3, 20, 30)).double()
    for apart in (1, 4):
        means, details = _split(x, apart)
        energy = means.square() + sum(each.square() for each in details)
        corners = [
            x[..., a : 20 - apart + a, b : 30 - apart + b] for a in (0, apart) for b in (0, apart)
        ]
        torch.testing.assert_close(energy, sum(each.square() for each in corners) / 4)


@pytest.mark.parametrize(("side", "levels"), [(1, 0), (2, 1), (8, 2), (28, 3), (64, 5), (99, 5)])
def test_larger_images_have_more_levels(side, levels):
    assert _levels_of(side, side + 3) == levels
    rows = features(noise(2, 2, side, side + 3)).shape
    per_channel = 2 + 6 * levels + 3 * levels * (levels - 1) // 2
    assert rows == (2, 2 * per_channel + levels)


def test_the_first_level_is_differences_of_neighbours():
    image = noise(1, 1, 12, 9)
    x = image[0, 0].astype(np.float64)
    found = features(image)[0]
    a, b, c, d = x[:-1, :-1], x[:-1, 1:], x[1:, :-1], x[1:, 1:]
    details = [c + d - a - b, b + d - a - c, a + d - b - c]
    expected = [x.mean(), x.std()]
    expected += [np.abs(each / 4).mean() for each in details]
    expected += [((each / 4) ** 2).mean() ** 0.5 for each in details]
    assert found[:8] == pytest.approx(np.array(expected), rel=1e-6)


def test_a_flat_image_has_its_level_and_nothing_else():
    found = features(np.full((1, 3, 32, 32), 0.25, np.float32))[0]
    assert found[:3] == pytest.approx(0.25)
    assert (found[3:] == 0).all()


def test_where_an_object_lies_does_not_matter():
    image = np.zeros((1, 1, 160, 160), np.float32)
    image[0, 0, 70:90, 60:80] = noise(20, 20)
    np.testing.assert_allclose(
        features(np.roll(image, (7, -4), (2, 3))), features(image), rtol=1e-5, atol=1e-7
    )


def test_channels_correlate_as_they_are_made():
    x = noise(4, 1, 32, 32)
    other = noise(4, 1, 32, 32, seed=1)
    found = features(np.concatenate((x, 0.5 * x + 0.1, 1 - x, other), 1))
    levels = _levels_of(32, 32)
    assert levels == 4
    per_level = found[:, 8 + 24 : 8 + 24 + 36 + 6][:, -6:]  # of the first level
    assert per_level[:, :3].mean(0) == pytest.approx([1, -1, 0], abs=0.1)


def test_the_batch_moves_nothing_and_any_number_of_channels_will_do():
    for channels in (1, 2, 5):
        x = noise(6, channels, 24, 24)
        assert np.array_equal(features(x)[2:3], features(x[2:3]))
    assert load_card("wavelet").channels is None


def test_smoother_images_of_the_same_brightness_are_far_away():
    x, y = noise(150, 1, 16, 16), noise(150, 1, 16, 16, seed=1)
    rows = {
        name: features(images) for name, images in {"x": x, "y": y, "smooth": blurred(y)}.items()
    }
    same = fid(rows["x"], rows["y"]).value
    assert fid(rows["x"], rows["smooth"]).value > 30 * same
