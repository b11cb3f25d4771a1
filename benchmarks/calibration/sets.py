"""How often are sets of alike images found that are there, or that are not?

    python -m benchmarks.calibration.sets

writes a line for each population: how many of 40 samples `undeclared_sets` flags.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks._machine import processor
from ganeval.metrics.spine.clusters import undeclared_sets

SAMPLES, D = 40, 16
OUT = Path(__file__).with_name("sets.jsonl")

Draw = Callable[[np.random.Generator], np.ndarray]


def in_sets(count: int, size: int, noise: float) -> Draw:
    """Sets of images around centres of unit variance."""
    return lambda rng: (
        np.repeat(rng.standard_normal((count, D)), size, axis=0)
        + noise * rng.standard_normal((count * size, D))
    )


def classes(k: int, n: int) -> Draw:
    """Well separated classes whose sizes are chance."""
    return lambda rng: rng.standard_normal((n, D)) + 4 * np.eye(k, D)[rng.integers(k, size=n)] * 4


def populations() -> dict[str, Draw]:
    """By name."""
    found: dict[str, Draw] = {
        f"normal d={d} n={n}": lambda rng, d=d, n=n: rng.standard_normal((n, d))
        for d in (1, 2, 8, 64)
        for n in (20, 60, 300, 1000)
    }
    found["Student's t, 3 degrees"] = lambda rng: rng.standard_t(3, size=(300, D))
    found["lognormal"] = lambda rng: rng.lognormal(size=(300, 8))
    for d in (2, 4):
        found[f"whole numbers d={d}"] = lambda rng, d=d: rng.integers(6, size=(300, d)) * 1.0
    for n in (60, 200, 600):
        found |= {f"{k} classes by chance n={n}": classes(k, n) for k in (10, 3, 2)}
    found |= {f"100 x 4 copies, noise {z}": in_sets(100, 4, z) for z in (0.05, 0.2, 0.5)}
    found |= {f"12 videos x 40 frames, noise {z}": in_sets(12, 40, z) for z in (0.1, 0.3, 0.5)}
    return found


def main() -> None:
    """Counts and writes."""
    torch.set_num_threads(1)
    lines = []
    for name, draw in populations().items():
        rng = np.random.default_rng(1)
        flagged = sum(undeclared_sets(draw(rng)) is not None for _ in range(SAMPLES))
        line = {"population": name, "flagged": flagged, "of": SAMPLES, "machine": processor()}
        lines.append(json.dumps(line) + "\n")
        print(lines[-1], end="", flush=True)
    OUT.write_text("".join(lines))


if __name__ == "__main__":
    main()
