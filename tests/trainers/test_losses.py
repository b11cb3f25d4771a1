import math

import pytest
import torch
from torch.nn import functional as F

from trainers.losses import LOSSES


def test_at_equilibrium():
    """Where D cannot tell, its cross-entropy is 2 ln 2, that of the hinge 2, of a critic 0."""
    nothing = torch.zeros(4)
    expected = {
        "gan": 2 * math.log(2), "sngan": 2 * math.log(2), "lsgan": 2.0, "sngan-hinge": 2.0,
        "wgan": 0.0, "wgan-gp": 0.0,
    }  # fmt: skip
    assert set(LOSSES) == set(expected)
    for name, value in expected.items():
        assert LOSSES[name].d(nothing, nothing).item() == pytest.approx(value)


def test_gan_is_binary_cross_entropy():
    real, fake = torch.randn(7), torch.randn(7)
    one, zero = torch.ones(7), torch.zeros(7)
    d = F.binary_cross_entropy_with_logits(real, one) + F.binary_cross_entropy_with_logits(
        fake, zero
    )
    torch.testing.assert_close(LOSSES["gan"].d(real, fake), d)
    g = F.binary_cross_entropy_with_logits(fake, one)
    torch.testing.assert_close(LOSSES["gan"].g(fake), g)


@pytest.mark.parametrize("name", LOSSES)
def test_the_players_want_opposite_things(name):
    """D's loss rises and G's falls as fakes move to where D has real images."""
    loss = LOSSES[name]
    towards_real = -1.0 if name.startswith("wgan") else 1.0
    fake = torch.zeros(3, requires_grad=True)
    real = torch.full((3,), 0.5 * towards_real)
    (d,) = torch.autograd.grad(loss.d(real, fake), fake)
    (g,) = torch.autograd.grad(loss.g(fake), fake)
    assert (d * towards_real > 0).all() and (g * towards_real < 0).all()


def test_targets_of_least_squares():
    loss = LOSSES["lsgan"]
    assert loss.d(torch.ones(2), -torch.ones(2)) == 0 and loss.g(torch.ones(2)) == 0
    assert loss.d(torch.zeros(2), torch.ones(2)).item() == pytest.approx(1 + 4)
