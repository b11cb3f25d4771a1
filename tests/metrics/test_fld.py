import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.metrics import fld
from ganeval.metrics.copies.mixture import Mixture, fitted, squared_distances


def rows(n, d=6, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def test_likelihoods_are_those_of_a_mixture_of_gaussians():
    centres, x = torch.from_numpy(rows(5, 2)), torch.from_numpy(rows(7, 2, seed=1))
    widths = torch.linspace(-1, 1, 5, dtype=torch.float64)
    each = [
        torch.distributions.MultivariateNormal(centre, torch.eye(2).double() * width.exp())
        for centre, width in zip(centres, widths, strict=True)
    ]
    density = sum(one.log_prob(x).exp() for one in each) / 5
    found = Mixture(centres, widths).log_likelihoods(x)
    torch.testing.assert_close(found, density.log())


def test_a_single_centre_gets_the_width_of_the_images_around_it():
    x = torch.from_numpy(2.5 * rows(400, 3))
    mixture = fitted(torch.zeros(1, 3, dtype=torch.float64), x)
    # The background, which is as likely as the centre's Gaussian here, takes its part.
    assert mixture.log_squared.exp().item() == pytest.approx(2.5**2, rel=0.2)


def test_the_steps_are_those_of_adam_on_the_likelihood_by_automatic_gradients():
    """The loss as its paper has it, once more, with autograd."""
    x, centres = torch.from_numpy(rows(60)), torch.from_numpy(rows(20, seed=1))
    d = x.shape[1]
    squared, middle = squared_distances(x, centres), 0.81 * (x - x.mean(0)).square().sum(1)
    width = ((squared.amin(0) + 1e-3) / d).log().requires_grad_()
    behind = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    adam, losses = torch.optim.Adam([width, behind], lr=0.5), []
    for _ in range(50):
        adam.zero_grad()
        log_densities = -0.5 * (squared / width.exp() + d * (width + np.log(2 * np.pi)))
        background = -0.5 * (middle / behind.exp() + d * (behind + np.log(2 * np.pi)))
        both = torch.cat((log_densities - np.log(20), background[:, None]), 1)
        loss = -both.logsumexp(1).mean() / d
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if len(losses) > 6 and max(abs(losses[-1] - past) for past in losses[-5:]) < 5e-4:
            break
    torch.testing.assert_close(fitted(centres, x).log_squared, width.detach())


def test_worse_fakes_score_worse_and_training_images_score_near_0():
    modes = 4 * np.eye(2, 6)
    train, held_out, good = (
        rows(n, seed=seed) + modes[np.arange(n) % 2] for seed, n in enumerate((300, 200, 150))
    )
    scores = {
        name: fld(held_out, fake, train=train).value
        for name, fake in {
            "good": good,
            "shifted": good + 0.7,
            "one mode": rows(150, seed=3) + modes[0],
            "copies": train[:150] + 1e-3 * good,
        }.items()
    }
    assert abs(scores["good"]) < 8
    assert min(scores["shifted"], scores["one mode"]) > scores["good"] + 2
    assert scores["copies"] > 10 * scores["shifted"]


def test_memorised_images_show_in_the_gap():
    train, held_out = rows(200), rows(200, seed=1)
    copies = fld(held_out, train + 1e-3, train=train).details["generalisation_gap"]
    new = fld(held_out, rows(200, seed=2), train=train).details["generalisation_gap"]
    assert copies > 100 > 10 > abs(new)


def test_no_seed_and_no_order_moves_it_and_the_gradient_state_stays():
    train, held_out, fake = rows(100), rows(80, seed=1), rows(90, seed=2)
    order = np.random.default_rng(3).permutation(100)
    before = torch.get_rng_state()
    first = fld(held_out, fake, train=train)
    again = fld(held_out[::-1], fake[::-1], train=train[order], seed=5)
    assert again.value == pytest.approx(first.value, rel=1e-9)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.is_grad_enabled()


def test_more_images_than_are_used_are_thinned(monkeypatch):
    module = __import__("sys").modules["ganeval.metrics.copies.fld"]
    monkeypatch.setattr(module, "MOST", 60)
    score = fld(rows(80, seed=1), rows(300, seed=2), train=rows(400))
    assert np.isfinite(score.value)
    assert score.details["n_train"] == 400


def test_the_missing_interval_has_its_reason_and_few_training_images_are_refused():
    score = fld(rows(80, seed=1), rows(90, seed=2), train=rows(100))
    assert score.interval is None
    assert "every width is fitted" in score.details["no_interval"]
    with pytest.raises(InputError, match="train has 3 images; give at least 4"):
        fld(rows(80, seed=1), rows(90, seed=2), train=rows(3, seed=3))
