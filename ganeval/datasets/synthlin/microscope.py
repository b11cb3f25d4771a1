"""From light to a picture: blur, thickness of focus, grain, normalisation and mask, as in LIN."""

from dataclasses import dataclass

import numpy as np

from ganeval.datasets.synthlin.cells import Cell
from ganeval.datasets.synthlin.parts import Light


@dataclass(frozen=True)
class Optics:
    """How pictures of one protein differ from the microscope's: a trait of its strain in LIN."""

    focus: float = 1.0
    """Factor on the blur."""
    grain: float = 1.0
    """Factor on the noise."""


@dataclass(frozen=True)
class Microscope:
    """How pictures are taken, and how far cells and pictures of one kind differ.

    `LIN` is the law calibrated on LIN; a wider one teaches a net what does not matter.
    """

    blur: float = 0.75
    """Standard deviation of the point spread in pixels, in focus."""
    blur_spread: float = 0.12
    """Of its logarithm, between pictures."""
    grain: float = 0.08
    """Relative noise of a pixel at level 0.4."""
    grain_spread: float = 0.15
    level_spread: float = 0.2
    """Of the logarithm of each part's brightness, between cells."""
    exposure_spread: float = 0.04
    """Of the logarithm of the brightest place, before it is cut off at 254."""
    odd_exposure: float = 0.14
    """Share of cells that are exposed clearly too little or too much."""
    top: float = 0.991
    """Quantile of the cell's pixels that is made 254."""
    least_top: float = 0.58
    """Level that is made 254 where nothing is brighter: even proteins stay grey."""
    contrast_spread: float = 0.0
    """Of the logarithm of the exponent of the brightness curve."""
    edge: float = -0.8
    """Depth in pixels at which a cell's mask, the same for all channels, begins."""
    edge_spread: float = 0.3
    """Of that depth, between cells."""
    flatness_spread: float = 0.0
    """How much more or less the light falls to the sides of a cell, as a power of thickness."""
    specks: float = 3.0
    """Faint pixels outside the cell."""


LIN = Microscope()

WIDE = Microscope(
    blur=0.9,
    blur_spread=0.45,
    grain=0.11,
    grain_spread=0.6,
    level_spread=0.4,
    exposure_spread=0.1,
    odd_exposure=0.25,
    contrast_spread=0.15,
    edge_spread=0.5,
    flatness_spread=0.35,
    specks=4.0,
)
"""Domain randomisation: wider than reality, so that reality is one case among others."""


def exposure(rng: np.random.Generator, how: Microscope) -> float:
    """What both channels of a cell have in common: over or under, or as wanted."""
    if rng.uniform() < how.odd_exposure:
        return float(np.exp(rng.uniform(-0.5, 0.5)))
    return 1.0


def outline(cell: Cell, rng: np.random.Generator, how: Microscope) -> np.ndarray:
    """[48, 80] bool: the ragged mask of a cell, a little wider than its light."""
    from scipy.ndimage import gaussian_filter

    ragged = gaussian_filter(rng.standard_normal(cell.depth.shape, np.float32), 0.6)
    edge = how.edge + rng.normal(0, how.edge_spread)
    mask: np.ndarray = cell.depth > edge + 1.2 * ragged
    return mask


def picture(
    light: Light,
    cell: Cell,
    rng: np.random.Generator,
    how: Microscope,
    *,
    optics: Optics,
    gain: float,
    mask: np.ndarray,
) -> np.ndarray:
    """[48, 80] uint8 of one channel.

    Args:
        light: sum of the parts.
        cell: whose outline is the mask.
        rng: of noise, blur and exposure.
        how: the microscope.
        optics: of the protein.
        gain: `exposure` of the cell.
        mask: `outline` of the cell.
    """
    from scipy.ndimage import gaussian_filter

    sigma = how.blur * optics.focus * rng.lognormal(0, how.blur_spread)
    flatness = np.float32(rng.normal(0, how.flatness_spread))
    seen = gaussian_filter(light * np.maximum(cell.thickness, 0.1) ** flatness, sigma, truncate=3.0)
    bright = np.quantile(seen[cell.depth > 0], how.top)
    scale = gain * rng.lognormal(0.02, how.exposure_spread) / max(float(bright), how.least_top)
    seen = (seen * np.float32(scale)) ** np.float32(rng.lognormal(0, how.contrast_spread))
    noise = gaussian_filter(rng.standard_normal(light.shape, np.float32), 0.5) * _RESTORE
    noisy = seen + noise * np.sqrt(np.maximum(seen, 0.02) * 0.4) * np.float32(
        how.grain * optics.grain * rng.lognormal(0, how.grain_spread)
    )
    pixels: np.ndarray = np.clip(noisy * 254, 0, 254) * mask
    _add_specks(pixels, cell, rng, how)
    shown: np.ndarray = pixels.astype(np.uint8)
    return shown


_RESTORE = np.float32(1.56)
"""Brings the variance of white noise smoothed over 0.5 pixels back to 1."""


def _add_specks(pixels: np.ndarray, cell: Cell, rng: np.random.Generator, how: Microscope) -> None:
    near = np.flatnonzero((cell.depth < -1) & (cell.depth > -6))
    n = min(rng.poisson(how.specks), len(near))
    if n:
        pixels.flat[rng.choice(near, n, replace=False)] = rng.gamma(2, 8, n)
