"""The coordinates in which a classifier is trained: standardised principal axes of the reals."""

from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.lazy import torch

MOST = 256
"""Principal axes that are kept: a classifier of more takes long and is hardly better."""


@dataclass(frozen=True, eq=False)
class Axes:
    """Standardises features like those of some images and turns them into their principal axes.

    The turn changes no classifier whose penalty is |w|²; it makes features uncorrelated.
    """

    mean: np.ndarray
    turn: np.ndarray
    """[d, r], with r from 1 to the least of n, d and MOST."""

    @classmethod
    def of(cls, rows: Array) -> "Axes":
        """Of images [n, d]; constant features are left out."""
        with torch.no_grad():
            x = to_float64(rows)
            mean, scale = x.mean(0), x.std(0, correction=0)
            # Deviation within rounding of a large mean is no deviation.
            scale[scale <= 1e-12 * mean.abs()] = torch.inf
            z = (x - mean) / scale
            if len(z) < z.shape[1]:
                values, vectors = torch.linalg.eigh(z @ z.T)
            else:
                values, vectors = torch.linalg.eigh(z.T @ z)
            keep = values > 1e-10 * values[-1]
            keep[: max(len(values) - MOST, 0)] = False
            keep[-1] = True  # where all features are constant, of zeros
            axes = vectors[:, keep]
            if len(z) < z.shape[1]:
                axes = z.T @ axes / values[keep].clamp(min=1e-300).sqrt()
            return cls(to_numpy(mean), to_numpy(axes / scale[:, None]))

    def __call__(self, rows: Array) -> np.ndarray:
        """[m, r] of images [m, d]."""
        return np.asarray((np.asarray(to_numpy(rows), np.float64) - self.mean) @ self.turn)
