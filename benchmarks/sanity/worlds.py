"""Where the reals and the fakes of each check come from, and along which axis the fakes change.

The settings are those of Räisä et al. 2025 (arXiv:2505.22450, ICML), read in the repository
vanderschaarlab/position-fidelity-diversity-metrics-flawed, with fewer points along each axis.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Draw = Callable[[np.random.Generator, float], tuple[np.ndarray, np.ndarray]]
"""Of a generator and a point of the axis: rows of reals [n, d] and of fakes [m, d]."""

N = 1000
"""Images a side, where the check does not vary them."""

POINTS, FEW = 11, 7
"""Points along an axis; the published suite has 51 (50, 20). Odd, so that the middle is one."""

_INVENTED = np.array(
    [
        *((5.468, -4.085), (4.872, -13.649), (-16.394, 9.098), (-2.154, 12.462), (11.558, -4.960)),
        *((-24.606, 14.180), (16.842, -3.187), (-5.478, -6.772), (9.467, 1.059), (-5.403, -17.295)),
    ]
)
"""Centres of five real modes and five that only fakes have."""


@dataclass(frozen=True)
class World:
    """One setting of a check: points of the axis, and how both sides are drawn."""

    axis: Sequence[float]
    draw: Draw


def worlds() -> dict[str, dict[str, World]]:
    """All settings of each check, by their names."""
    return {
        "mean": {str(d): World(_means(d), _mean(d)) for d in (1, 8, 64)},
        "mean with outlier": {
            f"{side} {d}": World(_means(d), _with_outlier(d, side))
            for side in ("real", "fake")
            for d in (1, 8, 64)
        },
        "spread": {
            str(d): World(np.logspace(-most, most, POINTS), _spread(d))
            for d, most in ((1, 3.0), (8, 1.0), (64, 0.5))
        },
        "modes dropped together": {
            str(d): World(np.array([*np.linspace(0, 0.9, 10), 0.95, 1.0]), _dropped_together(d))
            for d in (1, 8, 64)
        },
        "modes dropped in turn": {
            str(d): World(np.arange(10.0), _dropped_in_turn(d)) for d in (1, 8, 64)
        },
        "modes dropped, then invented": {"2": World(np.arange(1.0, 11), _invented)},
        "radius of a sphere": {
            str(d): World(np.linspace(0.1, 1.9, POINTS), _sphere(d)) for d in (2, 16, 128)
        },
        "cube, both sizes": {
            str(d): World(_sizes(), lambda rng, n, d=d: _cube(rng, int(n), int(n), d))
            for d in (1, 8, 64)
        },
        "cube, fakes' size": {
            str(d): World(_sizes(), lambda rng, n, d=d: _cube(rng, N, int(n), d))
            for d in (1, 8, 64)
        },
        "sphere and torus": {
            "real sphere": World(_sizes(), lambda rng, n: (_ball(rng, N), _torus(rng, int(n)))),
            "real torus": World(_sizes(), lambda rng, n: (_torus(rng, N), _ball(rng, int(n)))),
        },
        "one mode for two": {
            str(d): World(np.linspace(0, 5, POINTS), _one_for_two(d)) for d in (1, 8, 64)
        },
        "scale of one feature": {"2": World(np.logspace(-3, 3, FEW), _scaled)},
        "mean with Pareto": {"2": World(_means(1), _pareto)},
        "one feature of many": {"": World(np.logspace(0, 3, FEW).astype(int), _one_of_many)},
        "rounded": {
            side: World(np.logspace(0, 3, FEW), _rounded(side)) for side in ("real", "fake")
        },
    }


def _sizes() -> np.ndarray:
    return np.logspace(2, 4, FEW).astype(int)


def _means(d: int) -> np.ndarray:
    most = {1: 6, 8: 3, 64: 1}[d]
    return np.linspace(-most, most, POINTS)


def _mean(d: int) -> Draw:
    return lambda rng, at: (rng.standard_normal((N, d)), at + rng.standard_normal((N, d)))


def _with_outlier(d: int, side: str) -> Draw:
    """One row more on a side, as far away as the fakes ever come."""

    def draw(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
        real, fake = _mean(d)(rng, at)
        far = np.full((1, d), float(_means(d)[-1]))
        if side == "real":
            return np.concatenate((real, far)), fake
        return real, np.concatenate((fake, far))

    return draw


def _spread(d: int) -> Draw:
    return lambda rng, at: (rng.standard_normal((N, d)), at * rng.standard_normal((N, d)))


def _modes(
    rng: np.random.Generator, centres: np.ndarray, scale: float, shares: np.ndarray
) -> np.ndarray:
    chosen = rng.choice(len(centres), N, p=shares / shares.sum())
    return centres[chosen] + scale * rng.standard_normal((N, centres.shape[1]))


def _ten(d: int) -> tuple[np.ndarray, float]:
    """Ten modes along the diagonal, and their spread."""
    return np.linspace(0, 10, 10)[:, None] * np.ones(d), {1: 1 / 6, 8: 1 / 3, 64: 1.0}[d]


def _dropped_together(d: int) -> Draw:
    """All modes but one lose the same share of their fakes."""
    centres, scale = _ten(d)

    def draw(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
        left = np.where(np.arange(10) == 0, 1.0, 1 - at)
        return _modes(rng, centres, scale, np.ones(10)), _modes(rng, centres, scale, left)

    return draw


def _dropped_in_turn(d: int) -> Draw:
    centres, scale = _ten(d)

    def draw(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
        left = (np.arange(10) < 10 - at).astype(float)
        return _modes(rng, centres, scale, np.ones(10)), _modes(rng, centres, scale, left)

    return draw


def _invented(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
    """Fakes have the first modes: the five of the reals, or fewer, or more."""
    five, first = np.arange(10) < 5, np.arange(10) < at
    real, fake = (_modes(rng, _INVENTED, 0.25, has.astype(float)) for has in (five, first))
    return real, fake


def _sphere(d: int) -> Draw:
    def surface(rng: np.random.Generator) -> np.ndarray:
        rows = rng.standard_normal((N, d))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    return lambda rng, at: (surface(rng), at * surface(rng))


def _cube(rng: np.random.Generator, n: int, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Cubes that have a fifth of their volume in common."""
    return rng.random((n, d)), 1 - 0.2 ** (1 / d) + rng.random((m, d))


