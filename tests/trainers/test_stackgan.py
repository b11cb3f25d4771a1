import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from ganeval.errors import InputError
from trainers._base import Task
from trainers.batches import Batch
from trainers.chance import generator
from trainers.checkpoint import Run
from trainers.data import DATA
from trainers.loop import start
from trainers.losses import LOSSES
from trainers.nets import NETS
from trainers.recipes import RECIPES
from trainers.stackgan import KL_WEIGHT, Pyramid, divergence
from trainers.systems import CONDITIONINGS
from trainers.text import embed


@pytest.fixture
def system(small_data):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        recipe = RECIPES["synthlin-stackgan"]
        return start(Run("x", recipe), torch.device("cpu")).system


def real_pictures(system, n=4):
    return system.real(Batch(torch.rand(n, 2, 64, 64) * 2 - 1, torch.arange(n)))


def test_divergence_is_that_of_normal_laws():
    """Against torch's own, and 0 for the standard normal law."""
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    law = torch.distributions.Normal(mean, (log_variance / 2).exp())
    expected = torch.distributions.kl_divergence(law, torch.distributions.Normal(0.0, 1.0)).mean()
    torch.testing.assert_close(divergence(mean, log_variance), expected)
    assert divergence(torch.zeros(2, 2), torch.zeros(2, 2)) == 0


def test_losses_by_hand(system):
    """Term by term: real, wrong and fake, fit and real, at three sizes."""
    system.eval()
    real = real_pictures(system)
    fake = system.generate(*system.draw(4, generator(0, "z")))
    own, drawn = system._law(real.y)[0], system._law(fake.y)[0]
    one, zero = torch.ones(4), torch.zeros(4)
    d_loss, g_loss = 0.0, KL_WEIGHT * divergence(*fake.law)
    for d, x, x_fake in zip(system.d, real.scales, fake.scales, strict=True):
        wrong = torch.stack([own[1], own[2], own[3], own[0]])
        terms = [(d(x, own), one, one), (d(x, wrong), zero, one), (d(x_fake, drawn), zero, zero)]
        d_loss += sum(bce(fit, a) + bce(is_real, b) for (is_real, fit), a, b in terms)
        is_real, fit = d(x_fake, drawn)
        g_loss = g_loss + bce(fit, one) + bce(is_real, one)
    torch.testing.assert_close(system.d_loss(real, fake.detach(), generator(0, "d")), d_loss)
    torch.testing.assert_close(system.g_loss(fake), g_loss)


def test_the_wrong_text_speaks_of_something_else_where_it_can(system):
    """Captions 0 to 5 speak of a to f; the next one's, or the one's after it."""
    assert system.wrong(torch.tensor([0, 1, 2, 3])).tolist() == [1, 2, 3, 0]
    assert system.wrong(torch.tensor([0, 0, 1, 2])).tolist() == [1, 1, 2, 0]
    assert system.wrong(torch.tensor([4, 4, 4])).tolist() == [4, 4, 4]


def test_the_discriminators_teach_no_text(system):
    fake = system.generate(*system.draw(4, generator(0, "z")))
    system.d_loss(real_pictures(system), fake.detach(), generator(0, "d")).backward()
    assert all(p.grad is None for p in system.g.parameters())
    system.g_loss(fake).backward()
    assert all(p.grad is not None for p in system.g.parameters())


def test_sizes(system):
    real, fake = real_pictures(system), system.generate(*system.draw(2, generator(0, "z")))
    for pyramid in (real, fake):
        assert isinstance(pyramid, Pyramid)
        assert [x.shape[-1] for x in pyramid.scales] == [16, 32, 64]
    # An even picture is even at every size.
    even = system.real(Batch(torch.full((1, 2, 64, 64), 0.25), torch.zeros(1).long()))
    assert all((x - 0.25).abs().max() < 1e-6 for x in even.scales)


def test_it_needs_captions():
    task = Task(NETS["stackgan"], LOSSES["gan"], DATA["synthlin6"])
    with pytest.raises(InputError, match="needs captions; use data like 'synthlin6-captions'"):
        CONDITIONINGS["stackgan"](task)
    task = Task(NETS["stackgan"], LOSSES["lsgan"], DATA["synthlin6-captions"])
    with pytest.raises(InputError, match="use loss 'gan' and nets 'stackgan'"):
        CONDITIONINGS["stackgan"](task)
    task = Task(NETS["stackgan"], LOSSES["gan"], DATA["synthlin6"])
    with pytest.raises(InputError, match="take texts"):
        CONDITIONINGS["none"](task)


def test_texts():
    one, same, near, far = embed(
        ["One long cell; Tea1.", "one LONG cell, Tea1", "one long cell; Arp3", "pictures of birds"]
    )
    assert np.array_equal(one, same)
    assert (one**2).mean() == pytest.approx(1, rel=1e-5)
    likeness = [float(one @ other) / 1024 for other in (near, far)]
    assert likeness[0] > 0.4 > 0.2 > abs(likeness[1])
    assert not embed([""]).any() and math.isfinite(embed(["x"]).sum())


def test_captions_are_drawn_as_often_as_real_pictures_have_them(system, monkeypatch):
    """Three of four real pictures have caption 2 and none has 1."""
    texts = replace(system.texts, drawn=np.array([2, 0, 2, 2]))
    monkeypatch.setattr(type(system), "texts", texts)
    _, y = system.draw(4000, generator(0, "captions"))
    assert set(y.tolist()) == {0, 2}
    assert 0.72 < (y == 2).float().mean() < 0.78
    assert np.bincount(system.spread(100)).tolist() == [25, 0, 75]


def test_inner_products_do_not_drown_the_other_logit_at_first(small_data):
    recipe = RECIPES["synthlin-stackgan-projection"]
    system = start(Run("x", recipe), torch.device("cpu")).system
    real = real_pictures(system, 6)
    own = system._law(real.y)[0]
    for d, x in zip(system.d, real.scales, strict=True):
        _, fit = d(x, own)
        assert fit.abs().max() < 10


def test_inner_products_do_not_teach_the_codes(small_data):
    """They would go to 0, which no inner product can change again."""
    recipe = RECIPES["synthlin-stackgan-projection"]
    system = start(Run("x", recipe), torch.device("cpu")).system
    fake = system.generate(*system.draw(6, generator(0, "codes")))
    held = replace(fake, x=fake.x.detach(), smaller=tuple(x.detach() for x in fake.smaller))
    mean, log_variance = fake.law
    (found,) = torch.autograd.grad(system.g_loss(held), mean, retain_graph=True)
    (pull,) = torch.autograd.grad(KL_WEIGHT * divergence(mean, log_variance), mean)
    torch.testing.assert_close(found, pull)
