"""The kernels of the aggregated test, each blind to something that another one sees.

Gaussian and Laplace kernels of several bandwidths see any difference, best one of the scale of the
bandwidth; the quadratic one sees only variances and correlations, the cubic one mostly means.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ganeval.lazy import Tensor, torch

SOME = 1024
"""Images whose distances give the bandwidths."""


@dataclass(frozen=True)
class Kernel:
    """A kernel on the rows of one feature net.

    Args:
        name: gaussian, laplace, cubic or quadratic.
        bandwidth: in units of the median distance; None for polynomial kernels.
        of: [t, r] products x·y/d and [t, r] squared distances in units of the squared median
            distance, to [t, r] values.
    """

    name: str
    bandwidth: float | None
    of: Callable[[Tensor, Tensor], Tensor]

    def __str__(self) -> str:
        if self.bandwidth is None:
            return f"{self.name} kernel"
        return f"{self.name} kernel of {self.bandwidth:g} times the median distance"


def _gaussian(width: float) -> Kernel:
    return Kernel("gaussian", width, lambda _, squared: torch.exp(squared * (-1 / width**2)))


def _laplace(width: float) -> Kernel:
    return Kernel("laplace", width, lambda _, squared: torch.exp(squared.sqrt() * (-1 / width)))


KERNELS = (
    *(_gaussian(width) for width in (0.5, 1.0)),
    *(_laplace(width) for width in (0.5, 1.0)),
    Kernel("cubic", None, lambda products, _: (products + 1) ** 3),
    Kernel("quadratic", None, lambda products, _: products.square()),
)


@dataclass(frozen=True, eq=False)
class Standardised:
    """Rows of both sides as the kernels see them: each feature with mean 0 and deviation 1.

    Args:
        rows: [n, d] float64.
        norms: [n] squared lengths.
        median: squared median distance of two rows.
    """

    rows: Tensor
    norms: Tensor
    median: float

    @classmethod
    def of(cls, rows: Tensor) -> "Standardised":
        """Of float64 rows [n, d] of both sides, whose sides do not enter; constant ones are 0."""
        mean, scale = rows.mean(0), rows.std(0, correction=0)
        # Deviation within rounding of a large mean is no deviation.
        scale[scale <= 1e-12 * mean.abs()] = torch.inf
        x = (rows - mean) / scale
        step = max(1, len(x) // SOME)
        distances = torch.nn.functional.pdist(x[::step])
        apart = distances[distances > 0]
        median = float(apart.median()) ** 2 if len(apart) else 1.0
        return cls(x, x.square().sum(1), median)

    def tile(self, i: slice, j: slice) -> tuple[Tensor, Tensor]:
        """What a kernel takes for these rows and columns."""
        products = self.rows[i] @ self.rows[j].T
        squared = (self.norms[i, None] + self.norms[j] - 2 * products).clamp_(min=0)
        return products / self.rows.shape[1], squared / self.median
