"""Trains the rows of the thesis' tables and writes what they scored.

    python benchmarks/thesis/run.py [NAME …]

Each row is a recipe of `trainers` with its seed, trained in build/thesis/NAME; a run that was
killed goes on. A row's line of results.jsonl holds the scores of all its checkpoints.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from _machine import processor  # noqa: E402

from trainers.checkpoint import Run  # noqa: E402
from trainers.loop import train  # noqa: E402
from trainers.recipes import RECIPES  # noqa: E402

ROWS = ("toy-gan", "toy-lsgan", "toy-wgan-gp")
"""Table 1: 25 Gaussians, 6000 steps."""


def main() -> None:
    """Trains what the results lack."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", default=ROWS)
    options = parser.parse_args()
    results = HERE / "results.jsonl"
    done = [json.loads(line)["name"] for line in results.read_text().splitlines()]
    torch.set_num_threads(1)
    for name in options.names:
        if name in done:
            continue
        out = HERE.parents[1] / "build" / "thesis" / name
        train(Run(name, RECIPES[name], 0), out, device=torch.device("cpu"))
        checkpoints = [json.loads(line) for line in (out / "scores.jsonl").read_text().splitlines()]
        row = {"name": name, "seed": 0, "checkpoints": checkpoints, "machine": processor()}
        with results.open("a") as file:
            file.write(json.dumps(row) + "\n")
        (HERE / f"{name}.png").write_bytes((out / f"step-{RECIPES[name].steps}.png").read_bytes())
        print(json.dumps(checkpoints[-1]), flush=True)


if __name__ == "__main__":
    main()
