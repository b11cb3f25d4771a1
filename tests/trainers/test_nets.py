"""Parameter counts are the thesis' and its sources'; shapes are the data's."""

import pytest
import torch

from trainers._base import Task
from trainers.data import DATA
from trainers.losses import LOSSES
from trainers.nets import NETS, Plan
from trainers.systems import CONDITIONINGS


def n_parameters(net):
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(
    ("nets", "plan", "counts"),
    [
        ("toy", Plan(2, 0, 2, 2), (527_874, 527_361)),
        ("toy", Plan(2, 5, 2, 7), (530_434, 529_921)),
        ("dcgan", Plan(100, 0, 1, 1), (1_066_880, 661_376)),
        ("dcgan", Plan(100, 0, 1, 1, width=2), (3_444_480, 2_633_472)),
        ("lin", Plan(100, 0, 2, 2), (3_524_480, 2_764_160)),
        ("lin-star", Plan(100, 0, 2, 2, n_classes=6), (11_455_040, 2_764_160)),
    ],
)
def test_parameters_as_published(nets, plan, counts):
    assert tuple(map(n_parameters, NETS[nets](plan))) == counts


def test_parameters_counted_by_hand():
    """Where nothing is published: kernels by hand, layer by layer."""
    g, d = NETS["mnist-wgan"](Plan(100, 0, 1, 1))
    assert n_parameters(g) == (
        100 * 256 * 16 + 256 + 256 * 128 * 25 + 128 + 128 * 64 * 25 + 64 + 64 * 100 + 1
    )
    assert n_parameters(d) == (64 * 25 + 64 + 64 * 128 * 25 + 128 + 128 * 256 * 25 + 256 + 4096 + 1)
    g, d = NETS["cifar"](Plan(128, 0, 3, 3))
    ups = [128 * 512 * 16 + 3 * 512, 512 * 256 * 16 + 3 * 256, 256 * 128 * 16 + 3 * 128]
    assert n_parameters(g) == sum(ups) + 128 * 64 * 16 + 3 * 64 + 64 * 3 * 9 + 3
    sizes = [(3, 64, 9), (64, 128, 16), (128, 128, 9), (128, 256, 16), (256, 256, 9)]
    sizes += [(256, 512, 16), (512, 512, 9), (512, 1, 16)]
    assert n_parameters(d) == sum(n * m * k + m for n, m, k in sizes)
    g, _ = NETS["lin-separable"](Plan(100, 0, 2, 2))
    red = [(50, 256, 15), (256, 128, 16), (128, 64, 16), (64, 32, 16), (32, 1, 16)]
    norms = 4 * (256 + 128 + 64 + 32)
    assert n_parameters(g) == sum(n * m * k + 2 * n * m * k for n, m, k in red) + norms


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize(
    ("nets", "shape"),
    [
        ("dcgan", (1, 32, 32)),
        ("dcgan-plain", (1, 32, 32)),
        ("mnist-wgan", (1, 32, 32)),
        ("cifar", (3, 32, 32)),
        ("lin", (2, 48, 80)),
        ("lin-separable", (2, 48, 80)),
    ],
)
def test_shapes(nets, shape, norm):
    plan = Plan(10, 3, shape[0], shape[0] + 3, width=1 / 8, norm=norm)
    g, d = NETS[nets](plan)
    x = g(torch.randn(2, 13))
    assert x.shape == (2, *shape) and x.abs().max() <= 1
    assert d(torch.randn(2, shape[0] + 3, *shape[1:])).shape == (2,)
    assert d.trunk(torch.randn(2, shape[0] + 3, *shape[1:])).shape[1] == d.features
    norms = [m for m in d.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert bool(norms) == (norm and nets not in {"dcgan-plain", "mnist-wgan", "cifar"})


def test_red_of_a_separable_generator_depends_on_red_noise_alone():
    g, _ = NETS["lin-separable"](Plan(10, 3, 2, 2, width=1 / 8))
    g.eval()
    code = torch.randn(1, 13)
    other = code.clone()
    other[:, 5:] = torch.randn(1, 8)
    one, two = g(code), g(other)
    assert torch.equal(one[:, 0], two[:, 0]) and not torch.equal(one[:, 1], two[:, 1])


def test_classes_of_a_star_share_red_and_differ_in_green():
    task = Task(NETS["lin-star"], LOSSES["gan"], DATA["synthlin6"], noise=10, width=1 / 8)
    star = CONDITIONINGS["star"](task).eval()
    x = star.everything(torch.randn(2, 10))
    assert x.shape == (2, 6, 2, 48, 80)
    assert (x[:, :1, 0] == x[:, :, 0]).all()
    assert len({green.numpy().tobytes() for green in x[0, :, 1].detach()}) == 6
