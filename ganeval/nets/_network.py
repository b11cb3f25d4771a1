"""The architecture of trained nets: a small residual network for any size and channel count."""

import math
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from ganeval.arrays import Float
from ganeval.errors import NetError
from ganeval.nets._base import Card, NetOutput
from ganeval.nets._weights import read_weights

MIN_SIZE = 8
"""Smallest side of an image, in pixels."""


class _Residual(nn.Module):
    """Two 3x3 convolutions around which the input also passes unchanged."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(x + self.norm2(self.conv2(y)))


class Trunk(nn.Module):
    """Normalised images [n, c, h, w] to an embedding [n, dim] and logits [n, classes] or None.

    Each width is a stage: a strided 3x3 convolution that halves the image, then a residual
    block. The embedding is linear, and batch-normalised without a scale of its own: every
    dimension has variance 1 over the training images and none is cut off at 0, so that a
    Gaussian fits it and no dimension rules the Fréchet distance by its units.
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
                nn.ReLU(),
                _Residual(width),
            ]
            channels = width
        self.stages = nn.Sequential(*stages)
        self.embed = nn.Linear(channels, dim, bias=False)
        self.norm = nn.BatchNorm1d(dim, affine=False)
        self.head = None if classes is None else nn.Linear(dim, classes)

    def forward(self, x: Float[Tensor, "n c h w"]) -> tuple[Tensor, Tensor | None]:
        """The embedding, and the logits where the net was trained on classes."""
        pooled = self.stages(x).mean(dim=(2, 3))
        embedding = self.norm(self.embed(pooled))
        return embedding, None if self.head is None else self.head(embedding)


def default_widths(size: tuple[int, int]) -> tuple[int, ...]:
    """Widths of the stages for images of this (height, width): deeper for larger images."""
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
    """A trunk with random weights from `generator`; the global generator is not used."""
    with torch.device("meta"):  # the modules' own initialisation would draw global numbers
        trunk = Trunk(channels=channels, widths=widths, dim=dim, classes=classes)
    trunk.to_empty(device="cpu").to(torch.float32)
    initialise(trunk, generator)
    for module in trunk.modules():
        if isinstance(module, _Residual):  # starts as the identity, so that depth costs nothing
            nn.init.zeros_(module.norm2.weight)
    return trunk


def initialise(net: nn.Module, generator: torch.Generator) -> None:
    """Random weights of `net` from `generator`, module by module; in place."""
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


def channels_last(trunk: Trunk) -> None:
    """Lays filters out channels last, which makes a CPU half as fast again; in place."""
    for parameter in trunk.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def normalisation(card: Card, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation [c, 1, 1] of the training images' values in [0, 1]."""
    pair = []
    for key, least in (("mean", -math.inf), ("std", 0.0)):
        values = card.options.get(key)
        sound = (
            isinstance(values, list | tuple)
            and len(values) == card.channels
            and all(isinstance(v, int | float) and v > least for v in values)
        )
        if not sound:
            raise NetError(
                f"net {card.name!r} has options.{key} {values!r}, wanted one number for each of "
                f"its {card.channels} channels; its card is broken, get it again"
            )
        numbers = torch.tensor(values, dtype=torch.float32, device=device)
        pair.append(numbers.reshape(-1, 1, 1))
    return pair[0], pair[1]


def build(card: Card, *, device: torch.device | str) -> Callable[[Tensor], NetOutput]:
    """The net of `card` with its weights, in evaluation mode; see `ganeval.nets.load_net`."""
    widths = card.options.get("widths")
    sound = (
        isinstance(widths, list | tuple)
        and 1 <= len(widths) <= 10
        and all(isinstance(w, int) and 1 <= w <= 4096 for w in widths)
    )
    if not sound or card.channels is None or card.dim is None:
        raise NetError(
            f"net {card.name!r} has architecture 'trunk' but not its channels, dim and "
            "options.widths; its card is broken, get it again"
        )
    mean, std = normalisation(card, device)
    with torch.device("meta"):
        trunk = Trunk(
            channels=card.channels,
            widths=tuple(cast(list[int], widths)),
            dim=card.dim,
            classes=None if card.classes is None else len(card.classes),
        )
    try:
        trunk.load_state_dict(read_weights(card), assign=True)
    except RuntimeError as error:
        problem = str(error).splitlines()[-1].strip()
        raise NetError(
            f"the weights of net {card.name!r} do not fit its card ({problem}); export both again"
        ) from None
    trunk.to(device, torch.float32).eval().requires_grad_(False)
    channels_last(trunk)

    def net(images: Tensor) -> NetOutput:
        embedding, logits = trunk((images - mean) / std)
        return NetOutput(embedding, logits)

    return net
