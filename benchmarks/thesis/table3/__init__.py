"""Tables 2 and 3 and Appendix C: FID within each protein, of reals and of three models."""

from pathlib import Path
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from benchmarks.thesis import recipes, style, yeast
from benchmarks.thesis.cells import Cell, Claim, latest, scored, unless_small
from benchmarks.thesis.models import Model
from benchmarks.thesis.runner import RESULTS
from benchmarks.thesis.words import picture, published, sign_test, table, with_interval

TITLE = "Tables 2 and 3, Appendix C: FID of each protein"

MODELS = {"cGAN": "cgan", "multichannel": "multichannel", "projection": "projection"}

STEPS = {(6, "small"): 300, (41, "small"): 120, (6, "full"): 100_000, (41, "full"): 100_000}


def model(source: str, k: int, what: str, scale: str) -> Model:
    """A conditional model of 6 or 41 proteins."""
    steps = 200_000 if (k, what, scale) == (41, "multichannel", "full") else STEPS[k, scale]
    recipe = f"lin{41 if what == 'cGAN' else k}-{MODELS[what]}"
    return yeast.model(recipe, source, k, scale, steps)


def cells(scale: str) -> list[Cell]:
    """Reals and three models, of 6 and of 41 proteins."""
    found = []
    for source in yeast.sources():
        for k in (6, 41):
            found.append(Cell(f"{source}, {k}, real", scale))
            found += [
                Cell(f"{source}, {k}, {what}", scale, model(source, k, what, scale).steps)
                for what in MODELS
            ]
    return found


def needs(cell: Cell) -> list[Model]:
    """One model; none for reals."""
    source, k, what = cell.what.split(", ")
    return [] if what == "real" else [model(source, int(k), what, cell.scale)]


