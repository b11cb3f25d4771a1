"""Realism of single images: how deep they lie in the balls of reals."""

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.lazy import torch
from ganeval.metrics.pairs.distances import pair
from ganeval.metrics.pairs.neighbours import nearest
from ganeval.metrics.spine import taken

K = 3
"""Neighbours that the ball of a real reaches to, as published."""


def realism(real: Array, fake: Array) -> np.ndarray:
    """[m] of each fake, the largest ratio of a real's ball to the fake's distance from that real.

    From 1 on the fake is inside one of the balls. Only the smaller half of them count, which no
    outlier makes. Infinite for a copy of a real.

    Args:
        real: [n, d], n > 3.
        fake: [m, d].

    Source: Kynkäänniemi et al. 2019, arXiv:1904.06991, section 5.
    """
    with torch.no_grad():
        own = nearest(real, None, K).squared[:, K - 1]
        n = len(own)
        middle = own.sort().values[[(n - 1) // 2, n // 2]].sqrt().mean()
        small = (own.sqrt() <= middle).nonzero().flatten()
        x, y = pair(taken(real, to_numpy(small)), fake)
        squared_radii = own[small].to(x.device) * x.scale**2
        best = torch.zeros(len(y), dtype=torch.float64, device=x.device)
        for i in x.tiles():
            for j in y.tiles():
                squared = x.product(i, y, j, torch.float64)
                squared += x.norms[i, None]
                squared += y.norms[j]
                squared.clamp_(min=0).masked_fill_(x.keys[i, None] == y.keys[j], 0.0)
                ratio = (squared_radii[i, None] / squared).masked_fill(squared == 0, torch.inf)
                best[j] = torch.maximum(best[j], ratio.amax(0))
        return to_numpy(best.sqrt())
