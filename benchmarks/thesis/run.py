"""Trains the models of the thesis, at its own size or smaller, and writes what they scored.

    python benchmarks/thesis/run.py [ROW …]

Each row is a recipe of `trainers` with its seed and what is changed of it, trained in
build/thesis/ROW; a run that was killed goes on. A row's line of results.jsonl holds the command
that does the same and the scores of all its checkpoints; ROW.png shows the last one's samples.
tables.py writes README's tables.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from _machine import processor  # noqa: E402

from trainers.__main__ import changed  # noqa: E402
from trainers.checkpoint import Run  # noqa: E402
from trainers.data import DATA  # noqa: E402
from trainers.loop import train  # noqa: E402
from trainers.recipes import RECIPES, Recipe  # noqa: E402


@dataclass(frozen=True)
class Row:
    """A recipe and what is changed of it."""

    recipe: str
    changes: dict[str, Any] = field(default_factory=dict)
    seed: int = 0


SMALL = {"width": 0.25, "batch_size": 32}
PART = {**SMALL, "steps": 3000}
CRITIC = {**SMALL, "steps": 1500}  # of several steps each
YEAST = {**SMALL, "data": "synthlin6"}
YEAST41 = {**SMALL, "data": "synthlin41"}

TABLE_1 = {
    "toy-gan-0": Row("toy-gan"),
    "toy-gan-1": Row("toy-gan", seed=1),
    "toy-lsgan-0": Row("toy-lsgan"),
    "toy-wgan-gp-0": Row("toy-wgan-gp"),
}
"""25 Gaussians, all 6000 steps."""

LEARNED = {
    "toy-wgan": Row("toy-wgan", {"steps": 1500}),
    "toy-cgan": Row("toy-cgan", {"steps": 1000}),
    "toy-clsgan": Row("toy-clsgan", {"steps": 1000}),
    "toy-cwgan-gp": Row("toy-cwgan-gp", {"steps": 1000}),
    "mnist-gan": Row("mnist-gan", PART),
    "mnist-lsgan": Row("mnist-lsgan", PART),
    "mnist-wgan": Row("mnist-wgan", CRITIC),
    "mnist-wgan-gp": Row("mnist-wgan-gp", CRITIC),
    "mnist-sngan": Row("mnist-sngan", PART),
    "mnist-sngan-hinge": Row("mnist-sngan-hinge", CRITIC),
    "mnist-cgan": Row("mnist-cgan", PART),
    "mnist-one-class": Row("mnist-one-class", {"width": 0.25, "batch_size": 8, "steps": 1500}),
    "mnist-multichannel": Row("mnist-multichannel", {**PART, "width": 0.5, "steps": 4000}),
    "mnist-projection": Row("mnist-projection", PART),
    "mnist-projection-miyato": Row("mnist-projection-miyato", CRITIC),
    "mnist-projection-mean": Row("mnist-projection-mean", PART),
    "cifar-sngan": Row("cifar-sngan", CRITIC),
    "cifar-sngan-hinge": Row("cifar-sngan-hinge", {**SMALL, "steps": 500}),
    "cifar-projection": Row("cifar-projection", CRITIC),
    "cifar-multichannel": Row("cifar-multichannel", CRITIC),
    "lin6-gan": Row("lin6-gan", {**YEAST, "steps": 2000}),
    "lin6-wgan": Row("lin6-wgan", {**YEAST, "steps": 500}),
    "lin6-wgan-gp": Row("lin6-wgan-gp", {**YEAST, "steps": 800}),
    "lin6-sngan": Row("lin6-sngan", {**YEAST, "steps": 2000}),
    "lin6-cwgan-gp": Row("lin6-cwgan-gp", {**YEAST, "steps": 800}),
    "lin6-one-class": Row("lin6-one-class", {**YEAST, "batch_size": 8, "steps": 500}),
    "lin6-multichannel": Row("lin6-multichannel", {**YEAST, "steps": 2000}),
    "lin6-projection": Row("lin6-projection", {**YEAST, "steps": 2000}),
    "lin6-separable": Row("lin6-separable", {**YEAST, "steps": 800}),
    "lin6-star": Row("lin6-star", {**YEAST, "batch_size": 8, "steps": 400}),
    "lin6-star-gan": Row("lin6-star-gan", {**YEAST, "batch_size": 8, "steps": 1000}),
    "lin41-cgan": Row("lin41-cgan", {**YEAST41, "steps": 2000}),
    "lin41-multichannel": Row("lin41-multichannel", {**YEAST41, "steps": 1500}),
    "lin41-projection": Row("lin41-projection", {**YEAST41, "steps": 2000}),
    "lin41-projection-separable": Row("lin41-projection-separable", {**YEAST41, "steps": 1500}),
    "synthlin-stackgan": Row("synthlin-stackgan", {"steps": 1500}),
    "synthlin-stackgan-projection": Row("synthlin-stackgan-projection", {"steps": 1500}),
}
"""The others, smaller and shorter: whether they learn."""


def main() -> None:
    """Trains what the results lack."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    rows = {**TABLE_1, **LEARNED}
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(rows))
    options = parser.parse_args()
    results = HERE / "results.jsonl"
    torch.set_num_threads(1)
    for name in options.rows or rows:
        done = [json.loads(line)["name"] for line in results.read_text().splitlines()]
        if name not in done:
            line = json.dumps(result(name, rows[name]))
            with results.open("a") as file:
                file.write(line + "\n")


def result(name: str, row: Row) -> dict[str, Any]:
    """Trains one row."""
    changes = [f"{field}={_text(value)}" for field, value in row.changes.items()]
    recipe = changed(RECIPES[row.recipe], changes)
    out = HERE.parents[1] / "build" / "thesis" / name
    start = time.process_time()
    train(Run(row.recipe, recipe, row.seed), out, device=torch.device("cpu"))
    seconds = round(time.process_time() - start)
    checkpoints = [json.loads(line) for line in (out / "scores.jsonl").read_text().splitlines()]
    (HERE / f"{name}.png").write_bytes((out / f"step-{recipe.steps}.png").read_bytes())
    options = "".join(f" --set {change}" for change in changes)
    print(name, f"{seconds} s", json.dumps(checkpoints[-1]), flush=True)
    return {
        "name": name,
        "command": f"python -m trainers train {row.recipe} --seed {row.seed}{options}",
        "net": recipe.judge,
        "classes": classes(recipe),
        "steps": recipe.steps,
        "seconds": seconds,
        "checkpoints": checkpoints,
        "machine": processor(),
    }


def classes(recipe: Recipe) -> int:
    """How many classes samples are meant to be of: what their labels or captions speak of."""
    source = DATA[recipe.data]
    return len(source.classes or set(source.texts().subjects if source.texts else ()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


if __name__ == "__main__":
    main()
