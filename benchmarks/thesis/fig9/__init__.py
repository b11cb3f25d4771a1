"""Figures 9 and 10: a conditional GAN against ten GANs of one digit each."""

from pathlib import Path
from typing import Any

import numpy as np

import ganeval
from benchmarks.thesis import style
from benchmarks.thesis.cells import Cell, Claim, latest, quantiles, scored, unless_small
from benchmarks.thesis.digits import held_out, seen
from benchmarks.thesis.models import Model, small
from benchmarks.thesis.words import picture, table

TITLE = "Figures 9 and 10: conditional and one-class GANs on MNIST"

DIGITS = tuple("0123456789")
SIDES = ("conditional", "one-class")

SHORT = (
    " One-class nets see batches of 8 of their digit, for few steps: neither model has come to "
    "where the thesis' models fade."
)


def models(scale: str) -> list[Model]:
    """The conditional GAN, and ten GANs of a digit each, trained at the same time."""
    if scale == "small":
        return [small("mnist-cgan", 500), small("mnist-one-class", 200, batch=8)]
    return [Model("mnist-cgan", 40_000), Model("mnist-one-class", 20_000)]


def cells(scale: str) -> list[Cell]:
    """All ten digits at once."""
    return [Cell("digits", scale, max(model.steps for model in models(scale)))]


def needs(cell: Cell) -> list[Model]:
    """Both models."""
    return models(cell.scale)


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Three tests for each digit: either model against real digits, and against the other."""
    n = 300 if cell.scale == "small" else 800
    images, y = held_out("mnist", 10_000)
    real = np.stack([images[y == k][:n] for k in range(10)])
    labels = np.repeat(np.arange(10), n)
    fakes = [model.draw(labels).reshape(10, n, 1, 32, 32) for model in models(cell.scale)]
    figure, axes = style.figure(2, side=3.2)
    for axis, fake, name in zip(axes[0], fakes, SIDES, strict=True):
        style.show_tiles(axis, fake[:, :10], rows=DIGITS)
        style.title(axis, name)
    style.save(figure, out / f"fig9-{cell.scale}.png")
    sides = dict(zip(("real", *SIDES), (real, *fakes), strict=True))
    views = {
        name: [seen(x[k], "mnist", np.full(n, k), DIGITS) for k in range(10)]
        for name, x in sides.items()
    }
    pairs = {"conditional": ("real", "conditional"), "one-class": ("real", "one-class"),
             "each other": SIDES}  # fmt: skip
    tests = {
        name: [_test(first, second) for first, second in zip(views[one], views[two], strict=True)]
        for name, (one, two) in pairs.items()
    }
    return {"tests": tests}


def _test(first: ganeval.Features, second: ganeval.Features) -> dict[str, Any]:
    found = ganeval.c2st(first, second, permutations=0)
    spread = quantiles(found.details["log_loss"])
    return scored(found) | {"p_value": found.details["p_value"], "log_loss": spread}


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """One-class models are told from real digits, for every digit."""
    row = latest(rows)[-1]
    known = [test["value"] for test in row["tests"]["one-class"]]
    worse = sum(a > b["value"] for a, b in zip(known, row["tests"]["conditional"], strict=True))
    here = (
        f"AUC of one-class models against reals {min(known):.2f} to {max(known):.2f}; higher than "
        f"the conditional model's for {worse} of 10 digits"
    )
    agrees = worse == 10 and min(known) > 0.9
    return [
        Claim("one-class models are almost perfectly distinguishable, every digit", here,
              unless_small(agrees, row["scale"]), row["scale"])
    ]  # fmt: skip


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Samples, bars per digit, and which are told apart."""
    row = latest(rows)[-1]
    figure, axes = style.figure(1, side=2.8, wide=1.8)
    for (name, tests), colour in zip(row["tests"].items(), style.COLOURS, strict=False):
        middle = np.array([test["log_loss"]["q50"] for test in tests])
        ends = np.array([[t["log_loss"]["q10"], t["log_loss"]["q90"]] for t in tests]).T
        axes[0, 0].errorbar(
            range(10), middle, abs(ends - middle), fmt="o-", ms=3, lw=1, capsize=2,
            color=colour, label=name if name == "each other" else f"{name} against real",
        )  # fmt: skip
    axes[0, 0].axhline(np.log(2), color=style.MUTED, lw=0.8, ls=":")
    axes[0, 0].set_xticks(range(10), DIGITS)
    style.label(axes[0, 0], "digit", "log-loss, greater is better")
    style.legend(axes[0, 0])
    style.save(figure, out / "fig10.png")
    lines = [
        [digit, *(_cell(row["tests"][name][k]) for name in row["tests"])]
        for k, digit in enumerate(DIGITS)
    ]
    worse = sum(
        two["value"] > one["value"]
        for one, two in zip(row["tests"]["conditional"], row["tests"]["one-class"], strict=True)
    )
    return "\n\n".join(
        [
            picture(out, f"fig9-{row['scale']}.png", "Samples of both models"),
            "AUC of the two-sample test on features of the `mnist` net, digit by digit, with "
            f"its 95 % interval (scale {row['scale']}; conditional and one-class models after "
            f"{' and '.join(str(m.steps) for m in models(row['scale']))} steps). In bold: told "
            "apart at 5 %, corrected for 30 tests (Holm). Figure 10 shows the log-loss, as the "
            "thesis does.",
            picture(out, "fig10.png", "Log-loss per digit"),
            table(["digit", *(f"{n} / real" if n != "each other" else n for n in row["tests"])],
                  _bold(lines, row)),
            "**The thesis**: one-class models, trained longer, fade or get artefacts, and are "
            "told from real digits almost perfectly, for every digit. Here the one-class model "
            f"of a digit is easier to tell from real ones than the conditional model for {worse} "
            "of 10 digits."
            + (SHORT if row["scale"] == "small" else ""),
        ]
    )  # fmt: skip


def _cell(test: dict[str, Any]) -> str:
    low, high = test["interval"]
    return f"{test['value']:.3f} ({low:.3f} to {high:.3f})"


def _bold(lines: list[list[str]], row: dict[str, Any]) -> list[list[str]]:
    from ganeval.statistics import holm

    names = list(row["tests"])
    p_values = [row["tests"][name][k]["p_value"] for k in range(10) for name in names]
    told = np.array(holm(p_values)).reshape(10, len(names)) < 0.05
    return [
        [line[0], *(f"**{text}**" if told[k, i] else text for i, text in enumerate(line[1:]))]
        for k, line in enumerate(lines)
    ]
