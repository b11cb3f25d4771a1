"""Appendix B: the multichannel GAN on MNIST, CIFAR-10 and yeast, every class from one noise."""

from pathlib import Path
from typing import Any

import numpy as np

import ganeval
from benchmarks.thesis import style, table3, yeast
from benchmarks.thesis.cells import Cell, latest, scored
from benchmarks.thesis.digits import held_out, seen
from benchmarks.thesis.models import Model, small
from benchmarks.thesis.words import picture, table, with_interval
from trainers.data import DATA

TITLE = "Appendix B: the multichannel GAN"

COLUMNS = {
    "mnist": tuple("0123456789"),
    "cifar": DATA["cifar10"].classes,
    "yeast": yeast.PROTEINS[6],
}
ROWS = 8


def model(what: str, scale: str) -> Model:
    """A multichannel GAN of one data set."""
    if what == "yeast":
        return table3.model("synthlin", 6, "multichannel", scale)
    steps = {"mnist": 500, "cifar": 80}[what]
    recipe = f"{what}-multichannel"
    return small(recipe, steps) if scale == "small" else Model(recipe, 100_000)


def cells(scale: str) -> list[Cell]:
    """Three data sets."""
    return [Cell(what, scale, model(what, scale).steps) for what in COLUMNS]


def needs(cell: Cell) -> list[Model]:
    """One model."""
    return [model(cell.what, cell.scale)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """The thesis' grid, and whether fakes show their class."""
    trained, names = model(cell.what, cell.scale), COLUMNS[cell.what]
    k, n = len(names), 100 if cell.scale == "small" else 500
    fake = trained.draw(np.tile(np.arange(k), n))
    grid = fake[: ROWS * k].reshape(ROWS, k, *fake.shape[1:])
    figure, axes = style.figure(1, side=3.0, wide=1.6 if cell.what == "yeast" else 1.3)
    style.show_tiles(axes[0, 0], grid, columns=names if cell.what != "cifar" else ())
    style.save(figure, out / _name(cell.what, cell.scale))
    if cell.what == "cifar":
        return {}  # no net of ours for photographs is shipped
    if cell.what == "yeast":
        real = yeast.joined(yeast.seen(yeast.cells_of("synthlin", names, "test", n), names))
        ordered = fake.reshape(n, k, *fake.shape[1:]).swapaxes(0, 1)
        theirs = yeast.joined(yeast.seen(ordered, names))
    else:
        images, y = held_out("mnist", 2000)
        real = seen(images, "mnist", y, names)
        theirs = seen(fake, "mnist", np.tile(np.arange(k), n), names)
    found = ganeval.obedience(real, theirs)
    return {"obedience": scored(found), "obedience_of_reals": found.details["reals"]}


def _name(what: str, scale: str) -> str:
    return f"{what}-{scale}.png"


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Grids and a table."""
    last = latest(rows)
    lines = [
        [row["what"], row["scale"], row["steps"], with_interval(row["obedience"]),
         f"{row['obedience_of_reals']:.2f}"]
        for row in last
        if "obedience" in row
    ]  # fmt: skip
    return "\n\n".join(
        [
            "Columns are classes, rows independent samples, as in the thesis (CIFAR-10: airplane, "
            "automobile, bird, cat, deer, dog, frog, horse, ship, truck).",
            "\n".join(picture(out, _name(r["what"], r["scale"]), r["what"]) for r in last),
            table(["data", "scale", "steps", "follow their label (95 %)", "reals do"], lines),
            "The table says how often a classifier of reals takes a fake for the class of its "
            "channel; the thesis shows pictures only. CIFAR-10 has no row, since no feature net "
            "for photographs comes with the package.",
        ]
    )
