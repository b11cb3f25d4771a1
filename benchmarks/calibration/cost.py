"""What an interval costs: FID with influences over the plain distance, and five models compared.

    python -m benchmarks.calibration.cost

Seconds are the processor's, which other programs move less than those of a clock: medians of five
(of three for 2,048 features), interleaved, of features in memory, on one thread. `plain` is moments
and distance without any check of the images; `estimate` adds the correction and all influences (and
the search for copies), `fid` is the whole function with its interval, and `compare_five` the whole
comparison of five models.
"""

import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks._machine import processor
from ganeval import Moments, compare, fid, frechet_distance
from ganeval.metrics import METRICS
from ganeval.metrics.spine import Pair

N, REPEATS = 5000, 5
OUT = Path(__file__).with_name("cost.jsonl")


def plain(x: np.ndarray, y: np.ndarray) -> float:
    """The distance of two sample Gaussians."""
    first, second = Moments.of(x), Moments.of(y)
    return frechet_distance(first.mean, first.cov, second.mean, second.cov)


def estimate(x: np.ndarray, y: np.ndarray) -> None:
    """The distance, its correction and all influences."""
    METRICS["fid"].estimate(*Pair.take(x, y, None, metric="fid").sides)


def main() -> None:
    """Measures and writes one line for each number of features."""
    torch.set_num_threads(1)
    lines = []
    for d in (64, 512, 1024, 2048):
        rng = np.random.default_rng(0)
        x, *models = (rng.standard_normal((N, d)).astype(np.float32) for _ in range(6))
        cases = {
            "plain": lambda x=x, y=models[0]: plain(x, y),
            "estimate": lambda x=x, y=models[0]: estimate(x, y),
            "fid": lambda x=x, y=models[0]: fid(x, y),
        }
        if d <= 1024:
            named = {f"model {i}": y for i, y in enumerate(models)}
            cases["compare_five"] = lambda x=x, named=named: compare(x, named)
        seconds: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(REPEATS if d <= 1024 else 3):
            for name, case in cases.items():
                start = time.process_time()
                case()
                seconds[name].append(time.process_time() - start)
        medians = {name: statistics.median(of) for name, of in seconds.items()}
        ratios = {f"{name}_over_plain": s / medians["plain"] for name, s in medians.items()}
        line = {"d": d, "n": N, "machine": processor(), "threads": 1, **medians, **ratios}
        lines.append(line)
        print(json.dumps(line))
    OUT.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
