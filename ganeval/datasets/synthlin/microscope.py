"""Turns light into a picture: blur, depth of focus, grain, normalisation and mask, as in LIN."""

from dataclasses import dataclass

import numpy as np

from ganeval.datasets.synthlin.blur import blur
from ganeval.datasets.synthlin.cells import Cell
from ganeval.datasets.synthlin.parts import Light


@dataclass(frozen=True)
class Optics:
    """How pictures of one protein differ from the microscope's: a trait of its strain in LIN."""

    focus: float = 1.0
    """Factor on the blur."""
    grain: float = 1.0
    """Factor on the noise."""
    girth: float = 1.0
    """Factor on the width of cells."""


@dataclass(frozen=True)
class Microscope:
    """How pictures are taken, and how much cells and pictures of one kind vary.

    `LIN` is calibrated on LIN.
    """

    blur: float = 0.441
    """Standard deviation of the point spread in pixels, in focus."""
    blur_spread: float = 0.11
    """Standard deviation of the logarithm of `blur`, between pictures."""
    grain: float = 0.071
    """Relative noise of a pixel at level 0.4."""
    grain_spread: float = 0.096
    specked: float = 0.48
    """How uneven the noise is from pixel to pixel, as the logarithm of its size."""
    level_spread: float = 0.185
    """Standard deviation of the logarithm of each part's brightness, between cells."""
    exposure: float = 0.043
    """Logarithm of the mean brightness at which `top` is shown; values beyond 1 saturate."""
    exposure_spread: float = 0.036
    """Standard deviation of the logarithm of the brightest place, before the cut at 254."""
    odd_exposure: float = 0.116
    """Share of cells that are clearly under- or overexposed."""
    top: float = 0.986
    """Quantile of the cell's pixels that is shown as 254."""
    least_top: float = 0.554
    """Level that is shown as 254 if nothing is brighter, so uniform proteins stay grey."""
    crosstalk: float = 0.085
    """Share of the red channel's light that leaks into the others."""
    knee: float = 0.943
    """Share of 254 above which brightness saturates softly."""
    contrast_spread: float = 0.0
    """Standard deviation of the logarithm of the exponent of the brightness curve."""
    edge: float = -1.014
    """Depth in pixels at which a cell's mask, the same for all channels, begins; it is complete
    one pixel further in."""
    edge_spread: float = 0.252
    """Standard deviation of that depth, between cells."""
    ragged: float = 0.35
    """How far the mask's edge jumps from pixel to pixel."""
    flatness_spread: float = 0.0
    """Standard deviation of how light falls to a cell's sides, as a power of its thickness."""
    slant: float = 0.09
    """How much brighter one end is than the middle, because cells do not lie flat."""
    specks: float = 3.0
    """Mean number of faint pixels outside the cell."""


LIN = Microscope()


def exposure(rng: np.random.Generator, how: Microscope) -> float:
    """Exposure factor of both channels of a cell: 1, or clearly lower or higher."""
    if rng.uniform() < how.odd_exposure:
        return float(np.exp(rng.uniform(-0.5, 0.5)))
    return 1.0


def outline(cell: Cell, rng: np.random.Generator, how: Microscope) -> np.ndarray:
    """[48, 80] float32, 0 to 1: the ragged mask of a cell, a little wider than its light."""
    ragged = blur(rng.standard_normal(cell.depth.shape, np.float32), 0.6)
    edge = how.edge + rng.normal(0, how.edge_spread)
    mask: np.ndarray = np.clip(cell.depth - np.float32(edge) - how.ragged * ragged, 0, 1)
    return mask.astype(np.float32)


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
    """Takes a picture [48, 80] uint8 of one channel.

    Args:
        light: sum of the parts.
        cell: the cell that is shown.
        rng: random numbers for noise, blur and exposure.
        how: the microscope.
        optics: optics of the protein.
        gain: `exposure` of the cell.
        mask: `outline` of the cell.
    """
    sigma = how.blur * optics.focus * rng.lognormal(0, how.blur_spread)
    slope = np.float32(how.slant * cell.slant * 2 / cell.length)
    light = light * np.maximum(1 + slope * cell.along, 0)
    flatness = np.float32(rng.normal(0, how.flatness_spread))
    seen = blur(light * np.maximum(cell.thickness, 0.1) ** flatness, sigma, truncate=3.0)
    bright = _quantile(seen[cell.depth > 0], how.top)
    exposed = gain * rng.lognormal(how.exposure, how.exposure_spread)
    scale = exposed / max(float(bright), how.least_top)
    seen = (seen * np.float32(scale)) ** np.float32(rng.lognormal(0, how.contrast_spread))
    noise = rng.standard_normal(light.shape, np.float32)
    noise *= np.exp(how.specked * rng.standard_normal(light.shape, np.float32) - how.specked**2)
    noise = blur(noise, 0.5) * _RESTORE
    noisy = seen + noise * np.sqrt(np.maximum(seen, 0.02) * 0.4) * np.float32(
        how.grain * optics.grain * rng.lognormal(0, how.grain_spread)
    )
    pixels: np.ndarray = 254 * _saturated(noisy, how.knee) * mask
    _add_specks(pixels, cell, rng, how)
    shown: np.ndarray = np.rint(pixels).astype(np.uint8)
    return shown


def _quantile(values: np.ndarray, share: float) -> np.float32:
    """Same as `np.quantile` of a vector, in a third of the time: skips its checks."""
    at = share * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    ordered = np.partition(values, (low, high))
    quantile: np.float32 = ordered[low] + (ordered[high] - ordered[low]) * np.float32(at - low)
    return quantile


def _saturated(light: np.ndarray, knee: float) -> np.ndarray:
    """Light in [0, 1]: unchanged up to the knee, then approaching 1."""
    rest = np.float32(1 - knee)
    above = np.maximum(light - np.float32(knee), 0)
    shown: np.ndarray = np.clip(light, 0, np.float32(knee)) + rest * (1 - np.exp(-above / rest))
    return shown


_RESTORE = np.float32(1.56)
"""Brings the variance of white noise smoothed over 0.5 pixels back to 1."""


def _add_specks(pixels: np.ndarray, cell: Cell, rng: np.random.Generator, how: Microscope) -> None:
    near = np.flatnonzero((cell.depth < -1) & (cell.depth > -6))
    n = min(rng.poisson(how.specks), len(near))
    if n:
        pixels.flat[rng.choice(near, n, replace=False)] = rng.gamma(2, 8, n)
