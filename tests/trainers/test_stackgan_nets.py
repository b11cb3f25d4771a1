"""Parameters counted by hand from the published layers; shapes."""

import pytest
import torch

from trainers.nets.stackgan import Augmenter, Generator, TextDiscriminator


def n_parameters(net):
    return sum(p.numel() for p in net.parameters())


def up(n, m):
    return n * 2 * m * 9 + 2 * 2 * m


def test_generator_of_256_pixels():
    with torch.device("meta"):
        net = Generator(100, 256, 3, 1.0)
    start = 228 * 32768 + 2 * 32768
    first = up(1024, 512) + up(512, 256) + up(256, 128) + up(128, 64)

    def refine(n):
        join = (n + 128) * 2 * n * 9 + 4 * n
        residual = n * 2 * n * 9 + 4 * n + n * n * 9 + 2 * n
        return join + 2 * residual + up(n, n // 2)

    heads = 27 * (64 + 32 + 16)
    assert n_parameters(net) == start + first + refine(64) + refine(32) + heads
    assert n_parameters(Augmenter()) == 1024 * 512 + 512


@pytest.mark.parametrize(
    ("size", "deeper"),
    [
        (64, []),
        (128, [(512, 1024, 16), (1024, 512, 9)]),
        (256, [(512, 1024, 16), (1024, 2048, 16), (2048, 1024, 9), (1024, 512, 9)]),
    ],
)
def test_discriminators(size, deeper):
    with torch.device("meta"):
        joint = TextDiscriminator(size, 3, 1.0, projection=False)
        projection = TextDiscriminator(size, 3, 1.0, projection=True)
    trunk = 3 * 64 * 16
    for a, b, k in [(64, 128, 16), (128, 256, 16), (256, 512, 16), *deeper]:
        trunk += a * b * k + 2 * b
    logit = 512 * 16 + 1
    assert n_parameters(joint) == trunk + 640 * 512 * 9 + 2 * 512 + 2 * logit
    assert n_parameters(projection) == trunk + logit + 128 * 512


@pytest.mark.parametrize("projection", [True, False])
def test_small_pictures(projection):
    net = Generator(10, 64, 2, 1 / 8)
    pictures = net(torch.randn(3, 128), torch.randn(3, 10))
    assert [tuple(x.shape) for x in pictures] == [(3, 2, s, s) for s in (16, 32, 64)]
    for x in pictures:
        d = TextDiscriminator(x.shape[-1], 2, 1 / 8, projection=projection)
        fits, real = d(x, torch.randn(3, 128))
        assert fits.shape == real.shape == (3,) and x.abs().max() <= 1


def test_the_text_matters_to_the_fit_alone():
    d = TextDiscriminator(16, 3, 1 / 8, projection=True).eval()
    x, code = torch.randn(2, 3, 16, 16), torch.randn(2, 128)
    real, fits, other = d(x, code, -code)
    (same,) = d(x)
    torch.testing.assert_close(fits - real, real - other)  # linear in the code
    phi = torch.stack([d.trunk(one[None]).clamp(min=0)[0].sum((1, 2)) for one in x])
    products = torch.einsum("nc,cd,nd->n", phi, d.project.weight, code)
    torch.testing.assert_close(fits, real + products)
    torch.testing.assert_close(real, same, rtol=0, atol=0)
