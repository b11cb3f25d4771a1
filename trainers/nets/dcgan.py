"""DCGAN for 32 x 32 pixels: Radford et al. 2016, arXiv:1511.06434."""

from torch import nn

from trainers.nets._base import Code, Discriminator, Plan, dcgan_init, down, up


def dcgan(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Three hidden layers each, 64 channels at the widest picture; batch norm, no biases."""
    return _generator(plan), _discriminator(plan)


def dcgan_plain(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Discriminator of twice the width and without batch norm: the thesis' GAN on MNIST."""
    return _generator(plan), _discriminator(plan.without_norm().times(2))


def _generator(plan: Plan) -> nn.Module:
    w = plan.wide(64)
    return dcgan_init(
        nn.Sequential(
            Code(),
            *up(plan.code, 4 * w, 4, stride=1, padding=0),
            *up(4 * w, 2 * w),
            *up(2 * w, w),
            nn.ConvTranspose2d(w, plan.channels, 4, 2, 1, bias=False),
            nn.Tanh(),
        )
    )


def _discriminator(plan: Plan) -> Discriminator:
    w = plan.wide(64)
    trunk = nn.Sequential(
        *down(plan.seen, w, norm=plan.norm),
        *down(w, 2 * w, norm=plan.norm),
        *down(2 * w, 4 * w, norm=plan.norm),
    )
    net = Discriminator(trunk, nn.Conv2d(4 * w, 1, 4, bias=not plan.norm), 4 * w)
    dcgan_init(net)
    return net
