"""Measures one object in one image: its shape, each channel inside it, and pairs of channels.

All computations are in float64 and for one image at a time, so nothing depends on the batch.
Profiles weight a pixel by the overlap of its unit interval with a bin. Smoothing uses only the
pixels of the object, so its edge counts neither as texture nor as a spot.
"""

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np

from ganeval.arrays import Float

QUANTILES = (5, 25, 50, 75, 95)
"""Quantiles of the object's pixels, in per cent."""
SIGMAS = (1.0, 2.0, 4.0)
"""Widths of the Gaussians that separate the texture into three scales, in pixels."""
AXIAL_BINS = 5
"""Number of bins from the middle of the object to its ends; the two ends are averaged."""
EDGE_BINS = 4
"""Number of bins from the rim to the innermost pixel."""
SPOT_SPREADS = 4.0
SPOT_CONTRAST = 0.01
"""A spot exceeds its surroundings by SPOT_SPREADS robust standard deviations, and by
SPOT_CONTRAST of the value range."""

LEAST_OF_BRIGHT = 0.7
"""Share of the bright pixels that one object holds at least, where there is only one."""
MOST_OF_BORDER = 0.2
"""Share of an image's border that the only object in it covers at most."""

SHAPE = ("area", "length", "width", "eccentricity", "bending")
CHANNEL = (
    "mean",
    "spread",
    *(f"q{q:02}" for q in QUANTILES),
    "skewness",
    *(f"texture_{i}" for i in range(1, len(SIGMAS) + 1)),
    "spots",
    *(f"axial_{i}" for i in range(1, AXIAL_BINS + 1)),
    "asymmetry",
    *(f"edge_{i}" for i in range(1, EDGE_BINS + 1)),
)


class Outline(NamedTuple):
    """One object: its pixels, and their positions on the long axis and distances from the rim."""

    mask: np.ndarray
    """The object [h, w] bool within its bounding box."""
    box: tuple[slice, slice]
    """Position of `mask` in the image."""
    along: np.ndarray
    """Positions [m] on the long axis in pixels; 0 is midway between the ends."""
    length: float
    depth: np.ndarray
    """Distances [m] to the nearest pixel outside the object; 1 at the rim."""
    shape: tuple[float, ...]
    """The measurements that SHAPE names, in pixels."""


def measure(
    image: Float[np.ndarray, "c h w"], *, mask_channel: int | None = None, pixel_size: float = 1.0
) -> np.ndarray | None:
    """Measures SHAPE, CHANNEL of each channel, and three figures per pair of channels.

    Lengths are in units of `1 / pixel_size` pixels, areas in the square of this unit.

    Returns:
        The figures [d], or None if the image has no object.
    """
    image = image.astype(np.float64)
    mask = find_object(image.sum(0) if mask_channel is None else image[mask_channel])
    if mask is None:
        return None
    outline = trace(mask)
    units = (pixel_size**2, pixel_size, pixel_size, 1.0, 1.0)
    parts = [np.multiply(outline.shape, units)]
    crop = image[:, *outline.box]
    values = crop[:, outline.mask]
    parts.append(_channels(crop, values, outline).ravel())
    bright = [_above_otsu(channel) for channel in values]
    for a, b in combinations(range(len(values)), 2):
        parts.append(_pair(values[a], values[b], bright[a], bright[b]))
    return np.concatenate(parts)


def find_object(total: Float[np.ndarray, "h w"]) -> np.ndarray | None:
    """Finds the largest piece above Otsu's threshold, and fills its holes.

    Pixels that touch only at a corner belong to different pieces. Of equally large pieces, the
    first in reading order is taken.

    Returns:
        The object [h, w] bool, or None if the image is constant.
    """
    from scipy import ndimage

    pieces, _ = ndimage.label(_above_otsu(total))
    sizes = np.bincount(pieces.ravel())
    if len(sizes) == 1:
        return None
    filled: np.ndarray = ndimage.binary_fill_holes(pieces == 1 + sizes[1:].argmax())
    return filled


