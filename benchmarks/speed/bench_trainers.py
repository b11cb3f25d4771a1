"""Steps of the reference trainers beside loops written by hand, with the same nets and data."""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from benchmarks.speed.conftest import Measure
from trainers.batches import Batch, Images
from trainers.checkpoint import Run
from trainers.data import DATA
from trainers.loop import start, steps
from trainers.recipes import RECIPES

RECIPE = {
    "toy WGAN-GP": "toy-wgan-gp",
    "digits GAN": "mnist-gan",
    "yeast projection": "lin6-projection",
}
STEPS = {"toy WGAN-GP": 10, "digits GAN": 20, "yeast projection": 3}


@functools.cache
def images(shape: tuple[int, ...], n_classes: int) -> Images:
    """Noise: what is learned takes no time."""
    x = torch.randint(256, (6000, *shape), dtype=torch.uint8)
    y = torch.arange(6000) % max(n_classes, 1)
    return Images(x, y, n_classes, x[:100], y[:100])


def channels_last(net: torch.nn.Module) -> None:
    """Lays out the weights of convolutions so."""
    net.to(memory_format=torch.channels_last)


def by_trainers(
    case: str, change: Callable[[torch.nn.Module], object] | None = None
) -> Callable[[], None]:
    """The loop of a run, between two checkpoints, with changed nets."""
    run, device = Run(case, RECIPES[RECIPE[case]]), torch.device("cpu")
    data = DATA[run.recipe.data].load(device)
    state = start(run, device)
    if change is not None:
        for net in (state.system.g, state.system.d):
            change(net)
    endless = steps(state, run, data, device)

    def some() -> None:
        for _ in range(STEPS[case]):
            next(endless)

    return some


def by_hand(case: str) -> Callable[[], None]:
    """As one would write it in an afternoon: same nets, nothing else."""
    recipe = RECIPES[RECIPE[case]]
    system = start(Run(case, recipe), torch.device("cpu")).system
    g, d = system.g, system.d
    data = DATA[recipe.data].load(torch.device("cpu"))
    optimizers = [
        torch.optim.Adam(net.parameters(), lr=recipe.lr, betas=recipe.betas, fused=True)
        for net in (g, d)
    ]
    k, n = len(system.classes), recipe.batch_size

    def labelled(net: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return net(x, y) if k and net is d else net(x)

    def noise() -> tuple[torch.Tensor, torch.Tensor]:
        z, y = torch.randn(n, recipe.noise), torch.randint(max(k, 1), (n,))
        return (torch.cat([z, torch.nn.functional.one_hot(y, k)], 1) if k else z), y

    def batches() -> Iterator[Batch]:
        for number in itertools.count():
            if isinstance(data, Images):
                index = torch.randint(len(data.x), (n,))
                yield Batch(data.x[index].float() / 127.5 - 1, data.y[index])
            else:
                yield data.batch(n, seed=0, number=number)

    def run() -> None:
        real = batches()
        for _ in range(STEPS[case]):
            for _ in range(recipe.d_steps):
                x, z_y = next(real), noise()
                fake = g(z_y[0])
                a, b = labelled(d, x.x, x.y), labelled(d, fake.detach(), z_y[1])
                if recipe.loss == "wgan-gp":
                    t = torch.rand(n, 1)
                    mixed = (t * x.x + (1 - t) * fake.detach()).requires_grad_()
                    slope = torch.autograd.grad(d(mixed).sum(), mixed, create_graph=True)[0]
                    loss = a.mean() - b.mean()
                    loss = loss + recipe.weight * (slope.norm(dim=1) - 1).square().mean()
                else:
                    loss = bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))
                optimizers[1].zero_grad()
                loss.backward()
                optimizers[1].step()
            d.requires_grad_(False)
            score = labelled(d, fake, z_y[1])
            wanted = (
                score.mean() if recipe.loss == "wgan-gp" else bce(score, torch.ones_like(score))
            )
            optimizers[0].zero_grad()
            wanted.backward()
            optimizers[0].step()
            d.requires_grad_(True)

    return run


WAYS: Mapping[str, Callable[[str], Callable[[], None]]] = {
    "ganeval": by_trainers,
    "loop by hand": by_hand,
    "ganeval, channels last": functools.partial(by_trainers, change=channels_last),
    "ganeval, compiled": functools.partial(by_trainers, change=torch.nn.Module.compile),
}
FEW = ("ganeval", "loop by hand")
"""Of nets without convolutions, whose penalty needs second derivatives that are not compiled."""


@pytest.mark.parametrize(
    ("case", "way"),
    [(case, way) for case in RECIPE for way in (FEW if case == "toy WGAN-GP" else WAYS)],
)
def bench_steps(case: str, way: str, measure: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full width, the recipe's own batch."""
    recipe = RECIPES[RECIPE[case]]
    source = DATA[recipe.data]
    if len(source.shape) == 3:
        made = images(source.shape, len(source.classes))
        monkeypatch.setitem(DATA._entries, recipe.data, replace(source, load=lambda device: made))
    run = WAYS[way](case)
    measure(run, case=f"steps of {case}, {STEPS[case]}", tool=way, n=recipe.batch_size, d=0)
