import pytest
import torch
from torch import nn

from trainers._base import Task
from trainers.chance import generator
from trainers.data import DATA
from trainers.losses import LOSSES
from trainers.nets import NETS
from trainers.penalties import clip_weights, gradient_penalty, spectral_norm
from trainers.systems import CONDITIONINGS


def test_penalty_of_a_linear_critic():
    """Its gradient is its weight, wherever it is taken: the penalty is (|w| - 1)²."""
    w = torch.tensor([3.0, 4.0])
    penalty = gradient_penalty(
        lambda x: x @ w, torch.randn(5, 2), torch.randn(5, 2), generator(0, "test")
    )
    torch.testing.assert_close(penalty, torch.tensor(16.0))


def test_penalty_of_a_quadratic_critic():
    """|x|²/2 has gradient x: between 0 and 2 e₁ the mean of (2u - 1)², u uniform, is 1/3."""
    n = 20_000
    real, fake = torch.zeros(n, 3), torch.zeros(n, 3)
    real[:, 0] = 2
    penalty = gradient_penalty(lambda x: 0.5 * x.square().sum(1), real, fake, generator(0, "test"))
    assert penalty.item() == pytest.approx(1 / 3, abs=0.01)


def test_penalty_teaches_the_critic():
    """Descent on the penalty alone brings a critic's slope to 1."""
    critic = nn.Linear(2, 1, bias=False)
    nn.init.constant_(critic.weight, 2.0)
    optimizer = torch.optim.SGD(critic.parameters(), lr=0.1)
    rng = generator(0, "test")
    for _ in range(100):
        optimizer.zero_grad()
        gradient_penalty(critic, torch.randn(4, 2), torch.randn(4, 2), rng).backward()
        optimizer.step()
    assert critic.weight.norm().item() == pytest.approx(1, abs=1e-3)


def test_labels_are_mixed_with_the_image():
    """In cGAN the one-hot is part of what the penalty differentiates (as published).

    A critic that is linear in image and label has the same gradient everywhere: its weights.
    """
    task = Task(NETS["toy"], LOSSES["wgan-gp"], DATA["gaussians-rows"], noise=2, weight=0.5)
    system = CONDITIONINGS["concat"](task)
    system.d = nn.Sequential(nn.Linear(7, 1), nn.Flatten(0))
    data = DATA["gaussians-rows"].load(torch.device("cpu"))
    real, fake = (data.batch(6, seed=0, number=i) for i in (0, 1))
    seen = system.seen(real)
    assert seen.shape == (6, 7)
    assert torch.equal(seen[:, 2:].argmax(1), real.y) and (seen[:, 2:].sum(1) == 1).all()
    penalty = (system.d[0].weight.norm() - 1).square()
    bare = system.d(seen).mean() - system.d(system.seen(fake)).mean()
    found = system.d_loss(real, fake, generator(0, "test"))
    torch.testing.assert_close(found, bare + 0.5 * penalty)


@pytest.mark.parametrize("make", [lambda: nn.Linear(7, 5), lambda: nn.Conv2d(3, 6, 3)])
def test_spectral_norm_is_the_largest_singular_value(make):
    """Of a weight whose singular values are given: power iteration needs a gap to converge."""
    layer = make()
    u, _, vt = torch.linalg.svd(layer.weight.detach().flatten(1), full_matrices=False)
    values = 4.0 * 0.5 ** torch.arange(len(u))
    weight = ((u * values) @ vt[: len(u)]).view_as(layer.weight)
    layer.weight.data.copy_(weight)
    spectral_norm(layer)
    for _ in range(200):
        normed = layer.weight
    torch.testing.assert_close(normed, weight / 4, rtol=1e-4, atol=1e-6)


def test_gradient_through_spectral_norm():
    """At convergence sigma's gradient is u vᵀ, as if u and v were constants: finite differences."""
    layer = nn.Linear(4, 3, bias=False).double()
    spectral_norm(layer)
    mix = torch.randn(3, 4, dtype=torch.float64)
    weight = layer.parametrizations.weight.original
    for _ in range(300):
        value = (layer.weight * mix).sum()
    (found,) = torch.autograd.grad(value, weight)

    def of(w):
        return (w / torch.linalg.svdvals(w)[0] * mix).sum()

    expected = torch.autograd.functional.jacobian(of, weight.detach())
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-8)


def test_one_power_iteration_a_pass_in_evaluation_too():
    layer = spectral_norm(nn.Linear(6, 6)).eval()
    norm = layer.parametrizations.weight[0]
    before = norm.u.clone()
    layer(torch.zeros(1, 6))
    assert not torch.equal(before, norm.u)


def test_clipped_weights():
    net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    clip_weights(net.parameters(), 0.01)
    assert max(p.abs().max().item() for p in net.parameters()) == pytest.approx(0.01)


def test_spectral_norm_keeps_its_precision_under_autocast():
    layer = spectral_norm(nn.Conv2d(8, 16, 3))
    with torch.autocast("cpu", torch.bfloat16):
        for _ in range(200):
            normed = layer.weight
    weight = layer.parametrizations.weight.original
    largest = torch.linalg.svdvals(weight.flatten(1))[0]
    torch.testing.assert_close(normed, weight / largest, rtol=1e-4, atol=1e-6)
    assert layer.parametrizations.weight[0].u.dtype == torch.float32
