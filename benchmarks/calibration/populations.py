"""Distributions of images' features whose mean, covariance and third moments are known.

With them the Fréchet distance and the cubic kernel's distance (KID) of two distributions are
known too, in any number of features.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Sample:
    """One side's images."""

    rows: np.ndarray
    """[n, d]"""
    classes: np.ndarray | None = None
    clusters: np.ndarray | None = None
    offsets: np.ndarray | None = None
    taken: np.ndarray | None = None
    """Of a pool."""


@dataclass(frozen=True)
class Noise:
    """A distribution of mean 0 and variance 1."""

    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
    skewness: float
    """NaN where there is no third moment, and so no KID."""


def students_t(degrees: int) -> Noise:
    """Student's, of variance 1; without a third moment for 3 degrees and fewer."""
    size = ((degrees - 2) / degrees) ** 0.5
    skewness = np.nan if degrees <= 3 else 0.0
    return Noise(lambda rng, shape: rng.standard_t(degrees, size=shape) * size, skewness)


def lognormal(sigma: float) -> Noise:
    """Of mean 0 and variance 1; the larger the standard deviation of the logarithm, the heavier."""
    spread = np.exp(sigma**2)
    mean, size = np.exp(sigma**2 / 2), np.sqrt((spread - 1) * spread)
    return Noise(
        lambda rng, shape: (rng.lognormal(sigma=sigma, size=shape) - mean) / size,
        (spread + 2) * np.sqrt(spread - 1),
    )


NOISES = {
    "gaussian": Noise(lambda rng, shape: rng.standard_normal(shape), 0.0),
    "exponential": Noise(lambda rng, shape: rng.exponential(size=shape) - 1, 2.0),
    "uniform": Noise(lambda rng, shape: rng.uniform(-(3**0.5), 3**0.5, size=shape), 0.0),
    "t3": students_t(3),
    "t4": students_t(4),
    "t5": students_t(5),
    "t7": students_t(7),
    "t10": students_t(10),
    "lognormal": lognormal(1.0),
    "lognormal 0.75": lognormal(0.75),
    "lognormal 0.5": lognormal(0.5),
    "lognormal 0.25": lognormal(0.25),
    "whole": Noise(lambda rng, shape: (rng.poisson(4.0, size=shape) - 4.0) / 2, 0.5),
}
"""`whole`: twice of it is a whole number."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """Classes around their centres, in each of which all features are independent.

    Images of a cluster (a plate, a video, the copies of one image) share an offset.
    """

    shares: np.ndarray
    """[c] of the classes; they add up to 1."""
    centres: np.ndarray
    """[c, d]"""
    scales: np.ndarray
    """[c, d] standard deviations of images, within a cluster where there are clusters."""
    cluster_scales: np.ndarray
    """[d] standard deviations of the offsets, which are Gaussian; 0 without clusters."""
    noise: str = "gaussian"

    def draw(
        self,
        classes: np.ndarray,
        rng: np.random.Generator,
        *,
        clusters: np.ndarray | None = None,
        offsets: np.ndarray | None = None,
    ) -> np.ndarray:
        """[n, d] features of images of these classes.

        `clusters` numbers each image's cluster; without, every image is one by itself. `offsets`
        are those of the clusters, in standard deviations, where they are known already.
        """
        shape = (len(classes), self.centres.shape[1])
        rows = NOISES[self.noise].draw(rng, shape)
        rows *= self.scales[classes] if len(self.scales) > 1 else self.scales
        rows += self.centres[classes] if len(self.centres) > 1 else self.centres
        if self.cluster_scales.any():
            numbers = np.arange(len(classes)) if clusters is None else clusters
            if offsets is None:
                offsets = rng.standard_normal((numbers.max() + 1, shape[1]))
            rows += (offsets * self.cluster_scales)[numbers]
        return rows

    def of_class(self, number: int) -> "Mixture":
        """One class alone."""
        own = slice(number, number + 1)
        scales = self.scales if len(self.scales) == 1 else self.scales[own]
        return replace(self, shares=np.ones(1), centres=self.centres[own], scales=scales)

    def mean_and_cov(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean [d] and covariance [d, d] of an image."""
        mean = self.shares @ self.centres
        apart = self.centres - mean
        within = self.shares @ np.broadcast_to(self.scales**2, self.centres.shape)
        between = (apart * self.shares[:, None]).T @ apart
        return mean, between + np.diag(within + self.cluster_scales**2)

    def powers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Means of x, x² and x³ by class, [c, d] each."""
        c, variance = self.centres, self.scales**2 + self.cluster_scales**2
        skewed = NOISES[self.noise].skewness * self.scales**3
        return c, variance + c**2, skewed + 3 * variance * c + c**3

    def kernel_mean(self, other: "Mixture") -> float:
        """Mean of (x·y/d + 1)³ over an image of each.

        Given the classes, x·y is a sum of independent products, so that its cumulants add up.
        """
        first, second, third = (
            a[:, None] * b[None] for a, b in zip(self.powers(), other.powers(), strict=True)
        )
        d = self.centres.shape[1]
        mean = first.sum(2)
        variance = (second - first**2).sum(2)
        cubed = (third - 3 * first * second + 2 * first**3).sum(2)
        square, cube = variance + mean**2, cubed + 3 * mean * variance + mean**3
        kernel = 1 + 3 * mean / d + 3 * square / d**2 + cube / d**3
        return float(self.shares @ kernel @ other.shares)


@dataclass(frozen=True, eq=False)
class Pool:
    """As many images as there are, each as likely as any other."""

    rows: np.ndarray
    """[n, d]"""

    def mean_and_cov(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean [d] and covariance [d, d] of an image."""
        return self.rows.mean(0), np.cov(self.rows.T, ddof=0)

    def kernel_mean(self, other: "Pool") -> float:
        """Mean of (x·y/d + 1)³ over an image of each."""
        d = self.rows.shape[1]
        parts = np.array_split(self.rows, 1 + len(self.rows) // 1000)
        total = 0.0
        for part in parts:
            products = part @ other.rows.T / d + 1
            total += float((products * products * products).sum())  # ** 3 takes ten times as long
        return total / len(self.rows) / len(other.rows)
