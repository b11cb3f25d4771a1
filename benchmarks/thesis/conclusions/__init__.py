"""Beyond the thesis: which of its conclusions hold at its n, with intervals and paired tests."""

from pathlib import Path
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from benchmarks.thesis import style, table3, yeast
from benchmarks.thesis.cells import Cell, Claim, digits, latest, scored, unless_small
from benchmarks.thesis.models import Model
from benchmarks.thesis.runner import RESULTS
from benchmarks.thesis.words import picture, published, sign_test, table
from ganeval.errors import InputError
from ganeval.statistics import holm

TITLE = "Which conclusions hold at n = 500"

PAIRS = (("projection", "multichannel"), ("multichannel", "cGAN"), ("projection", "real"))


def cells(scale: str) -> list[Cell]:
    """All models of 41 proteins, and training cells, on the same test cells."""
    steps = table3.model("synthlin", 41, "cGAN", scale).steps
    return [Cell(source, scale, steps) for source in yeast.sources()]


def needs(cell: Cell) -> list[Model]:
    """The three models of Table 3."""
    return [table3.model(cell.what, 41, what, cell.scale) for what in table3.MODELS]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Paired differences of FID, protein by protein, and the two-sample test of each model."""
    names, n = yeast.PROTEINS[41], yeast.per_class(cell.scale)
    real = yeast.seen(yeast.cells_of(cell.what, names, "test", n), names)
    models = {"real": yeast.seen(yeast.cells_of(cell.what, names, "train", n), names)}
    for what, model in zip(table3.MODELS, needs(cell), strict=True):
        models[what] = yeast.seen(yeast.fakes(model, 41, n), names)
    differences = {f"{one} - {two}": {} for one, two in PAIRS}
    refused = []
    for i, name in enumerate(names):
        for one, two in PAIRS:
            pair = {m: models[m][i] for m in (one, two)}
            try:
                found = ganeval.compare(real[i], pair, metric="fid")
            except InputError as error:  # of a few hundred steps, or cells: tails may be too heavy
                refused.append(f"{name}: {error}")
                continue
            (gap,) = found.differences
            sign = 1 if gap.model == one else -1
            ends = sorted(sign * end for end in gap.interval)
            differences[f"{one} - {two}"][name] = digits(
                {"difference": sign * gap.estimate, "interval": ends, "p_value": gap.p_value}
            )
    everything = yeast.joined(real)
    tests = {
        what: scored(ganeval.c2st(everything, yeast.joined(found), permutations=0))
        for what, found in models.items()
    }
    return {"n": n, "differences": differences, "refused": refused, "c2st": tests}


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """That what projection draws cannot be told from reals."""
    found = []
    for row in latest(rows):
        test, real = row["c2st"]["projection"], row["c2st"]["real"]
        here = "AUC {:.3f} ({:.3f} to {:.3f})".format(test["value"], *test["interval"])
        found.append(
            Claim("projection is not distinguishable from real cells (by eye)",
                  f"{row['what']}: {here}; training cells {real['value']:.3f}",
                  unless_small(test["interval"][0] <= 0.5, row["scale"]), row["scale"])
        )  # fmt: skip
    return found


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Each conclusion with what supports it."""
    sections = [_published(), *_reals(out)]
    for row in latest(rows):
        lines = []
        for pair, found in row["differences"].items():
            if not found:
                continue
            p_values = holm([one["p_value"] for one in found.values()])
            below = sum(one["difference"] < 0 for one in found.values())
            sure = sum(
                p < 0.05 and one["difference"] < 0
                for p, one in zip(p_values, found.values(), strict=True)
            )
            against = sum(
                p < 0.05 and one["difference"] > 0
                for p, one in zip(p_values, found.values(), strict=True)
            )
            middle = np.median([one["difference"] for one in found.values()])
            claim, holds = pair.replace(" - ", " below "), f"{below} of {len(found)} proteins"
            lines.append([claim, holds, sure, against, f"{middle:.3g}"])
        _figure(row, out)
        tests = ", ".join(
            f"{what} {s['value']:.3f} ({s['interval'][0]:.3f} to {s['interval'][1]:.3f})"
            for what, s in row["c2st"].items()
        )
        sections.append(
            f"**{row['what']}, scale {row['scale']}, n = {row['n']} a side and protein, "
            "paired**: FID (corrected) of two models from the same test cells, so that the "
            "choice of these cells cancels; corrected for as many tests as there are proteins "
            "(Holm, 5 %)."
        )
        if refused := row.get("refused"):
            sections.append(f"{len(refused)} comparisons were refused, as that of {refused[0]}.")
        sections.append(
            table(["claim", "holds for", "surely", "surely not", "median difference"],
                  lines)
        )  # fmt: skip
        sections.append(picture(out, f"differences-{row['what']}.png", "Paired differences of FID"))
        sections.append(
            '"Not visually distinguishable from real data" is what the two-sample test asks of all '
            f"41 proteins together (AUC, 0.5 is indistinguishable): {tests}."
        )
    return "\n\n".join(sections)


