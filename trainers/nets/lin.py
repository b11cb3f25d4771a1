"""DCGAN for yeast cells of 48 x 80 pixels: Osokin et al. 2017, arXiv:1708.04692."""

from torch import nn

from trainers.nets._base import Code, Discriminator, Plan, dcgan_init, down, up


def lin(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """3 x 5, 6 x 10, 12 x 20, 24 x 40 and 48 x 80 pixels; batch norm, no biases."""
    w = plan.wide(64)
    generator = nn.Sequential(
        Code(),
        *up(plan.code, 8 * w, (3, 5), stride=1, padding=0),
        *up(8 * w, 4 * w),
        *up(4 * w, 2 * w),
        *up(2 * w, w),
        nn.ConvTranspose2d(w, plan.channels, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    dcgan_init(generator)
    return generator, lin_discriminator(plan)


def lin_discriminator(plan: Plan) -> Discriminator:
    """Four convolutions that halve the picture, and one over the 3 x 5 that are left."""
    w = plan.wide(64)
    trunk = nn.Sequential(
        *down(plan.seen, w, norm=plan.norm),
        *down(w, 2 * w, norm=plan.norm),
        *down(2 * w, 4 * w, norm=plan.norm),
        *down(4 * w, 8 * w, norm=plan.norm),
    )
    net = Discriminator(trunk, nn.Conv2d(8 * w, 1, (3, 5), bias=False), 8 * w)
    dcgan_init(net)
    return net