def shows_one_object(image: np.ndarray) -> bool:
    """Whether an image [c, h, w] has one object on a ground, so that its shape means something.

    The object then holds most of what is bright, leaves most of the image's border free and does
    not fill the image. Photographs, tissue and fields of many cells fail one of these.
    """
    total = image.astype(np.float64).sum(0)
    mask = find_object(total)
    if mask is None:
        return False
    border = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
    bright = _above_otsu(total)
    of_bright = (bright & mask).sum() / bright.sum()
    return bool(of_bright >= LEAST_OF_BRIGHT and border.mean() <= MOST_OF_BORDER)


def trace(mask: np.ndarray) -> Outline:
    """Measures the shape of an object, which is taken to end at the image's border."""
    from scipy import ndimage

    (box,) = ndimage.find_objects(mask.astype(np.uint8))
    inside = mask[box]
    rows, columns = np.nonzero(inside)
    angle, eccentricity = _axis(rows, columns)
    rows, columns = rows - rows.mean(), columns - columns.mean()
    cos, sin = math.cos(angle), math.sin(angle)
    along, across = rows * cos + columns * sin, columns * cos - rows * sin
    length = float(np.ptp(along)) + 1
    middle = along - (along.min() + along.max()) / 2
    third = _overlaps(middle, np.array([-length / 6, length / 6]))
    shape = (
        float(len(along)),
        length,
        float(third.sum()) / (length / 3),
        eccentricity,
        _bending(middle, across, length),
    )
    depth = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1][inside]
    return Outline(inside, box, middle, length, depth, shape)


def _axis(rows: np.ndarray, columns: np.ndarray) -> tuple[float, float]:
    """Angle of the long axis from the rows' direction, and eccentricity, as in scikit-image.

    Second moments are exact integers here, so equal moments compare as equal; the axis is then a
    diagonal.
    """
    n, row_sum, column_sum = len(rows), int(rows.sum()), int(columns.sum())
    rr = n * int((rows * rows).sum()) - row_sum**2
    cc = n * int((columns * columns).sum()) - column_sum**2
    rc = n * int((rows * columns).sum()) - row_sum * column_sum
    spread = math.hypot(rr - cc, 2 * rc)
    eccentricity = math.sqrt(2 * spread / (rr + cc + spread)) if rr + cc else 0.0
    if rr == cc:
        return (math.pi / 4 if rc > 0 else -math.pi / 4), eccentricity
    return math.atan2(2 * rc, rr - cc) / 2, eccentricity


def _bending(along: np.ndarray, across: np.ndarray, length: float) -> float:
    """Height over length of the arc of the least-squares parabola through the pixels.

    The outer tenth at either end is left out, because slanting ends would look like a bent middle.
    """
    inner = np.abs(along) <= 0.4 * length
    x = along[inner] / (length / 2)
    powers = np.stack([np.ones_like(x), x, x**2], axis=1)
    return abs(float(np.linalg.lstsq(powers, across[inner])[0][2])) / length


def _channels(crop: np.ndarray, values: np.ndarray, outline: Outline) -> np.ndarray:
    """Measures CHANNEL of each channel [c, len(CHANNEL)]."""
    centred = _centred(values)
    spread = np.sqrt((centred**2).mean(1))
    standard = centred / np.where(spread > 0, spread, 1)[:, None]
    bands = _bands(crop, outline.mask)
    return np.column_stack(
        [
            values.mean(1),
            spread,
            np.percentile(values, QUANTILES, axis=1).T,
            (standard * standard * standard).mean(1),
            np.sqrt((bands[:, :, outline.mask] ** 2).mean(2)).T,
            [_n_spots(channel, outline.mask) for channel in bands[1]],
            *_profiles(values, outline),
        ]
    )


