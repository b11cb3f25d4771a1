"""Nets without batch norm for digits of 32 x 32 pixels, as trained under a gradient penalty."""

from torch import nn

from trainers.nets._base import Code, Discriminator, Plan


def mnist_wgan(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """4, 8, 12 and 32 pixels in the generator; three convolutions of 5 in the critic."""
    w = plan.wide(64)
    generator = nn.Sequential(
        Code(),
        nn.ConvTranspose2d(plan.code, 4 * w, 4),
        nn.ReLU(),
        nn.ConvTranspose2d(4 * w, 2 * w, 5),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * w, w, 5),
        nn.ReLU(),
        nn.ConvTranspose2d(w, plan.channels, 10, 2),
        nn.Tanh(),
    )
    trunk = nn.Sequential(
        nn.Conv2d(plan.seen, w, 5, 2, 2),
        nn.ReLU(),
        nn.Conv2d(w, 2 * w, 5, 2, 2),
        nn.ReLU(),
        nn.Conv2d(2 * w, 4 * w, 5, 2, 2),
        nn.ReLU(),
    )
    head = nn.Sequential(nn.Flatten(), nn.Linear(4 * w * 16, 1))
    return generator, Discriminator(trunk, head, 4 * w)
