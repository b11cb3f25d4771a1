"""One fission-yeast cell: its place in the cell cycle, and the shape that follows from it."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganeval.datasets.synthlin.blur import blur

HEIGHT, WIDTH = 48, 80
"""Size of pictures in pixels of 100 nm."""

_Y = np.arange(HEIGHT, dtype=np.float32)[:, None]
_X = np.arange(WIDTH, dtype=np.float32)


@dataclass(frozen=True)
class Cell:
    """A cell's geometry in pixels, its cycle, and coordinates for drawing patterns.

    Coordinates are [48, 80], or [80] where they only depend on the place along the axis.

    A cell is born with one growing end, starts to grow at the other (NETO), stops growing to
    divide its nucleus, and builds a septum between the two nuclei.
    """

    age: float
    """0 at birth, 1 at division."""
    length: float
    width: float
    bend: float
    """How far the middle lies off the line through the ends."""
    taper: tuple[float, float]
    """Changes of the radius: towards one end, and towards both."""
    ends: tuple[float, float]
    """Lengths of the left and the right end in radii: 1 is a half circle, more is pointed."""
    turned: float
    """Slope of the axis."""
    centre: tuple[float, float]
    """(y, x)."""
    growth: tuple[float, float]
    """Growth of the left and the right end, 0 to 1."""
    septum: float
    """0 without a septum, 1 when it is complete."""
    septum_at: float
    """Place along the axis, from the middle."""
    nuclei: tuple[float, ...]
    """Places along the axis: one nucleus, or two from mitosis on."""
    tilt: float
    """Slope of the septum."""
    aside: tuple[float, float]
    """How far across the axis the left and the right end grow."""
    slant: float
    """How far the left end lies below the right one, in units of the microscope's `slant`."""
    organelles: int
    """Seed of the clouds in the cytoplasm, the same clouds for all proteins."""

    @property
    def dividing(self) -> bool:
        """Whether there is a septum."""
        return self.septum > 0

    @property
    def bipolar(self) -> bool:
        """Whether both ends grow."""
        return min(self.growth) > 0.3

    @cached_property
    def along(self) -> np.ndarray:
        """[80]: place along the axis, 0 in the middle."""
        along: np.ndarray = _X - np.float32(self.centre[1])
        return along

    @cached_property
    def across(self) -> np.ndarray:
        """Distance from the bent axis, negative above it."""
        shape = (2 * self.along / self.length) ** 2 - 1 / 3
        axis = self.centre[0] + self.turned * self.along + self.bend * shape
        across: np.ndarray = _Y - axis.astype(np.float32)
        return across

    @cached_property
    def radius(self) -> np.ndarray:
        """[80]: radius of the cell at each place along the axis."""
        u = np.clip(2 * self.along / self.length, -1, 1)
        skew, waist = self.taper
        return (self.width / 2 * (1 + skew * u + waist * (u**2 - 1 / 3))).astype(np.float32)

    @cached_property
    def _in_end(self) -> tuple[np.ndarray, np.ndarray]:
        """[80] each: length of the nearer end in radii; pixels into that end over this length."""
        end = np.where(self.along < 0, *self.ends).astype(np.float32)
        beyond = np.maximum(np.abs(self.along) - self.length / 2 + end * self.radius, 0)
        return end, beyond / end

    @cached_property
    def from_axis(self) -> np.ndarray:
        """Distance from the axis as a share of the radius: 1 on the outline, ends included."""
        distance: np.ndarray = np.hypot(self._in_end[1], self.across) / self.radius
        return distance

    @cached_property
    def depth(self) -> np.ndarray:
        """Pixels from the outline inwards, at most the radius; negative outside."""
        end, beyond = self._in_end
        slope = np.hypot(beyond / end, self.across) / np.maximum(
            np.hypot(beyond, self.across), np.float32(1e-3)
        )
        inwards = self.radius * (1 - self.from_axis) / np.maximum(slope, 1e-3)
        depth: np.ndarray = np.minimum(inwards, self.radius).astype(np.float32)
        return depth

    @cached_property
    def thickness(self) -> np.ndarray:
        """How much of the cell lies above each pixel: 1 on the axis, 0 on the outline."""
        height: np.ndarray = np.sqrt(1 - (1 - np.clip(self.depth / self.radius, 0, 1)) ** 2)
        return height

    @cached_property
    def clouds(self) -> np.ndarray:
        """Smooth random blotches of mean 0 and variance 1."""
        rng = np.random.default_rng(self.organelles)
        size = np.float32(rng.uniform(2, 4))
        noise = rng.standard_normal((HEIGHT, WIDTH), np.float32)
        smooth: np.ndarray = blur(noise, size, truncate=3.0) * (2 * np.sqrt(np.pi) * size)
        return smooth

    def spot(
        self, along: float, across: float, size: float, stretch: float = 1.0
    ) -> tuple[tuple[slice, slice], np.ndarray]:
        """Slices and light of a Gaussian blob, `stretch` times as long along the axis as across."""
        reach = 5 * size  # a quarter more across, since the axis is bent; it is dark beyond
        x = self.centre[1] + along
        y = across - float(self.across[0, min(max(round(x), 0), WIDTH - 1)])
        where = _around(y, 1.25 * reach + 1), _around(x, stretch * reach)
        squares = (self.across[where] - np.float32(across)) ** 2
        squares += ((self.along[where[1]] - np.float32(along)) / np.float32(stretch)) ** 2
        return where, np.exp(squares * np.float32(-0.5 / size**2))

    def outline_at(self, along: float) -> float:
        """Half the width of the cell at a place along the axis."""
        u = min(max(2 * along / self.length, -1.0), 1.0)
        skew, waist = self.taper
        radius = self.width / 2 * (1 + skew * u + waist * (u**2 - 1 / 3))
        end = self.ends[int(along >= 0)]
        beyond = max(abs(along) - self.length / 2 + end * radius, 0) / end
        return math.sqrt(max(radius**2 - beyond**2, 0))