def sides(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """[k, n, 2, 48, 80] each: test cells, and generated or training cells to compare with them."""
    source, k, what = cell.what.split(", ")
    names, n = yeast.PROTEINS[int(k)], yeast.per_class(cell.scale)
    real = yeast.cells_of(source, names, "test", n)
    if what == "real":
        return real, yeast.cells_of(source, names, "train", n)
    return real, yeast.fakes(needs(cell)[0], int(k), n)


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """FID of each protein with its interval, their mean; and real cells beside generated ones."""
    _, k, what = cell.what.split(", ")
    names = yeast.PROTEINS[int(k)]
    real, fake = sides(cell)
    if what != "real":
        _picture(out / _name(cell.what, cell.scale), real, fake, cell.what)
    ours, theirs = (yeast.seen(images, names) for images in (real, fake))
    return {
        "classes": {
            name: scored(ganeval.fid(one, two))
            for name, one, two in zip(names, ours, theirs, strict=True)
        },
        "intra_fid": scored(ganeval.intra_fid(yeast.joined(ours), yeast.joined(theirs))),
    }


def _name(what: str, scale: str) -> str:
    return f"{what.replace(', ', '-')}-{scale}.png"


def _picture(path: Path, real: np.ndarray, fake: np.ndarray, title: str) -> None:
    """A row for each of at most 41 proteins: two real cells, two generated (Figure 28)."""
    k = len(real)
    names = yeast.PROTEINS[k]
    parts = np.array_split(np.arange(k), 3 if k > 6 else 1)
    high = 0.3 * len(parts[0])
    figure, axes = style.figure(len(parts), side=high + 0.4, wide=2.6 / (high + 0.4))
    for axis, part in zip(axes[0], parts, strict=True):
        both = np.concatenate([real[part, :2], fake[part, :2]], axis=1)
        columns = ("real", "", "generated", "")
        style.show_tiles(axis, both, rows=[names[i] for i in part], columns=columns)
    figure.suptitle(title, fontsize=8)
    style.save(figure, path)


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """The order of models within each protein, and how near projection comes to the reals."""
    found = []
    for group in _sets({row["what"]: row for row in latest(rows)}):
        if set(MODELS) <= group.keys():
            k, scale = group["cGAN"]["what"].split(", ")[1], group["cGAN"]["scale"]
            wins = [_wins(group[a], group[b]) for a, b in ORDER]
            here = (
                f"{k} proteins: projection below multichannel for {wins[0]}, multichannel below "
                f"cGAN for {wins[1]}"
            )
            agrees = min(wins) == int(k)
            found.append(
                Claim("projection < multichannel < cGAN for every protein", here,
                      agrees or unless_small(agrees, scale), scale)
            )  # fmt: skip
    return found


ORDER = (("projection", "multichannel"), ("multichannel", "cGAN"))


def _wins(better: dict[str, Any], worse: dict[str, Any]) -> int:
    """Proteins whose FID is lower in the first."""
    return sum(
        one["value"] < worse["classes"][name]["value"] for name, one in better["classes"].items()
    )


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """The table of means, the published table beside ours, and rank correlations."""
    last = {row["what"]: row for row in latest(rows)}
    sections = [INTRODUCTION, table(*_means(last)), *map(_orders, _sets(last)), _longer(out)]
    for source in dict.fromkeys(what.split(", ")[0] for what in last):
        found = {
            m: last[f"{source}, 41, {m}"] for m in ("real", *MODELS) if f"{source}, 41, {m}" in last
        }
        if found:
            sections.append(_beside(source, found))
    sections += [
        picture(out, _name(row["what"], row["scale"]), f"{row['what']}: real and generated cells")
        for row in last.values()
    ]
    return "\n\n".join(filter(None, sections))


INTRODUCTION = """\
FID within each protein between test cells and, for *real*, training cells, or else generated ones,
on features of `lin41`; mean over proteins. The first number is plain, as in the thesis, and has the
bias of its n; the second is corrected for n, with its 95 % interval. Distances of two nets do not
compare; ratios and orders do."""


def _sets(last: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows by model, for each source and number of proteins."""
    found: dict[str, dict[str, Any]] = {}
    for what, row in last.items():
        key, _, name = what.rpartition(", ")
        found.setdefault(key, {})[name] = row
    return list(found.values())


def _means(last: dict[str, Any]) -> tuple[str, list[list[object]]]:
    known = dict(
        zip(("real", *MODELS), zip(*published()["table3"].values(), strict=True), strict=True)
    )
    six = dict(zip(known, zip(*(published()["table3"][n] for n in yeast.PROTEINS[6]), strict=True),
                   strict=True))  # fmt: skip
    lines: list[list[object]] = []
    for what, row in last.items():
        _, k, name = what.split(", ")
        base = last.get(f"{what.rpartition(', ')[0]}, real")
        theirs = (six if k == "6" else known)[name]
        real = (six if k == "6" else known)["real"]
        ratio = row["intra_fid"]["value"] / base["intra_fid"]["value"] if base else np.nan
        lines.append([what, row["scale"], row["steps"], row["intra_fid"]["n_real"] // int(k),
                      f"{row['intra_fid']['value']:.3g}", with_interval(row["intra_fid"]),
                      f"{ratio:.3g}", f"{np.mean(theirs):.3f}",
                      f"{np.mean(theirs) / np.mean(real):.3g}"])  # fmt: skip
    heads = (
        "cells, proteins, model | scale | steps | n per class | mean FID | corrected (95 %) | "
        "over real | thesis | over real"
    )
    return heads, lines


def _orders(found: dict[str, Any]) -> str:
    """How many proteins keep the thesis' order."""
    if not set(MODELS) <= found.keys():
        return ""
    source, k, _ = found["cGAN"]["what"].split(", ")
    parts = []
    for better, worse in ORDER:
        one, two = found[better]["classes"], found[worse]["classes"]
        wins = _wins(found[better], found[worse])
        apart = sum(
            bool(one[name]["interval"] and two[name]["interval"])
            and one[name]["interval"][1] < two[name]["interval"][0]
            for name in one
        )
        p = sign_test(wins, len(one))
        parts.append(
            f"{better} is below {worse} for {wins} of {k} proteins (sign test p = {p:.2g}; for "
            f"{apart} the intervals are apart)"
        )
    return f"**{source}, {k} proteins**: " + "; ".join(parts) + ". The thesis: all of 41, twice."


def _longer(out: Path) -> str:
    """What longer runs of the same three recipes gave."""
    rows = {row["what"]: row for row in harness.lines_of(out.parent / "recipes" / RESULTS)}
    names = [f"lin41-{part}" for part in ("cgan", "multichannel", "projection")]
    if not all(name in rows for name in names):
        return ""
    ends = [recipes.end(rows[name]) for name in names]
    said = ", ".join(
        f"{name.removeprefix('lin41-')} {e['fid_corrected']:.3g} ({e['fid_low']:.3g} to "
        f"{e['fid_high']:.3g})"
        for name, e in zip(names, ends, strict=True)
    )
    return (
        f"Longer runs of the same recipes on SynthLIN ({rows[names[0]]['steps']} steps, a "
        "quarter of the width; *Every recipe* below) have the thesis' order clearly, by FID of "
        f"all 41 proteins together: {said}."
    )


def _beside(source: str, found: dict[str, Any]) -> str:
    """Our 41 x 4 beside the published one."""
    from scipy.stats import spearmanr

    known, names = published()["table3"], yeast.PROTEINS[41]
    heads = [
        "protein",
        *(f"{m}, ours" for m in found),
        *(f"{m}, thesis" for m in ("real", *MODELS)),
    ]
    lines = [
        [name, *(f"{found[m]['classes'][name]['value']:.3g}" for m in found),
         *(f"{value:.3f}" for value in known[name])]
        for name in names
    ]  # fmt: skip
    ranks = []
    for place, m in enumerate(("real", *MODELS)):
        if m in found:
            ours = [found[m]["classes"][name]["value"] for name in names]
            rho = spearmanr(ours, [known[name][place] for name in names])
            ranks.append(f"{m} {rho.statistic:+.2f} (p = {rho.pvalue:.2g})")
    scale = next(iter(found.values()))["scale"]
    return (
        f"**Rank correlation (Spearman) of the 41 proteins, ours on {source} (scale {scale}) "
        f"with the thesis'**: {', '.join(ranks)}.\n\n<details><summary>All 41 "
        f"proteins</summary>\n\n{table(heads, lines)}\n\n</details>"
    )
