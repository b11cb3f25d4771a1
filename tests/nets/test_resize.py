import numpy as np
import pytest
import torch
from PIL import Image

from ganeval.nets._resize import RESIZERS, clean, tensorflow1


@pytest.mark.parametrize("name", list(RESIZERS))
@pytest.mark.parametrize("size", [(5, 4), (20, 9), (7, 30)])
def test_a_flat_image_stays_flat(name, size):
    x = torch.full((2, 3, 10, 12), 0.4)  # 102 of 255
    torch.testing.assert_close(RESIZERS[name](x, size), torch.full((2, 3, *size), 0.4))


@pytest.mark.parametrize("name", list(RESIZERS))
def test_the_same_size_is_the_same_image(name):
    x = torch.randint(256, (2, 3, 11, 11), generator=torch.Generator().manual_seed(0)) / 255
    torch.testing.assert_close(RESIZERS[name](x, (11, 11)), x)


def test_tensorflow1_reads_at_multiples_of_the_scale():
    rng = np.random.default_rng(0)
    x = rng.random((6, 5))
    height, width = 9, 13

    def at(i, j):
        y, z = i * 6 / height, j * 5 / width
        a, b = int(y), int(z)
        c, d = min(a + 1, 5), min(b + 1, 4)
        top = x[a, b] + (x[a, d] - x[a, b]) * (z - b)
        bottom = x[c, b] + (x[c, d] - x[c, b]) * (z - b)
        return top + (bottom - top) * (y - a)

    expected = [[at(i, j) for j in range(width)] for i in range(height)]
    found = tensorflow1(torch.from_numpy(x).float()[None, None], (height, width))
    np.testing.assert_allclose(found[0, 0], expected, atol=1e-5)


def test_clean_is_pillows_bicubic_within_the_range():
    rng = np.random.default_rng(0)
    x = (rng.random((1, 2, 8, 8)) > 0.5).astype(np.float32)  # sharp edges overshoot
    found = clean(torch.from_numpy(x), (20, 24))
    assert (found.min(), found.max()) == (0, 1)
    for channel, out in zip(x[0], found[0], strict=True):
        with Image.fromarray(channel) as pillow:
            expected = np.asarray(pillow.resize((24, 20), Image.Resampling.BICUBIC))
        np.testing.assert_allclose(out, expected.clip(0, 1), atol=1e-6)


@pytest.mark.parametrize("name", ["pillow-bicubic", "square-pillow-bicubic"])
def test_eight_bit_bicubic_is_pillows_of_the_colour_image(name):
    image = np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8)
    seen = image if name == "pillow-bicubic" else image[:, 2:11]
    with Image.fromarray(seen) as pillow:
        expected = np.asarray(pillow.resize((6, 20), Image.Resampling.BICUBIC))
    x = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
    found = RESIZERS[name](x, (20, 6))[0].permute(1, 2, 0) * 255
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_bicubic_with_a_filter_overshoots_unclipped():
    x = (torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    found = RESIZERS["bicubic-antialias"](x, (20, 20))
    assert found.min() < -0.01 and found.max() > 1.01
    torch.testing.assert_close(found.clamp(0, 1), clean(x, (20, 20)), atol=0.02, rtol=0)
