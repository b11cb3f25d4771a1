"""Trains the models of the thesis, at its own size or smaller, and writes what they scored.

    python -m benchmarks.thesis.run [ROW …]

Each row is a recipe of `trainers` with its seed and what is changed of it, trained in
build/thesis; a run that was killed goes on, and a row whose settings have changed, or that an
earlier version of its feature net judged, is trained once more. A row's line of results.jsonl holds
the command that does the same and the scores of all its checkpoints; ROW.png shows the last one's
samples. tables.py writes README's tables.
"""

import argparse
import hashlib
import json
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch

import ganeval
from benchmarks._machine import processor
from benchmarks.harness import run_cells
from trainers.checkpoint import Run
from trainers.data import DATA
from trainers.loop import earlier_scores, train
from trainers.recipes import RECIPES, Recipe, changed

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Row:
    """A recipe and what is changed of it."""

    recipe: str
    changes: dict[str, Any] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True)
class Training:
    """What makes a line of the results another one."""

    name: str
    command: str
    net_sha256: str | None


def small(recipe: str, **changes: Any) -> Row:
    """A quarter of the usual width, which wants four times the step size, and batches of 32."""
    narrow = {"width": 0.25, "lr": 4 * RECIPES[recipe].lr, "batch_size": 32}
    return Row(recipe, {**narrow, **changes})


TABLE_1 = {
    "toy-gan-0": Row("toy-gan"),
    "toy-lsgan-0": Row("toy-lsgan"),
    "toy-wgan-gp-0": Row("toy-wgan-gp"),
}
"""25 Gaussians, all 6000 steps."""

LEARNED = {
    **{
        name: small(name, steps=2000, batch_size=256)
        for name in ("toy-wgan", "toy-cgan", "toy-clsgan", "toy-cwgan-gp")
    },
    "toy-gan-seed-1": Row("toy-gan", {"steps": 400}, seed=1),
    "toy-gan-fixed-points": Row("toy-gan", {"steps": 400, "data": "gaussians-rows"}),
    **{
        name: small(name, steps=2000)
        for name in (
            "mnist-lsgan",
            "mnist-sngan",
            "mnist-cgan",
            "mnist-multichannel",
            "mnist-projection",
            "mnist-projection-mean",
        )
    },
    **{
        name: small(name, steps=1500)
        for name in (
            "mnist-wgan",
            "mnist-wgan-gp",
            "mnist-sngan-hinge",
            "mnist-projection-miyato",
        )
    },
    "mnist-gan": small("mnist-gan", steps=3000),
    "mnist-one-class": small("mnist-one-class", steps=1500, batch_size=8),
    **{
        name: small(name, steps=1000)
        for name in ("cifar-sngan", "cifar-projection", "cifar-multichannel")
    },
    "cifar-sngan-hinge": small("cifar-sngan-hinge", steps=300),
    **{
        name: small(name, data="synthlin6", steps=2000)
        for name in ("lin6-gan", "lin6-sngan", "lin6-multichannel", "lin6-projection")
    },
    **{
        name: small(name, data="synthlin6-flipped", steps=500)
        for name in ("lin6-wgan", "lin6-wgan-gp", "lin6-separable")
    },
    "lin6-cwgan-gp": small("lin6-cwgan-gp", data="synthlin6", steps=500),
    "lin6-one-class": small("lin6-one-class", data="synthlin6-flipped", steps=300, batch_size=8),
    "lin6-star": small("lin6-star", data="synthlin6-flipped", steps=1000, batch_size=8),
    "lin6-star-gan": small("lin6-star-gan", data="synthlin6-flipped", steps=1000, batch_size=8),
    **{
        name: small(name, data="synthlin41", steps=5000)
        for name in (
            "lin41-cgan",
            "lin41-multichannel",
            "lin41-projection",
            "lin41-projection-separable",
        )
    },
    "synthlin-stackgan": Row("synthlin-stackgan", {"lr": 1e-3, "ema": 0.99, "steps": 6000}),
    "synthlin-stackgan-projection": Row(
        "synthlin-stackgan-projection", {"lr": 1e-3, "ema": 0.99, "steps": 4000}
    ),
}
"""The others, smaller and shorter: whether they learn."""


def main() -> None:
    """Trains what the results lack."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    rows = {**TABLE_1, **LEARNED}
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(rows))
    options = parser.parse_args()
    trainings = [
        Training(name, command(rows[name]), net_hash(RECIPES[rows[name].recipe].judge))
        for name in options.rows or rows
    ]
    for row in run_cells(
        lambda training: result(training.name, rows[training.name]),
        trainings,
        HERE / "results.jsonl",
    ):
        print(row["name"], f"{row['seconds']} s", json.dumps(row["checkpoints"][-1]), flush=True)


@cache
def net_hash(net: str) -> str | None:
    """Of the weights of a feature net: scores of another one are other scores."""
    sha256: str | None = ganeval.load_net(net).card.sha256 if net else None
    return sha256


def command(row: Row) -> str:
    """What a user would type."""
    options = "".join(f" --set {change}" for change in changes(row))
    options += "" if (kept := checkpoints(row)) is None else f" --checkpoints {kept[0]}"
    return f"python -m trainers train {row.recipe} --seed {row.seed}{options}"


def changes(row: Row) -> list[str]:
    """As `--set` takes them."""
    return [f"{field}={_text(value)}" for field, value in row.changes.items()]


def checkpoints(row: Row) -> tuple[int] | None:
    """Steps that are scored beside the first and the last: of a changed recipe, one half way."""
    return (changed(RECIPES[row.recipe], changes(row)).steps // 2,) if row.changes else None


def result(name: str, row: Row) -> dict[str, Any]:
    """Trains one row."""
    recipe = changed(RECIPES[row.recipe], changes(row))
    judge = net_hash(recipe.judge)
    digest = hashlib.sha256(f"{command(row)} {judge}".encode()).hexdigest()[:8]
    out = HERE.parents[1] / "build" / "thesis" / f"{name}-{digest}"
    start = time.process_time()
    run = Run(row.recipe, recipe, row.seed, checkpoints=checkpoints(row))
    train(run, out, device=torch.device("cpu"))
    seconds = round(time.process_time() - start)
    scores = earlier_scores(out)
    (HERE / f"{name}.png").write_bytes((out / f"step-{recipe.steps}.png").read_bytes())
    return {
        "net": recipe.judge,
        "classes": classes(recipe),
        "steps": recipe.steps,
        "seconds": seconds,
        "checkpoints": scores,
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
