"""What keeps a discriminator smooth: gradient penalty, spectral norm, clipped weights."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

EPSILON = 1e-12
"""Keeps the norm of a zero vector from dividing by zero."""


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, rng: torch.Generator
) -> Tensor:
    """Mean of (|gradient| - 1)² of the critic between real and fake inputs [n, …].

    Each pair of a real and a fake gets one uniformly random point between the two. Source:
    Gulrajani et al. 2017, arXiv:1704.00028.
    """
    share = torch.rand(len(real), generator=rng, device=real.device, dtype=real.dtype)
    share = share.view(-1, *[1] * (real.ndim - 1))
    between = (share * real + (1 - share) * fake.detach()).requires_grad_()
    scores = critic(between)
    (gradient,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    length: Tensor = gradient.flatten(1).norm(dim=1)
    return (length - 1).square().mean()


def clip_weights(parameters: Iterable[Tensor], size: float) -> None:
    """Cuts every parameter to [-size, size], in place: Arjovsky et al. 2017."""
    with torch.no_grad():
        for parameter in parameters:
            parameter.clamp_(-size, size)


class SpectralNorm(nn.Module):
    """Divides a weight, as a matrix [out, everything else], by its largest singular value.

    One step of power iteration per forward pass, in evaluation too; its two vectors count as
    constants for the gradient. Source: Miyato et al. 2018, arXiv:1802.05957.
    """

    u: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.register_buffer("u", torch.randn(len(weight), dtype=weight.dtype))

    def forward(self, weight: Tensor) -> Tensor:
        """The normalised weight, of the same shape."""
        matrix = weight.flatten(1)
        # Sums of products, since autocast would compute matrix products in bfloat16: 3 digits.
        with torch.no_grad():
            v = _unit((matrix * self.u[:, None]).sum(0))
            u = _unit((matrix * v).sum(1))
            self.u = u  # a new tensor: the graph of an earlier pass may hold the old one
        return weight / (matrix * v * u[:, None]).sum()


def spectral_norm(net: nn.Module) -> nn.Module:
    """Adds spectral normalisation to every convolution and linear layer of `net`, in place."""
    for layer in list(net.modules()):
        if isinstance(layer, nn.Conv2d | nn.Linear) and not parametrize.is_parametrized(layer):
            parametrize.register_parametrization(layer, "weight", SpectralNorm(layer.weight))
    return net


def _unit(vector: Tensor) -> Tensor:
    length: Tensor = vector.norm() + EPSILON
    return vector / length