def _published() -> str:
    """What the thesis' own table supports without a model."""
    known = np.array(list(published()["table3"].values()))
    real, cgan, multi, projection = known.T
    wins = [int((projection < multi).sum()), int((multi < cgan).sum())]
    ratio = projection / real
    log = np.log(ratio)
    half = 2.02 * log.std(ddof=1) / len(log) ** 0.5
    low, high = np.exp([log.mean() - half, log.mean() + half])
    return (
        f"**From the published table alone.** Projection is below multichannel for {wins[0]} of "
        f"41 proteins and multichannel below cGAN for {wins[1]} (sign tests: p = "
        f"{sign_test(wins[0], 41):.1g} each): with one training run of each model, this says "
        "that these three runs differ and not that the methods do. Projection is "
        f"{np.exp(log.mean()):.2f} times the real column (geometric mean over proteins; "
        f"{low:.2f} to {high:.2f}), and above it for {int((ratio > 1).sum())} of 41."
    )


def _reals(out: Path) -> list[str]:
    """That the real column is bias: the same with both sides real, corrected for n."""
    rows = {r["what"]: r for r in latest(harness.lines_of(out.parent / "table3" / RESULTS))}
    row = rows.get("synthlin, 41, real")
    if row is None:
        return []
    found = row["classes"].values()
    zero = sum(one["interval"][0] <= 0 for one in found if one["interval"])
    plain = np.mean([one["value"] for one in found])
    mean = row["intra_fid"]
    low, high = mean["interval"]
    return [
        f"**The real column is bias.** On SynthLIN, {next(iter(found))['n_real']} training "
        f"against as many test cells: FID is {plain:.3g} on average without correction, and "
        f"{mean['corrected']:.3g} ({low:.3g} to {high:.3g}) corrected; the interval of {zero} of "
        "41 proteins reaches 0. Both sides have one "
        'distribution, so the true distance is 0: "projection is within twice the real data" '
        "compares a distance "
        "plus a bias with a bias. Correct both before taking a ratio."
    ]


def _figure(row: dict[str, Any], out: Path) -> None:
    figure, axes = style.figure(len(PAIRS), side=4.6, wide=0.55)
    for axis, (pair, found) in zip(axes[0], row["differences"].items(), strict=True):
        order = sorted(found, key=lambda name: found[name]["difference"])
        for place, name in enumerate(order):
            one = found[name]
            axis.plot(one["interval"], [place, place], color=style.COLOURS[0], lw=1.2)
            axis.plot([one["difference"]], [place], "o", ms=2, color=style.COLOURS[0])
        axis.axvline(0, color=style.MUTED, lw=0.8, ls=":")
        axis.set_yticks(range(len(order)), order)
        axis.tick_params(axis="y", labelsize=5)
        style.title(axis, pair)
        style.label(axis, "difference of FID")
    style.save(figure, out / f"differences-{row['what']}.png")
