"""Table 1 and Appendix A.1: 25 Gaussians, and which of two outcomes a seed leads to."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.thesis import style
from benchmarks.thesis.cells import Cell, Claim, latest
from benchmarks.thesis.models import Model, small
from benchmarks.thesis.words import mean_interval, picture, published, share_interval, table
from ganeval.datasets.gaussians import GRID

TITLE = "Table 1 and Appendix A.1: log-likelihood of 25 Gaussians"

ROWS = {
    "GAN, 1 D step": ("toy-gan", ("d_steps=1",), "GAN"),
    "GAN, 10 D steps": ("toy-gan", (), "GAN"),
    "LSGAN, 1 D step": ("toy-lsgan", ("d_steps=1",), "LSGAN"),
    "LSGAN, 10 D steps": ("toy-lsgan", (), "LSGAN"),
    "WGAN-GP, 10 D steps": ("toy-wgan-gp", (), "WGAN-GP"),
}
"""Recipe, what is changed of it, and the row of the thesis."""

LONG = "WGAN-GP 100k"

MOST_MODES = 18
"""From this many of 25 modes on, a run has taken the good branch."""

ENOUGH = 5
"""So many seeds make an interval; of two steps with as many, the later one says more."""

NEAR = 0.5
"""How far a mean may be from the thesis' value, as a share of it, and still agree."""

STAGES = (
    (100, ("GAN, 10 D steps", "LSGAN, 10 D steps")),
    (500, ("GAN, 1 D step", "LSGAN, 1 D step")),
    (6000, ("GAN, 1 D step", "LSGAN, 1 D step")),
    (200, ("WGAN-GP, 10 D steps",)),
    (6000, ("GAN, 10 D steps", "LSGAN, 10 D steps", "WGAN-GP, 10 D steps")),
)
"""At full scale all seeds go a part of the way before one goes on: the branch is taken early."""

N = 2500
"""Points in a picture."""


def model(cell: Cell) -> Model:
    """The model of a row."""
    recipe, changes, _ = ROWS.get(cell.what, ("toy-wgan-gp", (), LONG))
    if cell.scale == "small":
        narrow = small(recipe, cell.steps, *changes, batch=256)
        return Model(recipe, cell.steps, narrow.changes, cell.seed)
    return Model(recipe, cell.steps, changes, cell.seed)


def cells(scale: str) -> list[Cell]:
    """Two seeds and 200 steps; or ten seeds and all steps."""
    if scale == "small":
        return [Cell(what, scale, 200, seed) for seed in range(2) for what in ROWS]
    staged = [
        Cell(what, scale, steps, seed) for steps, of in STAGES for seed in range(10) for what in of
    ]
    return [*staged, Cell(LONG, scale, 100_000)]


