"""Every recipe of the trainers, with a quarter of the width and fewer steps: does it learn?"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import ganeval
from benchmarks.thesis.cells import Cell, Claim
from benchmarks.thesis.models import DEVICE, ROOT, Model
from benchmarks.thesis.recipes.rows import ROWS, Row
from benchmarks.thesis.words import table
from trainers.checkpoint import Run
from trainers.data import DATA
from trainers.loop import earlier_scores, train
from trainers.recipes import RECIPES, Recipe, changed

TITLE = "Every recipe: does it learn?"


def cells(scale: str) -> list[Cell]:
    """Nothing at small scale; at full scale every recipe, some hours on one core."""
    return (
        [] if scale == "small" else [Cell(n, scale, _recipe(row).steps) for n, row in ROWS.items()]
    )


def needs(cell: Cell) -> list[Model]:
    """None: these models are not shared, and the trainers score them."""
    return []


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Trains one recipe, with the scores of its checkpoints."""
    row = ROWS[cell.what]
    recipe, folder = _recipe(row), ROOT / "recipes" / cell.what
    train(
        Run(row.recipe, recipe, row.seed, checkpoints=(recipe.steps // 2,)), folder, device=DEVICE
    )
    (out / f"{cell.what}.png").write_bytes((folder / f"step-{recipe.steps}.png").read_bytes())
    source = DATA[recipe.data]
    subjects = source.classes or set(source.texts().subjects if source.texts else ())
    return {
        "trainer": _command(row),
        "width": recipe.width,
        "net": recipe.judge,
        "net_sha256": net_hash(recipe.judge),
        "classes": len(subjects),
        "checkpoints": earlier_scores(folder),
    }


@cache
def net_hash(net: str) -> str | None:
    """Of the weights of a feature net: scores of another one are other scores."""
    sha256: str | None = ganeval.load_net(net).card.sha256 if net else None
    return sha256


def end(row: dict[str, Any]) -> dict[str, Any]:
    """Scores of the last checkpoint."""
    found: dict[str, Any] = row["checkpoints"][-1]
    return found


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """The order of the three models of 41 proteins, after 5,000 steps of narrow nets."""
    found = {row["what"]: end(row) for row in rows}
    order = ("lin41-projection", "lin41-multichannel", "lin41-cgan")
    if not set(order) <= found.keys():
        return []
    values = [found[name]["fid_corrected"] for name in order]
    here = ", ".join(f"{n} {v:.3g}" for n, v in zip(order, values, strict=True))
    return [
        Claim("projection < multichannel < cGAN", f"FID of 41 proteins together: {here}",
              values == sorted(values), "a quarter of the width, 5,000 steps")
    ]  # fmt: skip


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Points and images, the first checkpoint and the last."""
    points = [row for row in rows if "modes" in end(row)]
    pictures = [row for row in rows if "fid" in end(row)]
    return "\n\n".join(
        [
            "With a quarter of the usual width (StackGAN++: an eighth), larger steps, smaller "
            "batches and far fewer steps, on simulated yeast instead of LIN: whether each "
            "recipe learns, not how well it would. `trainer` in the results is the command for "
            "one row.",
            table(["recipe", "steps", "log-likelihood", "modes", "near"], map(_points, points)),
            "Corrected FID of as many fakes as images are held out, at most 2,000, with its 95 "
            "% interval, and median AUC of the two-sample test, both on features of the named "
            "net; for models with labels the share of fakes that the net, asked for one of the "
            "model's classes, takes for what they were meant to be.",
            table(
                ["recipe", "net", "steps", "FID at first", "at last", "C2ST AUC",
                 "fakes follow their label", "by chance"],
                map(_images, pictures),
            ),
            "†: judged by an earlier version of the net, and trained on the simulated yeast of "
            "that time, so that the distance does not compare with those of rows without the "
            "mark."
            if any(map(_judged_earlier, pictures))
            else "",
        ]
    )  # fmt: skip


def _points(row: dict[str, Any]) -> list[object]:
    first, last = row["checkpoints"][0], end(row)
    forms = (("log_likelihood", ".0f"), ("modes", "d"), ("near", ".2f"))
    return [_link(row["what"]), row["steps"],
            *(f"{first[name]:{form}} → {last[name]:{form}}" for name, form in forms)]  # fmt: skip


def _images(row: dict[str, Any]) -> list[object]:
    first, last, old = row["checkpoints"][0], end(row), _judged_earlier(row)
    known = "accuracy" in last and not old  # an older net was asked for one of all its classes
    return [
        _link(row["what"]), row["net"] + " †" * old, row["steps"],
        f"{first['fid_corrected']:.4g}",
        f"{last['fid_corrected']:.4g} ({last['fid_low']:.4g} to {last['fid_high']:.4g})",
        f"{first['c2st_auc']:.3f} → {last['c2st_auc']:.3f}",
        f"{first['accuracy']:.3f} → {last['accuracy']:.3f}" if known else "",
        f"{1 / row['classes']:.3f}" if known else "",
    ]  # fmt: skip


def _judged_earlier(row: dict[str, Any]) -> bool:
    return bool(row["net_sha256"] != net_hash(row["net"]))


def _link(name: str) -> str:
    return f"[{name}](recipes/{name}.png)"


def _recipe(row: Row) -> Recipe:
    return changed(RECIPES[row.recipe], _changes(row))


def _changes(row: Row) -> list[str]:
    return [
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in row.changes.items()
    ]


def _command(row: Row) -> str:
    options = "".join(f" --set {change}" for change in _changes(row))
    half = _recipe(row).steps // 2
    return f"python -m trainers train {row.recipe} --seed {row.seed}{options} --checkpoints {half}"
