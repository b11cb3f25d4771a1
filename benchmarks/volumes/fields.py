"""Smooth random volumes of known distribution, and the features that `pixels` takes of them.

A volume is white noise under a Gaussian filter on a periodic grid of 64 x 64 x 64, plus a level of
its own. Features of a plane are the means of its cells, 4 x 4 or 8 x 8. Both are Gaussian, and of
every volume alike, so the distance of two populations is known and the features of a volume can be
drawn at once, without its voxels.
"""

import functools
from dataclasses import dataclass

import numpy as np

SIDE = 64


@dataclass(frozen=True)
class Population:
    """Volumes of one kind."""

    smoothing: float
    """Standard deviation of the filter in voxels."""
    level: float = 0.5
    """Standard deviation of a volume's own level, where voxels have 1."""
    shift: float = 0.0
    """Mean of all voxels."""


REAL = Population(smoothing=4.0)
ALIKE = Population(smoothing=4.0)
SMOOTHER = Population(smoothing=5.0, shift=0.1)
BRIGHTER = Population(smoothing=5.0, shift=0.5)


def volumes(population: Population, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draws [n, z, y, x] float32."""
    filter = np.sqrt(_spectrum(population))
    drawn = np.empty((n, SIDE, SIDE, SIDE), np.float32)
    for volume in drawn:
        noise = np.fft.fftn(rng.standard_normal(volume.shape))
        level = population.level * rng.standard_normal() + population.shift
        volume[:] = np.fft.ifftn(noise * filter).real + level
    return drawn


def features(population: Population, n: int, grid: int, rng: np.random.Generator) -> np.ndarray:
    """Draws the cell means [n, z, grid * grid] of the planes across z of n volumes."""
    filter = np.sqrt(np.clip(np.fft.fftn(_covariance(population, grid)).real, 0, None))
    noise = np.fft.fftn(rng.standard_normal((n, *filter.shape)), axes=(1, 2, 3))
    fields = np.fft.ifftn(noise * filter, axes=(1, 2, 3)).real
    level = population.level * rng.standard_normal((n, 1, 1, 1)) + population.shift
    return (fields + level).reshape(n, SIDE, grid * grid)


def moments(population: Population, grid: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean [d] and covariance [d, d] of a plane's features, exactly."""
    within = _covariance(population, grid)[0]
    place = np.arange(grid)
    lag = (place[:, None] - place) % grid
    cov = within[lag[:, None, :, None], lag[None, :, None, :]].reshape(grid**2, grid**2)
    return np.full(grid**2, population.shift), cov + population.level**2


def cell_means(planes: np.ndarray, grid: int) -> np.ndarray:
    """Features [..., grid * grid] of planes [..., y, x]."""
    cell = SIDE // grid
    cells = planes.reshape(*planes.shape[:-2], grid, cell, grid, cell)
    return cells.mean(axis=(-3, -1)).reshape(*planes.shape[:-2], grid * grid)


def _spectrum(population: Population) -> np.ndarray:
    """Power of each frequency [z, y, x], of voxels of variance 1."""
    frequency = np.fft.fftfreq(SIDE)
    squared = sum(np.meshgrid(*[frequency**2] * 3, indexing="ij"))
    power = np.exp(-((2 * np.pi * population.smoothing) ** 2) * squared)
    return power / power.mean()


@functools.lru_cache
def _covariance(population: Population, grid: int) -> np.ndarray:
    """Covariance [z, grid, grid] of cell means at every distance, wrapped around."""
    cell = SIDE // grid
    box = np.zeros(SIDE)
    box[:cell] = 1 / cell
    average = abs(np.fft.fft(box)) ** 2
    power = _spectrum(population) * average[:, None] * average
    return np.fft.ifftn(power).real[:, ::cell, ::cell]