def _ball(rng: np.random.Generator, n: int, d: int = 3) -> np.ndarray:
    """Uniform in the ball of radius 0.8."""
    rows = rng.standard_normal((n, d))
    return 0.8 * rng.random((n, 1)) ** (1 / d) * rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _torus(rng: np.random.Generator, n: int) -> np.ndarray:
    """Around the ball and outside it: a disc of radius 0.1 that turns at distance 1."""
    disc = _ball(rng, n, 2) / 8
    angle, across = 2 * np.pi * rng.random(n), 1 + disc[:, 0]
    return np.stack((across * np.cos(angle), across * np.sin(angle), disc[:, 1]), axis=1)


def _one_for_two(d: int) -> Draw:
    """Reals in two modes that part; fakes in one that covers both."""

    def draw(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
        sides = np.array([-0.5, 0.5])[:, None] * at * np.ones(d)
        spread = np.sqrt(1 + at**2)
        return _modes(rng, sides, 1.0, np.ones(2)), spread * rng.standard_normal((N, d))

    return draw


def _scaled(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
    """Fakes far away in the first feature, and the second in other units."""
    units = np.array([1.0, at])
    real, fake = rng.standard_normal((N, 2)), rng.standard_normal((N, 2)) + np.array([6.0, 0.0])
    return units * real, units * fake


def _pareto(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
    """Beside the shifted feature one of the heaviest tails."""
    real, fake = (
        np.stack((shift + rng.standard_normal(N), 1 + rng.pareto(1.01, N)), axis=1)
        for shift in (0.0, at)
    )
    return real, fake


def _one_of_many(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
    """Fakes far away in one feature, and as the reals in all the others."""
    real, fake = (rng.standard_normal((N, int(at) + 1)) for _ in range(2))
    fake[:, 0] += 6
    return real, fake


def _rounded(side: str) -> Draw:
    """One side rounded to whole numbers, the more finely the larger the scale."""

    def draw(rng: np.random.Generator, at: float) -> tuple[np.ndarray, np.ndarray]:
        real, fake = (at * rng.standard_normal((N, 1)) for _ in range(2))
        return (np.round(real), fake) if side == "real" else (real, np.round(fake))

    return draw
