"""SN-GAN for 32 x 32 colour pixels: Miyato et al. 2018, arXiv:1802.05957, its standard nets."""

from torch import nn

from trainers.nets._base import Code, Discriminator, Plan, dcgan_init, up


def cifar(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Seven convolutions in the discriminator, without batch norm whatever the loss."""
    w = plan.wide(64)
    generator = nn.Sequential(
        Code(),
        *up(plan.code, 8 * w, 4, stride=1, padding=0, bias=True),
        *up(8 * w, 4 * w, bias=True),
        *up(4 * w, 2 * w, bias=True),
        *up(2 * w, w, bias=True),
        nn.ConvTranspose2d(w, plan.channels, 3, 1, 1),
        nn.Tanh(),
    )
    trunk = nn.Sequential(
        *_step(plan.seen, w, 3),
        *_step(w, 2 * w, 4),
        *_step(2 * w, 2 * w, 3),
        *_step(2 * w, 4 * w, 4),
        *_step(4 * w, 4 * w, 3),
        *_step(4 * w, 8 * w, 4),
        *_step(8 * w, 8 * w, 3),
    )
    nets = generator, Discriminator(trunk, nn.Conv2d(8 * w, 1, 4), 8 * w)
    for net in nets:
        dcgan_init(net)
    return nets


def _step(n: int, m: int, kernel: int) -> list[nn.Module]:
    """A kernel of 4 halves the picture, one of 3 keeps it."""
    return [nn.Conv2d(n, m, kernel, 1 if kernel == 3 else 2, 1), nn.LeakyReLU(0.1)]
