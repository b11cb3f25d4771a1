"""The head of a projection discriminator: Miyato & Koyama 2018, arXiv:1802.05637."""

from torch import Tensor, nn
from torch.nn.functional import relu

from trainers.nets._base import Discriminator


class Projected(nn.Module):
    """A trunk, and inner products of its features with one vector per class.

    Args:
        d: discriminator that gives the trunk.
        n_classes: number of vectors.
        unconditional: adds a linear score of the features alone, which are then rectified, as
            published; without it they are not rectified, as in the thesis' code.
    """

    def __init__(self, d: Discriminator, n_classes: int, *, unconditional: bool) -> None:
        super().__init__()
        self.trunk = d.trunk
        self.embed = nn.Linear(n_classes, d.features, bias=False)
        self.psi = nn.Linear(d.features, 1) if unconditional else None
        if self.psi is not None:
            for layer in (self.embed, self.psi):
                nn.init.xavier_uniform_(layer.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Logits [n]."""
        phi = self.trunk(x)
        if self.psi is not None:
            phi = relu(phi)
        if phi.ndim > 2:
            phi = phi.flatten(2).sum(2)
        fit: Tensor = (phi * self.embed.weight.T[y]).sum(1)
        if self.psi is not None:
            fit = fit + self.psi(phi)[:, 0]
        return fit