def needs(cell: Cell) -> list[Model]:
    """One model."""
    return [model(cell)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Scores at every checkpoint; of the first seed, a picture of samples and density."""
    trained = model(cell)
    if cell.seed == 0:
        points = trained.draw(np.zeros(N, int))
        figure, axes = style.figure(2)
        style.show_points(axes[0, 0], points)
        style.show_density(axes[0, 1], points[:: N // 256][:256], GRID.spread)
        style.title(axes[0, 0], f"{cell.what}: {cell.steps} steps")
        style.title(axes[0, 1], "kernel density of 256 points")
        style.save(figure, out / _name(cell.what, cell.scale, cell.steps))
    return {"checkpoints": trained.scores()}


def _name(what: str, scale: str, steps: int) -> str:
    return f"{what.lower().replace(',', '').replace(' ', '-')}-{scale}-{steps}.png"


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """The order of losses in both settings, and what WGAN-GP reaches."""
    found = []
    for setting in ("1 D step", "10 D steps"):
        gan, lsgan = f"GAN, {setting}", f"LSGAN, {setting}"
        for scale, step in _compared((gan, lsgan), rows):
            one, two = (_values(what, scale, step, rows) for what in (gan, lsgan))
            here = (
                f"{setting}, after {step}: GAN {mean_interval(one)}, LSGAN {mean_interval(two)}; "
                f"{min(len(one), len(two))} seeds"
            )
            known = (published()["table1"][name][0] for name in ("GAN", "LSGAN"))
            near = [abs(np.mean(x) / y - 1) < NEAR for x, y in zip((one, two), known, strict=True)]
            agrees = bool(np.mean(two) > np.mean(one) and all(near)) or (
                None if step < 6000 else False
            )
            found.append(Claim("GAN −2,639 ± 156, LSGAN −2,309 ± 193", here, agrees, scale))
    what = "WGAN-GP, 10 D steps"
    for scale, step in _compared((what,), rows):
        values = _values(what, scale, step, rows)
        here = f"{mean_interval(values)} after {step} steps; seeds: {len(values)}"
        agrees = None if step < 6000 else bool(np.mean(values) > -2296 - 2 * 130)
        found.append(Claim("WGAN-GP −2,296 ± 130 after 6,000 steps", here, agrees, scale))
    return found


def _compared(whats: tuple[str, ...], rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """The last scale and step with ENOUGH seeds of all; else that with most; or nothing."""
    looks = set.intersection(*(set(_looks(what, rows)) for what in whats))
    seeds = {look: min(len(_ends(what, *look, rows)) for what in whats) for look in looks}
    return sorted(looks, key=lambda look: (min(seeds[look], ENOUGH), look[1]))[-1:]


def _values(what: str, scale: str, step: int, rows: list[dict[str, Any]]) -> list[float]:
    return [end["log_likelihood"] for end in _ends(what, scale, step, rows).values()]


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """The table over seeds, the outcomes, and a picture of each."""
    known = published()["table1"]
    lines = []
    for what in (*ROWS, LONG):
        for scale, step in _looks(what, rows):
            found = list(_ends(what, scale, step, rows).values())
            values = [end["log_likelihood"] for end in found]
            modes = [end["modes"] for end in found]
            lines.append(
                [
                    what,
                    scale,
                    step,
                    len(found),
                    mean_interval(values),
                    f"{min(values):.0f} / {np.median(values):.0f} / {max(values):.0f}",
                    f"{min(modes)} to {max(modes)}",
                    share_interval(sum(m >= MOST_MODES for m in modes), len(found)),
                    f"{np.mean([end['near'] for end in found]):.2f}",
                    "{:.0f} ± {:.0f}".format(*known[_thesis_row(what)]),
                ]
            )
    last = [
        row for row in latest(rows) if (row["scale"], row["steps"]) in _looks(row["what"], rows)
    ]
    _strip(rows, out)
    heads = (
        "row | scale | steps | seeds | log-likelihood, mean (95 %) | least / median / most | "
        f"modes | {MOST_MODES} modes or more (95 %) | near | thesis"
    )
    pictures = [
        picture(out, _name(row["what"], row["scale"], row["steps"]), row["what"])
        for row in last
        if row["seed"] == 0
    ]
    return "\n\n".join(
        [
            "Log-likelihood of 256 real points under a kernel density (bandwidth 1) of 256 "
            "generated ones, summed; the mean of 10 draws is a run's value, and the interval is "
            "over seeds. Modes: those of 25 with a tenth of their share of 10,000 points or "
            "more; near: the share of points within three standard deviations of a mode (0.99 "
            "for true ones).",
            table(heads, lines),
            picture(out, "outcomes.png", "Log-likelihood of every seed"),
            ACCOUNT,
            _outcomes(rows),
            "\n".join(filter(None, pictures)),
        ]
    )


ACCOUNT = """\
**Which setting is the thesis'.** The author's scripts have ten discriminator steps per generator
step in one version; numbers like those of the table come out with one: those of GAN for most seeds
within 500 steps, those of LSGAN, with a tenth of the step size, by the end. With ten, a run of GAN
takes one of two branches within its first hundred steps: it covers most modes and is near the
thesis' value, or it stays in a corner of the grid with a log-likelihood ten times as low. The seed
decides which, so that a single run says which branch was taken, and not how good the loss is. A
seed repeats a run on one kind of processor only: roundings differ on another, and grow."""


def _outcomes(rows: list[dict[str, Any]]) -> str:
    """How often each outcome comes, where there are enough seeds to say."""
    lines = []
    for what in ROWS:
        for scale, step in _compared((what,), rows):
            found = list(_ends(what, scale, step, rows).values())
            good = [end for end in found if end["modes"] >= MOST_MODES]
            bad = [end for end in found if end["modes"] < MOST_MODES]
            parts = [
                f"{len(of)} of {len(found)} seeds cover {_range(of, 'modes')} modes, at "
                f"{_range(of, 'log_likelihood')}"
                for of in (good, bad)
                if of
            ]
            if len(found) > 2:
                lines.append(f"- {what}, {step} steps: {'; '.join(parts)}.")
    return "\n".join(lines)


def _range(ends: list[dict[str, Any]], name: str) -> str:
    low, high = min(end[name] for end in ends), max(end[name] for end in ends)
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"


def _thesis_row(what: str) -> str:
    return ROWS[what][2] if what in ROWS else LONG


def _looks(what: str, rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Scales and steps at which runs of a model are compared."""
    ends = {(r["scale"], r["steps"]) for r in rows if r["what"] == what}
    if any(scale == "full" for scale, _ in ends):
        ends = {(scale, steps) for scale, steps in ends if scale == "full"}
    return sorted(ends)


def _ends(what: str, scale: str, step: int, rows: list[dict[str, Any]]) -> dict[int, Any]:
    """By seed, the scores at a step, from whichever run has that checkpoint."""
    return {
        row["seed"]: found
        for row in rows
        if (row["what"], row["scale"]) == (what, scale)
        for found in row["checkpoints"]
        if found["step"] == step
    }


def _strip(rows: list[dict[str, Any]], out: Path) -> None:
    figure, axes = style.figure(1, side=2.8, wide=2.4)
    looks = [(what, *look) for what in (*ROWS, LONG) for look in _compared((what,), rows)]
    for place, (what, scale, step) in enumerate(looks):
        values = [-value for value in _values(what, scale, step, rows)]
        shift = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else np.zeros(1)
        axes[0, 0].plot(np.sort(values), place + shift, "o", ms=3, color=style.COLOURS[0])
        thesis = -published()["table1"][_thesis_row(what)][0]
        axes[0, 0].plot([thesis] * 2, [place - 0.35, place + 0.35], color=style.COLOURS[1], lw=1.5)
    names = [f"{what}, {step:,} steps" for what, _, step in looks]
    axes[0, 0].set_yticks(range(len(names)), names)
    axes[0, 0].set_xscale("log")
    ticks = (2000, 3000, 5000, 10_000, 20_000, 50_000)
    axes[0, 0].set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes[0, 0].minorticks_off()
    style.label(axes[0, 0], "minus log-likelihood; a dot per seed, a bar for the thesis")
    style.save(figure, out / "outcomes.png")
