"""The network of trained nets: small, residual, for any image size and channel count."""

import torch
from torch import Tensor, nn

from ganeval.arrays import Float

MIN_SIZE = 8
"""Smallest side of an image, in pixels."""


class _Residual(nn.Module):
    """Two 3x3 convolutions whose output is added to their input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu_(self.norm1(self.conv1(x)))
        return torch.relu_(self.norm2(self.conv2(y)).add_(x))


class Trunk(nn.Module):
    """Maps normalised images [n, c, h, w] to an embedding [n, dim] and logits [n, classes] or None.

    Each width is a stage: a strided 3x3 convolution that halves the image, then a residual
    block. The embedding is linear and batch-normalised without a learned scale. Every dimension
    therefore has variance 1 over the training images and is not cut off at 0, so a Gaussian fits
    it, and no dimension dominates the Fréchet distance because of its units.
    """

    def __init__(
        self, *, channels: int, widths: tuple[int, ...], dim: int, classes: int | None
    ) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        for width in widths:
            stages += [
                nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
                _Residual(width),
            ]
            channels = width
        self.stages = nn.Sequential(*stages)
        self.embed = nn.Linear(channels, dim, bias=False)
        self.norm = nn.BatchNorm1d(dim, affine=False)
        self.head = None if classes is None else nn.Linear(dim, classes)

    def forward(self, x: Float[Tensor, "n c h w"]) -> tuple[Tensor, Tensor | None]:
        """Returns the embedding, and logits if the net was trained on classes."""
        pooled = self.stages(x).mean(dim=(2, 3))
        embedding = self.norm(self.embed(pooled))
        return embedding, None if self.head is None else self.head(embedding)


def default_widths(size: tuple[int, int]) -> tuple[int, ...]:
    """Widths of the stages for images of this (height, width); larger images get more stages."""
    widths = [24, 48, 96]
    for limit, width in ((64, 16), (128, 12), (256, 8)):
        if max(size) > limit:
            widths.insert(0, width)
    return tuple(widths)


def make_trunk(
    *,
    channels: int,
    widths: tuple[int, ...],
    dim: int,
    classes: int | None,
    generator: torch.Generator,
) -> Trunk:
    """Makes a trunk with random weights from `generator`; the global generator is not used."""
    with torch.device("meta"):  # the modules' own initialisation would draw global numbers
        trunk = Trunk(channels=channels, widths=widths, dim=dim, classes=classes)
    trunk.to_empty(device="cpu").to(torch.float32)
    initialise(trunk, generator)
    for module in trunk.modules():
        if isinstance(module, _Residual):  # starts as the identity, so that depth costs nothing
            nn.init.zeros_(module.norm2.weight)
    return trunk


def initialise(net: nn.Module, generator: torch.Generator) -> None:
    """Sets random weights of `net` from `generator`, module by module, in place."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
            module.reset_running_stats()
            if module.affine:
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
