"""What discriminator and generator minimise: functions of raw logits [n]."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import relu, softplus

from ganeval.registry import Registry


@dataclass(frozen=True)
class Loss:
    """Losses of both nets, and what they need.

    Args:
        d: discriminator's loss of real and fake logits.
        g: generator's loss of fake logits.
        penalty: whether the norm of the critic's gradient is kept near 1.
        clip: largest size of a critic's parameter; None leaves them free.
        norm: whether discriminators may use batch norm.
        spectral: whether their weights are divided by their spectral norm.
        floor: lowest useful loss of a discriminator; below it training has failed.
    """

    d: Callable[[Tensor, Tensor], Tensor]
    g: Callable[[Tensor], Tensor]
    penalty: bool = False
    clip: float | None = None
    norm: bool = True
    spectral: bool = False
    floor: float | None = None


def gan_d(real: Tensor, fake: Tensor) -> Tensor:
    """Cross-entropy with labels 1 and 0. Source: Goodfellow et al. 2014, arXiv:1406.2661."""
    return softplus(-real).mean() + softplus(fake).mean()


def gan_g(fake: Tensor) -> Tensor:
    """Non-saturating loss for `gan_d`: fakes should be classified as real."""
    return softplus(-fake).mean()


def least_squares_d(real: Tensor, fake: Tensor) -> Tensor:
    """Targets +1 and -1. Source: Mao et al. 2017, arXiv:1611.04076."""
    return (real - 1).square().mean() + (fake + 1).square().mean()


def least_squares_g(fake: Tensor) -> Tensor:
    """Target +1 for fakes, as for real images."""
    return (fake - 1).square().mean()


def wasserstein_d(real: Tensor, fake: Tensor) -> Tensor:
    """The critic is low on real images. Source: Arjovsky et al. 2017, arXiv:1701.07875."""
    return real.mean() - fake.mean()


def wasserstein_g(fake: Tensor) -> Tensor:
    """The critic should be low on fakes too."""
    return fake.mean()


def hinge_d(real: Tensor, fake: Tensor) -> Tensor:
    """Logits beyond ±1 gain nothing. Source: Miyato et al. 2018, arXiv:1802.05957."""
    return relu(1 - real).mean() + relu(1 + fake).mean()


def hinge_g(fake: Tensor) -> Tensor:
    """The generator's side of `hinge_d`."""
    return -fake.mean()


LOSSES: Registry[Loss] = Registry("loss")
LOSSES.add("gan", Loss(gan_d, gan_g, floor=1e-6))
LOSSES.add("lsgan", Loss(least_squares_d, least_squares_g, floor=1e-6))
LOSSES.add("wgan", Loss(wasserstein_d, wasserstein_g, clip=0.01))
LOSSES.add("wgan-gp", Loss(wasserstein_d, wasserstein_g, penalty=True, norm=False))
LOSSES.add("sngan", Loss(gan_d, gan_g, spectral=True, floor=1e-6))
LOSSES.add("sngan-hinge", Loss(hinge_d, hinge_g, spectral=True, norm=False))  # 0 is fine
