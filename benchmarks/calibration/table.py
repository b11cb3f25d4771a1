"""Writes the tables of README.md from the results files beside it.

python -m benchmarks.calibration.table
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.calibration import cells, copies, errors, kde, rke, seeds, tails
from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.harness import Row, found, lines_of
from benchmarks.pages import share, table, write_below
from ganeval import kde_log_likelihood

HERE = Path(__file__).parent


def rows_of(
    name: str, lists: Mapping[str, Sequence[Any]], read: Callable[[Row], Row]
) -> dict[str, list[tuple[Any, Row]]]:
    """Cells that the results file has, with their lines, by list; a cell is in one list only."""
    lines = [read(row) for row in lines_of(HERE / name)]
    having = found([cell for of in lists.values() for cell in of], lines)
    return {
        title: [(cell, having.pop(cell)) for cell in dict.fromkeys(of) if cell in having]
        for title, of in lists.items()
    }


COUNTED = ["printed %", "covers % (95 % bounds)", "width / oracle's", "bias, sd", ""]


def counted(row: Row) -> list[str]:
    """Those five: how often an interval was printed, and how it did."""
    printed, n = row["printed"], row["replicates"]
    often, ratio, bias = f"{100 * printed / n:.0f}", "", ""
    if not printed:
        return [often, "", "", "", "no interval"]
    _, high = clopper_pearson(row["covered"], printed)
    covers = share(row["covered"], printed)
    if row.get("sd"):
        if row.get("median_half_width"):
            ratio = f"{row['median_half_width'] / (1.96 * row['sd']):.2f}"
        if isinstance(row.get("truth"), float) and row.get("mean") is not None:
            bias = f"{row.get('bias_in_sd', (row['mean'] - row['truth']) / row['sd']):.2f}"
    return [often, covers, ratio, bias, "" if high >= 0.94 else "**fails**"]


GIVEN = {"none": "nothing given, files sorted", "unsorted": "nothing given"}


def world_of(cell: cells.Cell) -> str:
    """What a cell draws, in words."""
    parts = [cell.world]
    if cell.counts:
        parts.append(f"class sizes {cell.counts}")
    if cell.groups or cell.fake_groups:
        sizes = f", {cell.sizes}" if cell.sizes != "equal" else ""
        parts.append(f"{cell.groups} / {cell.fake_groups} groups{sizes}")
    if cell.given != "all":
        parts.append(GIVEN.get(cell.given, f"{cell.given} given only"))
    if cell.merged:
        parts.append(f"statistics merged per class: {cell.merged}")
    if cell.runs > 1:
        parts.append(f"{cell.runs} runs each, spread {cell.spread}")
    if cell.checkpoints:
        parts.append(f"{cell.checkpoints} checkpoints")
    return ", ".join(parts)


def coverage() -> list[str]:
    """A table per list of cells."""
    text = []
    heads = ["metric", "images", "distance", "d", "n real / fake", *COUNTED]
    for title, rows in rows_of("results.jsonl", cells.LISTS, cells.as_now).items():
        lines = [
            [cell.metric, world_of(cell), cell.gap, cell.d, f"{cell.n} / {cell.m}", *counted(row)]
            for cell, row in rows
        ]
        lines.sort(key=lambda line: [str(part) for part in line[:3]])
        if lines:
            text += [f"### {title}", table(heads, lines)]
    return text


def plates_of(cell: kde.Cell | rke.Cell) -> str:
    """What is drawn there."""
    plates = f", {cell.plates} plates" if cell.plates else ""
    return cell.world + plates + ("" if cell.known else ", not given")


@functools.cache
def kde_prints(n: int, d: int) -> bool:
    """Whether the program prints an interval for so many images: earlier lines do not say."""
    real, fake = np.random.default_rng(0).standard_normal((2, n, d))
    return kde_log_likelihood(real, fake, bandwidth=1.0).interval is not None


def likelihood() -> str:
    """Cells of the KDE log-likelihood."""
    rows: list[list[object]] = []
    for cell, row in rows_of("kde.jsonl", kde.LISTS, kde.as_now)["all"]:
        counts = counted(row)
        if row.get("rule_off"):  # measured where the program prints nothing, too
            counts[0] = "100" if kde_prints(min(cell.n, cell.m), cell.d) else "0"
        chosen = "chosen" if cell.chosen else "given"
        rows.append([plates_of(cell), cell.d, f"{cell.n} / {cell.m}", chosen, *counts])
    return table(["images", "d", "queries / centres", "bandwidth", *COUNTED], rows)


def diversity() -> str:
    """Cells of RKE."""
    rows = [
        [plates_of(cell), cell.d, cell.n, *counted(row)]
        for cell, row in rows_of("rke.jsonl", rke.LISTS, rke.as_now)["all"]
    ]
    return table(["images", "d", "n", *COUNTED], rows)


def rejections() -> str:
    """Type I error and power."""
    rows = []
    for cell, row in [
        pair for of in rows_of("errors.jsonl", errors.LISTS, errors.as_now).values() for pair in of
    ]:
        null = cell.world in errors.ALIKE
        verdict = "**fails**" if null and row["lower_bound"] > 0.06 else ""
        what = "false alarms" if null else "power"
        world = cell.world + (f", {cell.plates} plates" if cell.plates else "")
        world += f", {cell.runs} runs each" if cell.runs > 1 else ""
        share = f"{100 * row['rejected']:.1f}"
        bounds = f"{100 * row['lower_bound']:.1f} to {100 * row['upper_bound']:.1f}"
        rows.append([cell.test, world, f"{cell.n} / {cell.m}", what, share, bounds, verdict])
    rows.sort(key=lambda line: (line[3], line[0], line[1]))
    return table(["test", "images", "n / m", "", "p < 0.05, %", "95 % bounds", ""], rows)


def heavy() -> list[str]:
    """What FID prints for heavy tails; nothing before that was measured."""
    rows: list[list[object]] = []
    for cell, row in rows_of("tails.jsonl", tails.LISTS, dict)["all"]:
        shares = [
            held_of(row[hits], row[of])
            for hits, of in (("hold", "intervals"), ("covered", "printed"))
        ]
        withheld = f"{100 * (1 - row['printed'] / max(row['intervals'], 1)):.0f}"
        images = f"{cell.n} / {cell.m}"
        rows.append([world_of(cell), cell.gap, cell.d, images, shares[0], withheld, shares[1]])
    heads = ["images", "distance", "d", "n real / fake", "without the check, covers %"]
    heads += ["withheld %", "printed ones cover %"]
    return ["## Heavy tails", table(heads, rows)] if rows else []


def held_of(hits: int, of: int) -> str:
    """A share in per cent, with its bounds."""
    fails = bool(of) and clopper_pearson(hits, of)[1] < 0.94
    return share(hits, of) + " **fails**" * fails


def without_copies() -> list[str]:
    """The searches for copies, where there are none; nothing before that was measured."""
    rows: list[list[object]] = [
        [
            cell.noise,
            cell.d,
            cell.n,
            held_of(row["low_p"], row["replicates"]).removesuffix(" **fails**"),
            held_of(row["covered"], row["printed"]),
        ]
        for cell, row in rows_of("copies.jsonl", copies.LISTS, dict)["all"]
    ]
    heads = ["images", "d", "n of each kind", "C_T: p < 0.05, %", "AuthPct's interval covers %"]
    return ["## Searches for copies", table(heads, rows)] if rows else []


def seeded() -> list[str]:
    """What another seed makes of the same images; nothing before that was measured."""
    rows = []
    for case, row in rows_of("seeds.jsonl", seeds.LISTS, dict)["all"]:
        if row["width_ratio"] is not None:
            ratio, centre = (
                f"{row[name]:.2f} ({row[f'{name}_worst']:.2f})"
                for name in ("width_ratio", "centre_sd")
            )
            rows.append([case, ratio, centre])
    heads = ["case", "widest / narrowest (worst)", "sd of the corrected number in half-widths"]
    return ["## Seeds", table(heads, rows)] if rows else []


FOUND = ("correlation", "too_small")


def in_sequence() -> list[str]:
    """How often images are found to be like those that follow them; data sets as they come."""
    lines = lines_of(HERE / "sets.jsonl")
    drawn = [[row["population"], row["in_sequence"], row["of"]] for row in lines if "of" in row]
    files = [
        [row["files"], row["n"], *(f"{row[name]:.2g}" if name in row else "" for name in FOUND)]
        for row in lines
        if "files" in row
    ]
    return [
        "## Images that follow each other",
        table(["images", "alarms", "samples"], drawn),
        table(["files, by class", "n", "correlation", "standard errors too small by"], files),
    ]


def main() -> None:
    """Replaces all that follows the mark."""
    parts = ["## Intervals", *coverage(), "## KDE log-likelihood", likelihood()]
    parts += ["## RKE", diversity(), *heavy(), *in_sequence(), *without_copies(), *seeded()]
    parts += ["## Tests", rejections()]
    write_below(HERE / "README.md", parts)


if __name__ == "__main__":
    main()
