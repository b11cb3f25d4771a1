"""Perceptrons for points in the plane: Gulrajani et al. 2017, arXiv:1704.00028."""

from torch import nn

from trainers.nets._base import Discriminator, Plan


def toy(plan: Plan) -> tuple[nn.Module, Discriminator]:
    """Three hidden layers of 512 each; PyTorch's own initial weights."""
    h = plan.wide(512)
    return (
        nn.Sequential(*_hidden(plan.code, h), nn.Linear(h, plan.channels)),
        Discriminator(nn.Sequential(*_hidden(plan.seen, h)), nn.Linear(h, 1), h),
    )


def _hidden(n: int, h: int) -> list[nn.Module]:
    return [nn.Linear(n, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU()]
