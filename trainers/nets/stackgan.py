"""StackGAN++: images at three sizes, each drawn from the features of the one before.

Source: Zhang et al. 2018, arXiv:1710.10916, and its authors' code for birds. The largest
picture is 256 pixels wide and its first stage 64; smaller pictures leave out the layers that they
do not need.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import glu, interpolate, leaky_relu, relu

from ganeval.errors import InputError
from trainers.nets._base import Discriminator, Plan, down

TEXT = 1024
"""Size of a text's embedding."""
CODE = 128
"""Size of the code that the nets make from it."""


def stackgan(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Raises InputError: these nets take texts, which only the conditioning has."""
    raise InputError("nets 'stackgan' take texts; use conditioning 'stackgan'")


class Glu(nn.Module):
    """Gated linear unit: one half of the channels gates the other."""

    def forward(self, x: Tensor) -> Tensor:
        """Returns half as many channels."""
        return glu(x, dim=1)


class Augmenter(nn.Module):
    """Maps a text's embedding to a normal distribution of codes, so that nearby texts overlap."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(TEXT, 4 * CODE)
        orthogonal(self)

    def forward(self, text: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance, [n, 128] each."""
        mean, log_variance = glu(self.linear(text), dim=1).chunk(2, dim=1)
        return mean, log_variance


class Generator(nn.Module):
    """Maps a code [n, 128] and noise [n, z] to pictures of size/4, size/2 and size pixels.

    Args:
        noise: size z of the noise.
        size: pixels of the largest picture; 256 as published.
        channels: channels of a picture.
        width: factor on hidden channels.
    """

    def __init__(self, noise: int, size: int, channels: int, width: float) -> None:
        super().__init__()
        n = round(64 * width)
        ups = round(math.log2(size / 4 / 4))
        first = n * 2**ups
        self.start = nn.Sequential(
            nn.Linear(CODE + noise, first * 32, bias=False), nn.BatchNorm1d(first * 32), Glu()
        )
        self.first = nn.Sequential(*[_up(first >> i, first >> (i + 1)) for i in range(ups)])
        self.second, self.third = Refine(n), Refine(n // 2)
        heads = (nn.Conv2d(m, channels, 3, 1, 1, bias=False) for m in (n, n // 2, n // 4))
        self.heads = nn.ModuleList(heads)
        orthogonal(self)

    def forward(self, code: Tensor, z: Tensor) -> list[Tensor]:
        """Pictures from the smallest to the largest, in [-1, 1]."""
        small = self.first(self.start(torch.cat([code, z], dim=1)).unflatten(1, (-1, 4, 4)))
        middle = self.second(small, code)
        large = self.third(middle, code)
        levels = zip(self.heads, (small, middle, large), strict=True)
        return [torch.tanh(head(features)) for head, features in levels]


class Refine(nn.Module):
    """Maps features [n, c, h, w] and a code to [n, c/2, 2h, 2w]."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.join = _convolution(n + CODE, 2 * n, gated=True)
        self.residuals = nn.ModuleList(
            nn.Sequential(*_convolution(n, 2 * n, gated=True), *_convolution(n, n, gated=False))
            for _ in range(2)
        )
        self.up = _up(n, n // 2)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Returns twice the size and half the channels."""
        x = self.join(torch.cat([x, _everywhere(code, x)], dim=1))
        for residual in self.residuals:
            x = x + residual(x)
        larger: Tensor = self.up(x)
        return larger


class TextDiscriminator(nn.Module):
    """Is a picture of one size real, and does it fit its text? Two logits.

    Args:
        size: pixels of the picture.
        channels: channels of the picture.
        width: factor on hidden channels.
        projection: the fit is the logit of being real plus an inner product of the code with the
            picture's features, summed over places (Miyato & Koyama 2018), instead of a convolution
            over features and code together, as published. Its weights start small, because
            logits would start at 20 otherwise.
    """

    def __init__(self, size: int, channels: int, width: float, *, projection: bool) -> None:
        super().__init__()
        n = round(64 * width)
        downs = round(math.log2(size / 4))
        last = 8 * n
        # Four steps end at `last`; fewer start with more channels, more exceed it and return.
        steps = range(1 - min(downs, 4), 1 - min(downs, 4) + downs)
        widths = [channels, *(round(last * 2.0**step) for step in steps)]
        layers: list[nn.Module] = []
        for a, b in pairwise(widths):
            layers += down(a, b, norm=bool(layers))
        while widths[-1] > last:
            widths.append(widths[-1] // 2)
            layers += [nn.Conv2d(widths[-2], widths[-1], 3, 1, 1, bias=False)]
            layers += [nn.BatchNorm2d(widths[-1]), nn.LeakyReLU(0.2)]
        self.trunk = nn.Sequential(*layers)
        self.real = nn.Conv2d(last, 1, 4, 4)
        self.project = nn.Linear(CODE, last, bias=False) if projection else None
        self.join = None if projection else nn.Conv2d(last + CODE, last, 3, 1, 1, bias=False)
        self.norm = None if projection else nn.BatchNorm2d(last)
        self.fits = None if projection else nn.Conv2d(last, 1, 4, 4)
        orthogonal(self)
        if self.project is not None:
            nn.init.orthogonal_(self.project.weight, gain=1 / 16)

    def forward(self, x: Tensor, *codes: Tensor) -> tuple[Tensor, ...]:
        """Logits [n] of whether it is real, and of whether it fits each of the codes [n, 128]."""
        features = self.trunk(x)
        real: Tensor = self.real(features).flatten()
        return real, *(self._fits(features, code, real) for code in codes)

    def _fits(self, features: Tensor, code: Tensor, real: Tensor) -> Tensor:
        if self.project is not None:
            product: Tensor = self.project(code) * relu(features).sum((2, 3))
            return real + product.sum(1)
        assert self.join is not None and self.norm is not None and self.fits is not None
        joint = self.join(torch.cat([features, _everywhere(code, features)], dim=1))
        fit: Tensor = self.fits(leaky_relu(self.norm(joint), 0.2)).flatten()
        return fit


class Larger(nn.Module):
    """Doubles the size, by nearest neighbours."""

    def forward(self, x: Tensor) -> Tensor:
        """Returns the same channels at twice the size."""
        return interpolate(x, scale_factor=2, mode="nearest")


def orthogonal(net: nn.Module) -> None:
    """Initial weights: orthogonal, batch norm from N(1, 0.02), no biases."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.orthogonal_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1, 0.02)


def _convolution(n: int, m: int, *, gated: bool) -> nn.Sequential:
    convolution = nn.Conv2d(n, m, 3, 1, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(m), *([Glu()] if gated else []))


def _up(n: int, m: int) -> nn.Sequential:
    return nn.Sequential(Larger(), *_convolution(n, 2 * m, gated=True))


def _everywhere(code: Tensor, x: Tensor) -> Tensor:
    return code[:, :, None, None].expand(-1, -1, *x.shape[2:])
