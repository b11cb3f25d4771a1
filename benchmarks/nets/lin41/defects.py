"""Does the Fréchet distance under `lin41` find what is wrong, and nothing where nothing is?

    python -m benchmarks.nets.lin41.defects

Simulates 400 test cells of all 41 proteins and as many of models with every planted defect at
growing strength, and then 100 times two fresh sets of 200 cells of one distribution, whose
interval should hold 0 in 95 of 100. Adds two lines to results.jsonl. About five
minutes on two cores.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from scipy.stats import beta

import ganeval
from benchmarks.harness import append
from benchmarks.nets._report import machine
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import simulate

HERE = Path(__file__).resolve().parent

STRENGTHS = {
    "shorter": (0.0, 0.05, 0.1, 0.2),
    "no_septum": (0.0, 0.25, 0.5, 1.0),
    "shifted": (0.0, 1.0, 2.0, 4.0),
    "blurred": (0.0, 0.5, 0.8, 1.2),
    "no_division": (0.0, 0.33, 0.67, 1.0),
    "memorised": (0.0, 0.33, 0.67, 1.0),
}


def main() -> None:
    """Both measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    parser.add_argument("--per-class", type=int, default=20)
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        real = embed(cells("test", options.per_class, "none", 0.0), options.per_class)
        tasks = [(name, s, options.per_class) for name, row in STRENGTHS.items() for s in row]
        found: dict[str, list[dict[str, object]]] = {name: [] for name in STRENGTHS}
        for (name, strength, _), features in zip(tasks, pool.map(_model, tasks), strict=True):
            score = ganeval.fid(real, features)
            found[name].append(
                {
                    "strength": strength,
                    "corrected": score.corrected,
                    "interval": score.interval,
                }
            )
            print(name, strength, score)
        growing = {
            name: [row["corrected"] for row in rows] == sorted(row["corrected"] for row in rows)  # type: ignore[type-var]
            for name, rows in found.items()
        }
        held = sum(pool.map(_covers, range(options.replicates)))
    low = float(beta.ppf(0.025, held, options.replicates - held + 1))
    high = float(beta.ppf(0.975, held + 1, options.replicates - held)) if held < 100 else 1.0
    sha256 = ganeval.load_net("lin41").card.sha256
    shared = {"sha256": sha256, "machine": machine(1)}
    n = options.per_class * len(LIN41)
    append(options.results, {"what": "defects", "n": n, "grows": growing, "fid": found, **shared})
    append(
        options.results,
        {
            "what": "200 against 200 fresh cells",
            "replicates": options.replicates,
            "interval_holds_0": held,
            "share_95_percent_interval": [round(low, 3), round(high, 3)],
            **shared,
        },
    )
    print(growing, f"{held} of {options.replicates} intervals hold 0")


def cells(part: str, per_class: int, defect: str, strength: float, seed: int = 0) -> np.ndarray:
    """Cells [41 * per_class, 2, 48, 80]."""
    made = [
        simulate(p, per_class, part=part, defect=defect, strength=strength, seed=seed).images
        for p in LIN41
    ]
    return np.concatenate(made)


def embed(images: np.ndarray, per_class: int | None = None) -> ganeval.Features:
    """Features under `lin41`; labelled where the class sizes were chosen."""
    features = ganeval.extract(torch.from_numpy(images), "lin41")
    if per_class is None:
        return features
    return replace(features, labels=tuple(p for p in LIN41 for _ in range(per_class)))


def _model(task: tuple[str, float, int]) -> ganeval.Features:
    torch.set_num_threads(1)
    name, strength, per_class = task
    return embed(cells("model", per_class, name, strength), per_class)


def _covers(seed: int) -> bool:
    """200 against 200 cells of proteins drawn at random."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    sides = []
    for side, part in enumerate(("test", "model")):
        counts = rng.multinomial(200, np.full(len(LIN41), 1 / len(LIN41)))
        sides.append(
            np.concatenate(
                [
                    simulate(p, int(k), part=part, seed=1000 + 2 * seed + side).images
                    for p, k in zip(LIN41, counts, strict=True)
                ]
            )
        )
    score = ganeval.fid(embed(sides[0]), embed(sides[1]))
    assert score.interval is not None
    return bool(score.interval[0] <= 0 <= score.interval[1])


if __name__ == "__main__":
    main()
