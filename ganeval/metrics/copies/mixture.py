"""A mixture of Gaussians around given centres, each with a width of its own."""

from typing import NamedTuple

import numpy as np

from ganeval.lazy import Tensor, torch

STEPS = 50
"""Of Adam, at most."""

RATE = 0.5
"""Its learning rate."""

SETTLED = 5e-4
"""The loss per feature has moved by less than this over four steps: the fit ends."""

_LARGEST = 40.0
"""Of the logarithm of a squared width, up or down: a copy's would shrink for ever."""

_NEAREST = 1e-3
"""Added to the squared distance to the nearest image, or a copy's width would start at 0."""

_SHRUNK = 0.9
"""Of their distance to the middle, images keep this for the background."""

_ROWS = 1024
"""Images at once."""


class Mixture(NamedTuple):
    """Centres [m, d] with equal weights, and the logarithm of their squared widths [m]."""

    centres: Tensor
    log_squared: Tensor

    def log_likelihoods(self, rows: Tensor) -> Tensor:
        """[n] nats of each of rows [n, d]."""
        found = []
        for start in range(0, len(rows), _ROWS):
            squared = squared_distances(rows[start : start + _ROWS], self.centres)
            found.append(_nats(squared, self.log_squared, rows.shape[1]).logsumexp(1))
        return torch.cat(found) - float(np.log(len(self.centres)))


def fitted(centres: Tensor, rows: Tensor) -> Mixture:
    """The widths under which rows [n, d] are likeliest, found by some steps of Adam.

    While it is fitted, the mixture has one more Gaussian around the mean of the rows, of full
    weight: rows that no centre is near are its, and do not widen the others.

    Args:
        centres: [m, d].
        rows: [n, d].
    """
    n, d = rows.shape
    squared = squared_distances(rows, centres)
    middle = _SHRUNK**2 * squared_distances(rows, rows.mean(0, keepdim=True))
    log_squared = ((squared.amin(0) + _NEAREST) / d).log()
    background = log_squared.new_zeros(1)
    adam = torch.optim.Adam([log_squared, background], lr=RATE)
    losses: list[float] = []
    for _ in range(STEPS):
        total, slope, slope_of_background = 0.0, torch.zeros_like(log_squared), 0.0
        for start in range(0, n, _ROWS):
            part = slice(start, start + _ROWS)
            nats = _nats(squared[part], log_squared, d) - float(np.log(len(centres)))
            behind = _nats(middle[part], background, d)
            likelihood = torch.logaddexp(nats.logsumexp(1), behind[:, 0])
            total -= float(likelihood.sum())
            # The share of each Gaussian in a row, times how its nats grow with the width.
            slope -= (
                (nats - likelihood[:, None]).exp() * (squared[part] / log_squared.exp() - d) / 2
            ).sum(0)
            share = (behind[:, 0] - likelihood).exp()
            slope_of_background -= float(
                (share * (middle[part, 0] / background.exp() - d) / 2).sum()
            )
        log_squared.grad = slope / (n * d)
        background.grad = background.new_tensor([slope_of_background / (n * d)])
        adam.step()
        log_squared.clamp_(-_LARGEST, _LARGEST)
        loss = total / (n * d)
        if len(losses) > 5 and max(abs(loss - past) for past in losses[-4:]) < SETTLED:
            break
        losses.append(loss)
    return Mixture(centres, log_squared)


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """[n, m] of standardised rows, for which a matrix product is exact enough."""
    found = x.square().sum(1, keepdim=True) + y.square().sum(1) - 2 * x @ y.T
    return found.clamp_(min=0)


def _nats(squared: Tensor, log_squared: Tensor, d: int) -> Tensor:
    """[n, m] log density at squared distances of Gaussians of these log squared widths."""
    widths = log_squared + float(np.log(2 * np.pi))
    return -0.5 * (squared / log_squared.exp() + d * widths)
