"""The contract of nets, and their initial weights."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from torch import Tensor, nn

from ganeval.registry import Registry


@dataclass(frozen=True)
class Plan:
    """Inputs, outputs and size of a pair of nets.

    Args:
        noise: random numbers that go into the generator.
        extra: further numbers that conditioning appends to them.
        channels: channels of an image, or coordinates of a point, that come out of it.
        seen: channels that go into the discriminator: an image's, and what conditioning adds.
        n_classes: number of classes, if the generator draws all of them at once.
        width: factor on the number of channels of every hidden layer.
        norm: whether the discriminator has batch norm.
    """

    noise: int
    extra: int
    channels: int
    seen: int
    n_classes: int = 0
    width: float = 1.0
    norm: bool = True

    @property
    def code(self) -> int:
        """Numbers that go into the generator."""
        return self.noise + self.extra

    def without_norm(self) -> "Plan":
        """Returns the same plan without batch norm."""
        return replace(self, norm=False)

    def times(self, factor: float) -> "Plan":
        """Returns the same plan with wider hidden layers."""
        return replace(self, width=self.width * factor)

    def wide(self, channels: int) -> int:
        """A hidden layer's channels at this width."""
        return max(1, round(channels * self.width))


class Discriminator(nn.Module):
    """Scores [n] of images: a trunk, and a head on its features.

    Args:
        trunk: [n, seen, …] to [n, features, …].
        head: [n, features, …] to one number each.
        features: channels of the trunk's output.
    """

    def __init__(self, trunk: nn.Module, head: nn.Module, features: int) -> None:
        super().__init__()
        self.trunk, self.head, self.features = trunk, head, features

    def forward(self, x: Tensor) -> Tensor:
        """Logits [n] of [n, …]."""
        scores: Tensor = self.head(self.trunk(x)).flatten()
        return scores


Build: TypeAlias = Callable[[Plan], tuple[nn.Module, Discriminator]]

NETS: Registry[Build] = Registry("nets")


def dcgan_init(net: nn.Module) -> nn.Module:
    """Draws convolutions from N(0, 0.02), batch norm from N(1, 0.02): Radford et al. 2016."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1, 0.02)
    return net


def up(
    n: int,
    m: int,
    kernel: int | tuple[int, int] = 4,
    *,
    stride: int = 2,
    padding: int = 1,
    bias: bool = False,
) -> list[nn.Module]:
    """A transposed convolution with batch norm and ReLU; by default it doubles the picture."""
    convolution = nn.ConvTranspose2d(n, m, kernel, stride, padding, bias=bias)
    return [convolution, nn.BatchNorm2d(m), nn.ReLU()]


def down(n: int, m: int, *, norm: bool) -> list[nn.Module]:
    """A convolution that halves the picture, with batch norm on request, and leaky ReLU."""
    normed = [nn.BatchNorm2d(m)] if norm else []
    return [nn.Conv2d(n, m, 4, 2, 1, bias=False), *normed, nn.LeakyReLU(0.2)]


class Code(nn.Module):
    """A code [n, c] as one pixel [n, c, 1, 1]."""

    def forward(self, code: Tensor) -> Tensor:
        """Returns the same numbers."""
        return code[:, :, None, None]
