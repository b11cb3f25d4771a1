"""Two classifiers in one: lines see means, products of features see variances and correlations.

Either is blind to what the other sees, and then adds noise. What it adds is shrunk by as much as
chance explains of its fit, so that the one that sees nothing disturbs the other less.
"""

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.c2st.classifiers import Task, Verdicts
from ganeval.metrics.c2st.logistic import EXACT, ROUGH, logistic_logits, standardised

COORDINATES = 12
"""Features that are multiplied with each other; of more, their leading principal components."""

LEAST = 0.02
"""What is left of a classifier where chance explains all of its fit: it only breaks ties."""


def ensemble(task: Task) -> Verdicts:
    """Logistic regressions on features, and on their squares and products, shrunk and added.

    Log-odds of independent evidence add up. Each is multiplied by the square of van Houwelingen and
    le Cessie's (G − k)/G: G is the likelihood-ratio statistic of its training images, k its
    effective number of coefficients, which is what G is by chance. The factor itself calibrates a
    classifier by itself; its square disturbs the one that sees something less. What that still
    costs stands in `benchmarks/power`.

    Source: van Houwelingen & le Cessie 1990, doi:10.1002/sim.4780091109.
    """
    device = task.rows.device
    real = torch.from_numpy(np.ascontiguousarray(task.real)).to(device)
    weights = torch.from_numpy(task.weights()).to(device)
    tolerance = ROUGH if task.rough else EXACT
    logits = torch.zeros_like(weights)
    for rows in (task.rows, products(task.rows)):
        found = logistic_logits(rows, real, weights, tolerance=tolerance)
        logits += found * shrinkage(rows, found, real, weights).square()
    task.done(logits.shape[1])
    return Verdicts(to_numpy(logits))


def products(rows: Tensor) -> Tensor:
    """[n, k (k + 1) / 2] squares and products of k standardised features, or of components."""
    x = standardised(rows, rows)
    if x.shape[1] > COORDINATES:
        u, _, _ = torch.linalg.svd(x, full_matrices=False)
        x = u[:, :COORDINATES] * len(x) ** 0.5
    i, j = torch.triu_indices(x.shape[1], x.shape[1], device=x.device)
    return x[:, i] * x[:, j]


def shrinkage(rows: Tensor, logits: Tensor, real: Tensor, weights: Tensor) -> Tensor:
    """[j] (G − k)/G of every problem, at least `LEAST`."""
    from torch.nn.functional import softplus

    losses = softplus(logits) - real * logits
    total = weights.sum(0)
    gain = 2 * (total * np.log(2) - (weights * losses).sum(0))
    # The penalty takes its part of each coefficient.
    curvature = torch.linalg.svdvals(standardised(rows, rows)).square() / (4 * len(rows))
    bends = curvature[:, None] * total
    k = (bends / (bends + 1)).sum(0)
    left: Tensor = 1 - k / gain.clamp(min=1e-9)
    return left.clamp(min=LEAST)
