import numpy as np
import pytest
import torch
from PIL import Image

from ganeval.nets._resize import RESIZERS, clean, tensorflow1


@pytest.mark.parametrize("name", list(RESIZERS))
@pytest.mark.parametrize("size", [(5, 4), (20, 9), (7, 30)])
def test_a_flat_image_stays_flat(name, size):
    x = torch.full((2, 3, 10, 12), 0.3)
    torch.testing.assert_close(RESIZERS[name](x, size), torch.full((2, 3, *size), 0.3))


@pytest.mark.parametrize("name", list(RESIZERS))
def test_the_same_size_is_the_same_image(name):
    x = torch.rand(2, 3, 10, 12, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(RESIZERS[name](x, (10, 12)), x)


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