def _centred(values: np.ndarray) -> np.ndarray:
    """Values [c, m] minus their mean; exactly 0 in a constant channel, whatever the rounding."""
    same = np.ptp(values, axis=1, keepdims=True) == 0
    return np.where(same, 0, values - values.mean(1, keepdims=True))


def _bands(crop: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Differences [3, c, h, w] between each level of smoothing and the next, inside the object."""
    from scipy import ndimage

    inside = np.concatenate([crop, np.ones_like(crop[:1])]) * mask
    levels = [crop * mask]
    for sigma in SIGMAS:
        smooth = ndimage.gaussian_filter(inside, (0, sigma, sigma), mode="constant")
        levels.append(smooth[:-1] / np.where(mask, smooth[-1], 1) * mask)
    return -np.diff(levels, axis=0)


def _n_spots(band: np.ndarray, mask: np.ndarray) -> int:
    """Counts prominent local maxima of the middle band; equal neighbouring pixels count once."""
    from scipy import ndimage

    values = band[mask]
    deviation = np.abs(values - np.median(values))
    least = max(SPOT_CONTRAST, SPOT_SPREADS * 1.4826 * float(np.median(deviation)))
    peaks = (band >= ndimage.maximum_filter(band, 3)) & (band > least) & mask
    return int(ndimage.label(peaks, np.ones((3, 3)))[1])


def _profiles(values: np.ndarray, outline: Outline) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean values from middle to ends, asymmetry of the two halves, and means from rim to core."""
    edges = np.linspace(-0.5, 0.5, 2 * AXIAL_BINS + 1) * outline.length
    signed = _overlaps(outline.along, edges)
    axial = _means(values, signed[AXIAL_BINS:] + signed[AXIAL_BINS - 1 :: -1])
    halves = _means(values, signed.reshape(2, AXIAL_BINS, -1).sum(1))
    sums = np.abs(halves).sum(1)
    asymmetry = np.abs(halves[:, 0] - halves[:, 1]) / np.where(sums > 0, sums, 1)
    edges = np.linspace(0, outline.depth.max(), EDGE_BINS + 1)
    return axial, asymmetry, _means(values, _overlaps(outline.depth - 0.5, edges))


def _means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted means [c, bins] of values [c, m]; no bin of a connected object is empty."""
    means: np.ndarray = values @ weights.T / weights.sum(1)
    return means


def _overlaps(centres: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Length [bins, m] of the part of [centre - 1/2, centre + 1/2] in each bin."""
    low, high = edges[:-1, None], edges[1:, None]
    overlaps: np.ndarray = np.clip(centres + 0.5, low, high) - np.clip(centres - 0.5, low, high)
    return overlaps


def _above_otsu(values: np.ndarray) -> np.ndarray:
    """Whether `values` exceed Otsu's threshold; False everywhere if all are the same."""
    from skimage.filters import threshold_otsu

    low, high = values.min(), values.max()
    if low == high:
        return np.zeros(values.shape, bool)
    unit = (values - low) / (high - low)  # the histogram needs a range that has room for bins
    above: np.ndarray = unit > threshold_otsu(unit)  # type: ignore[no-untyped-call]
    return above


def _pair(a: np.ndarray, b: np.ndarray, bright_a: np.ndarray, bright_b: np.ndarray) -> list[float]:
    """Pearson's correlation; Manders' share of bright a where b is bright, and of b where a is."""
    x, y = _centred(np.stack([a, b]))
    norm = math.sqrt(float((x**2).sum())) * math.sqrt(float((y**2).sum()))
    pearson = float((x * y).sum()) / norm if norm > 0 else 0.0
    return [pearson, _manders(a, bright_a, bright_b), _manders(b, bright_b, bright_a)]


def _manders(values: np.ndarray, bright: np.ndarray, other: np.ndarray) -> float:
    amount = np.where(bright, values, 0).clip(0)  # below black there is no light to share
    total = float(amount.sum())
    return float(amount[other].sum()) / total if total > 0 else 0.0
