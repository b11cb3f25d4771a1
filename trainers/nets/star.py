"""A red tower that feeds a green tower per class: Osokin et al. 2017, arXiv:1708.04692."""

import torch
from torch import Tensor, nn

from trainers.nets._base import Code, Discriminator, Plan, dcgan_init, up
from trainers.nets.lin import lin_discriminator


class Star(nn.Module):
    """Maps noise [n, c] to all classes of the same cells, [n, n_classes, 2, 48, 80].

    Every green layer sees the layers below it in the red tower and in its own.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.n_red = red = plan.noise // 2
        own, sizes = plan.noise - red, [plan.wide(n) for n in (256, 128, 64, 32)]
        self.code = Code()
        self.red = nn.ModuleList(_tower([red, *sizes], sizes))
        both = [red + own, *(2 * size for size in sizes)]
        self.greens = nn.ModuleList(
            nn.ModuleList(_tower(both, sizes)) for _ in range(plan.n_classes)
        )

    def forward(self, z: Tensor) -> Tensor:
        """All classes share the red channel and the noise."""
        red, own = self.code(z).split([self.n_red, z.shape[1] - self.n_red], dim=1)
        greens = [own] * len(self.greens)
        for level, layer in enumerate(self.red):
            towers = [tower[level] for tower in self.greens]  # type: ignore[index]
            greens = [
                tower(torch.cat([red, green], dim=1))
                for tower, green in zip(towers, greens, strict=True)
            ]
            red = layer(red)
        return torch.stack([torch.cat([red, green], dim=1) for green in greens], dim=1)


def lin_star(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """The star, and a discriminator for one class."""
    generator = Star(plan)
    dcgan_init(generator)
    return generator, lin_discriminator(plan)


def _tower(inputs: list[int], outputs: list[int]) -> list[nn.Module]:
    """Layers from 1 to 48 x 80 pixels; one more, of one channel in [-1, 1], than `outputs`."""
    first = nn.Sequential(*up(inputs[0], outputs[0], (3, 5), stride=1, padding=0))
    widths = zip(inputs[1:-1], outputs[1:], strict=True)
    middle = [nn.Sequential(*up(n, m)) for n, m in widths]
    last = nn.Sequential(nn.ConvTranspose2d(inputs[-1], 1, 4, 2, 1, bias=False), nn.Tanh())
    return [first, *middle, last]
