"""Figures 12 and 13: one-class WGANs, a conditional WGAN and the star on six proteins."""

from pathlib import Path
from typing import Any

import ganeval
from benchmarks.thesis import style, yeast
from benchmarks.thesis.cells import Cell, Claim, latest, scored, unless_small
from benchmarks.thesis.models import Model
from benchmarks.thesis.words import picture, table, with_interval

TITLE = "Figures 12 and 13: one-class, conditional and star-shaped WGANs of six proteins"

MODELS = {
    "one-class": ("lin6-one-class", 25, 50_000),
    "conditional": ("lin6-cwgan-gp", 60, 100_000),
    "star": ("lin6-star", 25, 50_000),
}
"""Recipe, and steps at small and full scale."""

K = 6


def model(source: str, what: str, scale: str) -> Model:
    """The model of a column."""
    recipe, few, all_steps = MODELS[what]
    return yeast.model(recipe, source, K, scale, few if scale == "small" else all_steps)


def cells(scale: str) -> list[Cell]:
    """Three models of each source of cells."""
    found = [(f"{source}, {what}", model(source, what, scale)) for source in yeast.sources()
             for what in MODELS]  # fmt: skip
    return [Cell(what, scale, trained.steps) for what, trained in found]


def needs(cell: Cell) -> list[Model]:
    """One model."""
    source, what = cell.what.split(", ")
    return [model(source, what, cell.scale)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Intra-FID, C2ST and obedience against test cells; a picture of all classes."""
    (source, _), n = cell.what.split(", "), yeast.per_class(cell.scale)
    names = yeast.PROTEINS[K]
    real = yeast.cells_of(source, names, "test", n)
    fake = yeast.fakes(needs(cell)[0], K, n)
    figure, axes = style.figure(2, side=2.4, wide=1.6)
    for axis, images, name in ((axes[0, 0], real, "real"), (axes[0, 1], fake, cell.what)):
        style.show_tiles(axis, images[:, :6], rows=names)
        style.title(axis, name)
    style.save(figure, out / _name(cell.what, cell.scale))
    ours, theirs = (yeast.joined(yeast.seen(images, names)) for images in (real, fake))
    return {
        "intra_fid": scored(ganeval.intra_fid(ours, theirs)),
        "c2st": scored(ganeval.c2st(ours, theirs, permutations=0)),
        "obedience": scored(found := ganeval.obedience(ours, theirs)),
        "obedience_of_reals": found.details["reals"],
    }


def _name(what: str, scale: str) -> str:
    return f"{what.replace(', ', '-')}-{scale}.png"


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """The conditional WGAN ignores its label, the others do not."""
    found = []
    for source in dict.fromkeys(row["what"].split(", ")[0] for row in rows):
        last = {r["what"].split(", ")[1]: r for r in latest(rows) if r["what"].startswith(source)}
        shares = {what: row["obedience"]["value"] for what, row in last.items()}
        here = ", ".join(f"{what} {share:.2f}" for what, share in shares.items())
        scale = next(iter(last.values()))["scale"]
        agrees = min(shares, key=lambda what: shares[what]) == "conditional"
        found.append(
            Claim("one-class and star learn each protein; the conditional WGAN ignores its label",
                  f"{source}, follow their label: {here}", unless_small(agrees, scale), scale)
        )  # fmt: skip
    return found


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Scores, pictures, and what the thesis saw in them."""
    last = latest(rows)
    lines = [
        [row["what"], row["scale"], row["steps"], with_interval(row["intra_fid"]),
         with_interval(row["c2st"]), with_interval(row["obedience"]),
         f"{row['obedience_of_reals']:.2f}"]
        for row in last
    ]  # fmt: skip
    heads = (
        "cells, model | scale | steps | intra-FID (95 %) | C2ST AUC (95 %) | follow their "
        "label (95 %) | reals do"
    )
    return "\n\n".join(
        [
            table(heads, lines),
            "\n".join(picture(out, _name(r["what"], r["scale"]), r["what"]) for r in last),
            "**The thesis** (by eye): one-class models learn each protein; the conditional WGAN "
            "is unstable and ignores its label; the star learns each protein and draws all in "
            "one cell. The column of labels is that judgement as a number: the share of cells "
            "that a classifier of real cells takes for the protein that was asked for, of six "
            "(chance: 0.17). Small models have 25 to 60 steps of 50,000 to 100,000, which "
            "teaches none of them a protein; longer runs of all three are under *Every recipe* "
            "below.",
        ]
    )
