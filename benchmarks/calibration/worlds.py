"""Worlds: where the images of both sides come from, with a truth that is known.

To add one, write a function of a cell and a distance that returns a `World`, put `@world(name)`
above it, and name it in cells.py. A side is a `Mixture`, whose moments are known, and rules by
which images fall into classes and clusters. What is no mixture has the methods of `World` too, and
populations with a `mean_and_cov` and a `kernel_mean` (see pools.py).
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.calibration.cells import Cell
from benchmarks.calibration.pools import PoolWorld, digits, yeast
from benchmarks.calibration.populations import Mixture, Pool
from benchmarks.calibration.sides import Clusters, Side, World


@dataclass(frozen=True)
class Gap:
    """How far the fakes are from the reals."""

    shift: float
    """In standard deviations of each of the first features."""
    low: float
    """Standard deviation of the first feature over that of the reals; of the last one it is 1."""
    shifted: int = 4
    """Features that are shifted."""


GAPS = {
    "moderate": Gap(0.7, 0.6),
    "close": Gap(0.15, 0.9),
    "null": Gap(0.0, 1.0),
    "missing": Gap(0.0, 1.0),
}


def gap_of(name: str) -> Gap:
    """By its name in cells."""
    return Gap(float(name[6:]), 1.0, shifted=1) if name.startswith("shift ") else GAPS[name]


WORLDS: dict[str, Callable[[Cell, Gap], World | PoolWorld]] = {}
Builder = Callable[[Cell, Gap], World | PoolWorld]


def world(*names: str) -> Callable[[Builder], Builder]:
    """Adds a function to WORLDS."""

    def add(builder: Builder) -> Builder:
        WORLDS.update(dict.fromkeys(names, builder))
        return builder

    return add


@functools.lru_cache(maxsize=128)
def world_of(cell: Cell, gap: Gap | None = None) -> World | PoolWorld:
    """The world of a cell, at another distance where one is given."""
    return WORLDS[cell.world](cell, gap or gap_of(cell.gap))


def sides(
    cell: Cell,
    gap: Gap,
    *,
    spectrum: str = "half",
    noise: str = "gaussian",
    shares: Sequence[float] | np.ndarray = (1.0,),
    centres: np.ndarray | None = None,
    within: float = 1.0,
    between: tuple[float, float] = (0.0, 0.0),
    stretched: bool = True,
    clusters: tuple[Clusters | None, Clusters | None] = (None, None),
) -> tuple[Side, Side]:
    """Reals, and fakes that are shifted and less spread.

    Standard deviations follow `spectrum`; those of images within a cluster are `within` times as
    large, those of clusters' offsets `between` (real, fake), the latter less spread among fakes
    too if `stretched`.
    """
    scales = spectrum_of(spectrum, cell.d)
    stretch = np.linspace(gap.low, 1.0, cell.d)
    shift = np.where(np.arange(cell.d) < gap.shifted, gap.shift * scales, 0.0)
    if centres is None:
        centres = np.zeros((1, cell.d))
    weights = np.asarray(shares, float) / np.sum(shares)
    offsets = scales * stretch if stretched else scales
    counts = (cell.counts or CHANCE).split("/")
    real = Mixture(weights, centres, within * scales[None], between[0] * scales, noise)
    fake = Mixture(
        weights, centres + shift, within * (scales * stretch)[None], between[1] * offsets, noise
    )
    return (
        Side(real, counts[0], clusters[0]),
        Side(fake, counts[1], clusters[1], in_order=False),
    )


CHANCE = "chance/chance"


def spectrum_of(name: str, d: int) -> np.ndarray:
    """[d] standard deviations; the effective rank of `steep` is 2.5 in many features."""
    return np.arange(1.0, d + 1) ** {"half": -0.5, "steep": -1.0, "flat": 0.0}[name]


def spread_out(n_classes: int, d: int) -> np.ndarray:
    """[c, d] class centres, about six standard deviations apart in every feature."""
    rng = np.random.default_rng(7)
    return rng.standard_normal((n_classes, d)) * 4.0 * spectrum_of("half", d)


NOISY = ("uniform", "t3", "t4", "t5", "t7", "t10", "lognormal", "skewed")
MILD = ("lognormal 0.75", "lognormal 0.5", "lognormal 0.25")


@world("gaussian", "steep", "flat", *NOISY, *MILD, "lognormal steep")
def one_class(cell: Cell, gap: Gap) -> World:
    """A noise, a blank and a spectrum, or one of them."""
    spectrum = next((word for word in cell.world.split() if word in ("steep", "flat")), "half")
    noise = cell.world.removesuffix(spectrum).strip() or "gaussian"
    noise = "exponential" if noise == "skewed" else noise
    return World(*sides(cell, gap, noise=noise, spectrum=spectrum))


@world("whole")
def whole_numbers(cell: Cell, gap: Gap) -> World:
    """Counts; moderate fakes have one more of the first."""
    shift = np.eye(1, cell.d) * round(gap.shift)
    mean, scales, none = np.full((1, cell.d), 4.0), np.full((1, cell.d), 2.0), np.zeros(cell.d)
    real = Mixture(np.ones(1), mean, scales, none, "whole")
    return World(Side(real), Side(Mixture(np.ones(1), mean + shift, scales, none, "whole")))


SHARES = {
    "mixture": np.arange(1.0, 9),
    "many": np.ones(41),
    "ten": np.ones(10),
    "two": np.ones(2),
    "zipf": 1 / np.arange(1.0, 31),
    "rare class": np.array([0.2425] * 4 + [0.03]),
}


@world(*SHARES)
def separate_classes(cell: Cell, gap: Gap) -> World:
    """Classes far from each other."""
    shares = SHARES[cell.world]
    centres = spread_out(len(shares), cell.d)
    return World(*sides(cell, gap, shares=shares, centres=centres), labelled=True)


@world("rare 1 %", "rare 3 %")
def rare_mode(cell: Cell, gap: Gap) -> World:
    """A mode, four standard deviations away in four features, that has few of the images."""
    share = float(cell.world.split()[1]) / 100
    away = np.where(np.arange(cell.d) < 4, 4 * spectrum_of("half", cell.d), 0.0)
    both = {"shares": (1 - share, share), "centres": np.stack([0 * away, away])}
    real, fake = sides(cell, gap, **both)
    if cell.gap == "missing":
        fake = Side(fake.population.of_class(0), in_order=False)
    return World(replace(real, in_order=False), fake)


@world("rare sure")
def rarely_sure(cell: Cell, gap: Gap) -> World:
    """Of the Inception Score: a classifier is sure of 5 % of the images, in any of d classes."""
    shares = np.array([0.95, *[0.05 / cell.d] * cell.d])
    centres = np.concatenate([np.zeros((1, cell.d)), 4 * np.eye(cell.d)])
    population = Mixture(shares, centres, np.full((1, cell.d), 0.1), np.zeros(cell.d))
    side = Side(population, in_order=False)
    return World(side, side)


def plates(number: int, sizes: str) -> Clusters | None:
    """So many groups, one after the other; None for 0."""
    if number == 0:
        return None
    weights = np.ones(number)
    if sizes == "unequal":
        weights = np.linspace(1, 4, number)
    elif sizes != "equal":
        weights[0] = int(sizes) / (100 - int(sizes)) * (number - 1)

    def numbered(classes: np.ndarray) -> np.ndarray:
        n = len(classes)
        edges = np.round(np.cumsum(weights) / weights.sum() * n).astype(int)
        return np.searchsorted(edges, np.arange(n), side="right")

    return numbered


def both_plates(cell: Cell) -> tuple[Clusters | None, Clusters | None]:
    """Those of reals and fakes."""
    sizes = cell.sizes.split("/")
    return plates(cell.groups, sizes[0]), plates(cell.fake_groups, sizes[-1])


@world("plates", "shared plates")
def on_plates(cell: Cell, gap: Gap) -> World:
    """A side without plates has none of their spread; shared ones have the same offsets."""
    between = (0.5 * (cell.groups > 0), 0.5 * (cell.fake_groups > 0))
    made = sides(cell, gap, between=between, stretched=False, clusters=both_plates(cell))
    return World(*made, shared=cell.world == "shared plates")


@world("videos", "near copies")
def alike_within(cell: Cell, gap: Gap) -> World:
    """Frames of a video share most of what they are, near copies nearly all.

    Where a side has no groups, every image is another video's, or has no copy.
    """
    within = 0.6 if cell.world == "videos" else 0.05
    between = (1 - within**2) ** 0.5
    return World(
        *sides(cell, gap, within=within, between=(between, between), clusters=both_plates(cell))
    )


@world("nested")
def nested(cell: Cell, gap: Gap) -> World:
    """Twelve classes, each on plates of its own; fakes are each as from another plate."""
    per_class = cell.groups // 12

    def numbered(classes: np.ndarray) -> np.ndarray:
        sizes = np.bincount(classes)
        place = np.arange(len(classes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return classes * per_class + place * per_class // sizes[classes]

    made = sides(
        cell,
        gap,
        shares=np.ones(12),
        centres=spread_out(12, cell.d),
        between=(0.5, 0.5),
        stretched=False,
        clusters=(numbered, None),
    )
    return World(*made, labelled=True)


@world("copies")
def with_copies(cell: Cell, gap: Gap) -> World:
    """Some fakes are reals, exactly."""
    return World(*sides(cell, gap), copied=True)


@world("made from reals 0.7", "made from reals 0.99")
def made_from_reals(cell: Cell, gap: Gap) -> World:
    """As images that were blurred or drawn over: each fake comes from one real."""
    return World(*sides(cell, gap), correlation=float(cell.world.split()[-1]))


@world("digits", "digits 0 1", "digits 4 9")
def real_digits(cell: Cell, gap: Gap) -> PoolWorld:
    """MNIST under net `mnist`; fakes lean towards their mean."""
    rows = digits(tuple(cell.world.split()[1:]))
    lean = {"moderate": 0.2, "close": 0.07, "null": 0.0}[name_of(gap)]
    return PoolWorld(Pool(rows), Pool(rows + lean * (rows.mean(0) - rows)))


def name_of(gap: Gap) -> str:
    """The name of a distance."""
    return next(name for name, known in GAPS.items() if known == gap)


@world("yeast")
def simulated_yeast(cell: Cell, gap: Gap) -> PoolWorld:
    """Simulated cells under net `morphology`; fakes are blurred."""
    blur = {"moderate": 0.8, "close": 0.4, "null": 0.0}[name_of(gap)]
    return PoolWorld(Pool(yeast(0.0)), Pool(yeast(blur)))
