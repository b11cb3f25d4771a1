"""Red first, then green: a generator whose red channel depends only on half of the noise.

Source: Osokin et al. 2017, arXiv:1708.04692.
"""

import torch
from torch import Tensor, nn

from ganeval.errors import InputError
from trainers.nets._base import Code, Discriminator, Plan, dcgan_init
from trainers.nets.lin import lin_discriminator


class Separable(nn.Module):
    """A transposed convolution: red outputs see only red inputs, green outputs see all inputs.

    Args:
        red: red channels in and out.
        green: green channels in and out.
        kernel: kernel size; the size of the first picture for the first layer.
        stride: 1 for the first layer; 2 doubles the picture.
        padding: 0 for the first layer.
    """

    def __init__(
        self,
        red: tuple[int, int],
        green: tuple[int, int],
        kernel: int | tuple[int, int] = 4,
        stride: int = 2,
        padding: int = 1,
    ) -> None:
        super().__init__()
        self.n_red = red[0]
        how = {"kernel_size": kernel, "stride": stride, "padding": padding}
        self.red = nn.ConvTranspose2d(red[0], red[1], bias=False, **how)  # type: ignore[arg-type]
        self.green = nn.ConvTranspose2d(
            red[0] + green[0],
            green[1],
            bias=False,
            **how,  # type: ignore[arg-type]
        )

    def forward(self, x: Tensor) -> Tensor:
        """Red channels come first, in and out."""
        return torch.cat([self.red(x[:, : self.n_red]), self.green(x)], dim=1)


def lin_separable(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Half of the noise and of every layer is red; only green sees what conditioning adds."""
    if plan.channels != 2:
        raise InputError(f"separable nets draw a red and a green channel, not {plan.channels}")
    red, sizes = plan.noise // 2, [plan.wide(256), plan.wide(128), plan.wide(64), plan.wide(32), 1]
    green = plan.code - red
    layers: list[nn.Module] = [Code()]
    for number, size in enumerate(sizes):
        first, last = number == 0, number == len(sizes) - 1
        how = ((3, 5), 1, 0) if first else (4, 2, 1)
        layers.append(Separable((red, size), (green, size), *how))
        layers += [nn.Tanh()] if last else [nn.BatchNorm2d(2 * size), nn.ReLU()]
        red = green = size
    generator = nn.Sequential(*layers)
    dcgan_init(generator)
    return generator, lin_discriminator(plan)
