"""Figures 14, 15 and 29: distances of 41 proteins from each other, and nearest neighbours."""

from pathlib import Path
from typing import Any

import numpy as np

import ganeval
from benchmarks.thesis import style, yeast
from benchmarks.thesis.cells import Cell, Claim, digits, latest
from benchmarks.thesis.models import Model
from benchmarks.thesis.words import picture, published, table
from ganeval.report.heat_map import draw_matrix
from ganeval.suites import ClassMatrix

TITLE = "Figures 14, 15 and 29: which proteins look alike"

PATCHES = ("Arp3", "Fim1", "Myo1", "Act1")
"""Proteins of actin patches."""

SIMULATED = " Cells are simulated: that these four look alike was put in."


def cells(scale: str) -> list[Cell]:
    """One matrix for each source of cells."""
    return [Cell(source, scale) for source in yeast.sources()]


def needs(cell: Cell) -> list[Model]:
    """No model."""
    return []


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """FID of training cells of every protein from test cells of every protein."""
    names, n = yeast.PROTEINS[41], yeast.per_class(cell.scale)
    first, second = (yeast.cells_of(cell.what, names, part, n) for part in ("train", "test"))
    train, test = (yeast.joined(yeast.seen(images, names)) for images in (first, second))
    found = ganeval.matrix(test, train, per_class=n)
    nearest = found.nearest("Arp3")[:5]
    figure, axes = style.figure(5, side=1.5, wide=1.2)
    for axis, (name, value) in zip(axes[0], nearest, strict=True):
        chosen = first[names.index(name)][:6]
        style.show_tiles(axis, chosen.reshape(3, 2, *chosen.shape[1:]))
        style.title(axis, f"{name} {value:.3g}")
    style.save(figure, out / f"fig15-{cell.what}-{cell.scale}.png")
    return {"n": n, "classes": list(found.classes), "values": digits(found.values.tolist())}


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """The same protein is nearest, and Arp3's neighbours are proteins of actin patches."""
    found = []
    for row in latest(rows):
        matrix = _matrix(row)
        itself = sum(np.argmin(values) == i for i, values in enumerate(matrix.values))
        nearest = [name for name, _ in matrix.nearest("Arp3")[1:3]]
        found += [
            Claim("distances within a protein are much lower than between two",
                  f"{row['what']}: lower in {100 * matrix.separation:.1f} % of pairs; {itself} of "
                  "41 proteins are nearest to themselves", matrix.separation > 0.95, row["scale"]),
            Claim("Arp3 is nearest to other proteins of actin patches (Fim1, Myo1)",
                  f"{row['what']}: to {' and '.join(nearest)}",
                  set(nearest) <= set(PATCHES), row["scale"]),
        ]  # fmt: skip
    return found


def _matrix(row: dict[str, Any]) -> ClassMatrix:
    sizes = np.full((len(row["classes"]), 2), row["n"])
    names = ("training cells", "test cells")
    return ClassMatrix("fid", tuple(row["classes"]), np.array(row["values"]), sizes, names)


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """The matrix, classes within and between, and the neighbours of Arp3."""
    return "\n\n".join(_one(row, out) for row in latest(rows))


def _one(row: dict[str, Any], out: Path) -> str:
    source, names = row["what"], row["classes"]
    values = np.array(row["values"])
    found = _matrix(row)
    draw_matrix(found, out / f"fig29-{source}.png", title=f"{source}, n = {row['n']}")
    others = values[~np.eye(len(names), dtype=bool)]
    rng = np.random.default_rng(0)
    figure, axes = style.figure(1, side=2.4, wide=1.8)
    for place, (label, pool) in enumerate(
        (("the same protein", found.own), ("two proteins", others))
    ):
        chosen = rng.permutation(pool)[:20]
        axes[0, 0].plot(rng.uniform(-0.2, 0.2, 20) + place, chosen, "o", ms=3,
                        color=style.COLOURS[place], label=label)  # fmt: skip
    axes[0, 0].set_yscale("log")
    axes[0, 0].set_xticks([0, 1], ["the same protein", "two proteins"])
    style.label(axes[0, 0], y="FID")
    style.save(figure, out / f"fig14-{source}.png")
    nearest = found.nearest("Arp3")
    itself = sum(np.argmin(row) == i for i, row in enumerate(values))
    patches = sum(name in PATCHES for name, _ in nearest[1:4])
    known = published()["arp3"]
    lines = [
        [i + 1, f"{ours[0]} {ours[1]:.3g}", f"{theirs[0]} {theirs[1]:.3f}"]
        for i, (ours, theirs) in enumerate(zip(nearest, known.items(), strict=False))
    ]
    theirs = [published()["table3"][name][0] for name in names]
    from scipy.stats import spearmanr

    rho = spearmanr(found.own, theirs)
    return "\n\n".join(
        [
            f"**{source}**, scale {row['scale']}: {row['n']} training against {row['n']} test "
            f"cells of each of {len(names)} proteins, as in the thesis (500 against 500); "
            "uncorrected FID.",
            picture(out, f"fig29-{source}.png", "log10 of FID between proteins"),
            picture(out, f"fig14-{source}.png", "20 distances within proteins and 20 between"),
            f"{itself} of {len(names)} proteins are nearest to themselves. A distance within a "
            f"protein is below one between two proteins in {100 * found.separation:.1f} % of all "
            f"pairs of both kinds; within, FID is {np.median(found.own):.3g} (median; the thesis "
            f"{np.median(theirs):.3g}), between {np.median(others):.3g}. Rank correlation of the "
            f"41 distances within with the thesis': {rho.statistic:+.2f} (p = {rho.pvalue:.2g}): "
            f"both are mostly the bias of n = {row['n']}, which has no reason to agree.",
            picture(out, f"fig15-{source}-{row['scale']}.png", "Arp3 and its nearest proteins"),
            table(["Arp3 is nearest to", "ours", "thesis"], lines),
            f"{patches} of the three proteins nearest to Arp3 (after itself) are other proteins "
            "of actin patches; in the thesis Fim1 and Myo1 are the first two."
            + (SIMULATED if source == "synthlin" else ""),
        ]
    )  # fmt: skip
