"""How often is a model named that fools some nets, when there is none, and when there is one?

    python -m benchmarks.several_nets.run

Three nets give independent features of the same 150 images a side. A model is the reals'
distribution to all nets, or to the first alone. One line for each setting goes to results.jsonl.
"""

from pathlib import Path

import numpy as np

import ganeval
from benchmarks.harness import append, lines_of
from ganeval.suites import agreement, views_of

RESULTS = Path(__file__).parent / "results.jsonl"
NETS, N, D, REPLICATES = 3, 150, 8, 200


def main() -> None:
    """Runs the settings that have no line yet."""
    known = {(row["metric"], row["shift"]) for row in lines_of(RESULTS)}
    for metric in ("kid", "fid"):
        for shift in (0.0, 0.6):
            if (metric, shift) not in known:
                named = sum(_named(metric, shift, seed) for seed in range(REPLICATES))
                row = {
                    "metric": metric, "shift": shift, "nets": NETS, "n": N, "d": D,
                    "replicates": REPLICATES, "named": named,
                    "command": "python -m benchmarks.several_nets.run",
                }  # fmt: skip
                append(RESULTS, row)
                print(row)


def _named(metric: str, shift: float, seed: int) -> bool:
    """Whether the model is named; it is shifted by `shift` in one feature of all nets but one."""
    rng = np.random.default_rng(seed)
    by_net = {}
    for i in range(NETS):
        real, fake = rng.normal(size=(2, N, D))
        fake[:, 0] += shift * (i > 0)
        by_net[f"net{i}"] = ganeval.evaluate(real, {"model": fake}, metrics=[metric])
    return any("cannot be told from the reals by" in line for line in agreement(views_of(by_net)))


if __name__ == "__main__":
    main()
