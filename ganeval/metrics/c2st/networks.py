"""Nets of neural classifiers: DCGAN's discriminator, stacks of small nets, the user's own."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch


def stack(width: int, seeds: list[int]) -> "torch.nn.Module":
    """[j, b, d] to [j, b]: one small net per seed."""
    sizes = (width, 64, 64, 1)

    class Stack(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            generators = [torch.Generator().manual_seed(seed) for seed in seeds]
            self.layers = torch.nn.ParameterList()
            for n_in, n_out in itertools.pairwise(sizes):
                # as PyTorch initialises a linear layer
                bound = n_in**-0.5
                for shape in ((n_in, n_out), (1, n_out)):
                    draws = [
                        torch.rand(shape, generator=g, dtype=torch.float64) for g in generators
                    ]
                    self.layers.append((2 * torch.stack(draws) - 1) * bound)

        def forward(self, x: Tensor) -> Tensor:
            for i in range(0, len(self.layers), 2):
                x = torch.baddbmm(self.layers[i + 1], x, self.layers[i])
                x = x.relu() if i + 2 < len(self.layers) else x
            return x.squeeze(2)

    return Stack()


Build = Callable[[tuple[int, ...]], "torch.nn.Module"]


def single(module: "torch.nn.Module") -> "torch.nn.Module":
    """Makes a module for [1, b, …] from one for [b, …]."""

    class Single(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.module(x[0])
            if y.numel() != len(x[0]):
                raise InputError(
                    f"the classifier gives {tuple(y.shape)} for {len(x[0])} images; wanted one "
                    "number per image"
                )
            return y.reshape(1, -1)

    return Single()


def user_module(given: Any) -> Build:
    """A function that makes a fresh net for each repeat, from a module or from such a function."""
    if not isinstance(given, torch.nn.Module):
        return lambda shape: given()

    def fresh(shape: tuple[int, ...]) -> torch.nn.Module:
        net = copy.deepcopy(given)
        for name, part in net.named_modules():
            if next(part.parameters(recurse=False), None) is None:
                continue
            if not hasattr(part, "reset_parameters"):
                raise InputError(
                    f"part {name or 'itself'!r} of the classifier cannot be initialised afresh "
                    "(no reset_parameters); give a function that makes the net"
                )
            part.reset_parameters()
        return net

    return fresh


def dcgan(shape: tuple[int, ...], *, batch_norm: bool = True, width: int = 64) -> Any:
    """DCGAN's discriminator for any size, which is halved until at most 4 pixels are left.

    Source: Radford et al. 2016, arXiv:1511.06434.
    """
    from torch import nn

    channels, height, breadth = _image_shape(shape)
    layers: list[nn.Module] = []
    out = width
    while min(height, breadth) > 4 or not layers:
        layers.append(nn.Conv2d(channels, out, 4, 2, 1, bias=not batch_norm))
        layers += [nn.BatchNorm2d(out)] * batch_norm + [nn.LeakyReLU(0.2)]
        channels, out, height, breadth = out, 2 * out, height // 2, breadth // 2
    layers.append(nn.Conv2d(channels, 1, (height, breadth), bias=not batch_norm))
    net = nn.Sequential(*layers)
    for part in net:
        if isinstance(part, nn.Conv2d):
            nn.init.normal_(part.weight, 0.0, 0.02)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.weight, 1.0, 0.02)
    return net


def _image_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    channels, height, breadth = shape
    if min(height, breadth) < 4:
        raise InputError(
            f"images of {height} x {breadth} pixels are too small for a convolutional classifier, "
            "which wants 4 x 4 at least; use classifier='logistic'"
        )
    return channels, height, breadth
