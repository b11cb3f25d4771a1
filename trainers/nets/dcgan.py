"""DCGAN for 32 x 32 pixels: Radford et al. 2016, arXiv:1511.06434."""

from torch import nn

from trainers.nets._base import Code, Discriminator, Plan, dcgan_init, down, up


def dcgan(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Three hidden layers each, 64 channels at the widest picture; batch norm, no biases."""
    g, d = plan.wide(64), plan.wide(64)
    generator = nn.Sequential(
        Code(),
        *up(plan.code, 4 * g, 4, stride=1, padding=0),
        *up(4 * g, 2 * g),
        *up(2 * g, g),
        nn.ConvTranspose2d(g, plan.channels, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    trunk = nn.Sequential(
        *down(plan.seen, d, norm=plan.norm),
        *down(d, 2 * d, norm=plan.norm),
        *down(2 * d, 4 * d, norm=plan.norm),
    )
    head = nn.Conv2d(4 * d, 1, 4, bias=not plan.norm)
    nets = generator, Discriminator(trunk, head, 4 * d)
    for net in nets:
        dcgan_init(net)
    return nets


def dcgan_plain(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Discriminator of twice the width and without batch norm: the thesis' GAN on MNIST."""
    generator, _ = dcgan(plan)
    _, discriminator = dcgan(plan.without_norm().times(2))
    return generator, discriminator