def _around(middle: float, reach: float) -> slice:
    """Pixels of one axis that are no farther than `reach` from its `middle`."""
    return slice(max(int(middle - reach), 0), max(int(middle + reach) + 2, 0))


def draw_cell(rng: np.random.Generator, girth: float = 1.0) -> Cell:
    """Draws a cell of an unsynchronised culture, where young cells are more frequent.

    Args:
        rng: random numbers.
        girth: factor on the width, a trait of the strain.
    """
    age = -np.log2(1 - rng.uniform() / 2)
    grown = min(age / 0.7, 1.0)
    length = float(np.clip(rng.normal(41, 4) * (1 + 0.52 * grown), 35, 79))
    old = float(np.clip(rng.lognormal(-0.2, 0.25), 0.3, 1.2))
    new = float(np.clip((age - 0.25) / 0.25 + rng.normal(0, 0.3), 0, 1))
    mitosis = age > 0.6 + rng.normal(0, 0.05)
    septum = float(np.clip((age - 0.64 + rng.normal(0, 0.04)) / 0.08, 0, 1)) if mitosis else 0.0
    rest = 1 - 0.75 * septum if age < 0.93 else 0.5  # ends stop growing while the septum is built
    growth = (old * rest, new * rest)
    apart = min(max((age - 0.58) / 0.08, 0.25), 1.0) * length / 4
    middle = rng.normal(0, 1.5)
    return Cell(
        age=float(age),
        length=length,
        width=girth * float(np.clip(rng.normal(20.1, 1.0), 16, 26)),
        bend=float(rng.normal(0, 1.3)),
        taper=(float(rng.normal(0, 0.05)), float(rng.normal(-0.02, 0.06))),
        ends=(float(rng.lognormal(0.37, 0.3)), float(rng.lognormal(0.37, 0.3))),
        turned=float(rng.normal(0, 0.016)),
        centre=(float(rng.normal(23.5, 0.5)), float(rng.normal(39.5, 0.5))),
        growth=growth if rng.uniform() < 0.5 else growth[::-1],
        septum=septum,
        septum_at=float(rng.normal(0, 1.2)),
        nuclei=(middle - apart, middle + apart) if mitosis else (middle,),
        tilt=float(rng.normal(0, 0.04)),
        aside=(float(rng.normal(0, 1.5)), float(rng.normal(0, 1.5))),
        slant=float(rng.normal()),
        organelles=int(rng.integers(2**32)),
    )
