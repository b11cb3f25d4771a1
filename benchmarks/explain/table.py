"""Writes the tables of README.md from the results file beside it.

python -m benchmarks.explain.table
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks import harness
from benchmarks.explain import intervals, one_side, run
from benchmarks.explain.run import Cell
from benchmarks.harness import Row, lines_of
from benchmarks.pages import share, table, write_at_marks

HERE = Path(__file__).parent
COUNTS = ("draws", "differs", "first", "named", "findings", "intervals", "covered")


def summed(cells: Iterable[Cell], rows: list[Row]) -> dict[tuple, tuple[Counter, Counter]]:
    """Counts of a setting over its blocks, and what was named first."""
    found: dict[tuple, tuple[Counter, Counter]] = {}
    for cell, row in harness.found(cells, rows).items():
        counts, firsts = found.setdefault(
            (cell.of, cell.defect, cell.labels, cell.groups), (Counter(), Counter())
        )
        counts.update({name: row[name] for name in COUNTS})
        firsts.update(row["firsts"])
    return found


def of_defects(rows: list[Row]) -> str:
    """How often what was planted is named first, and what else is."""
    lines = []
    cells = run.LISTS["defects"]
    for (of, defect, labels, _), (counts, firsts) in summed(cells, rows).items():
        n = counts["draws"]
        often = "; ".join(f"{name} {k}" for name, k in firsts.most_common(3))
        lines.append(
            [
                f"{of}: {defect}", "yes" if labels else "no", f"{counts['first']} of {n}",
                f"{counts['named']} of {n}", f"{counts['findings'] / n:.1f}", often,
            ]
        )  # fmt: skip
    heads = ["planted", "classes", "named first", "named", "findings", "named first, most often"]
    return table(heads, lines)


def of_nulls(rows: list[Row]) -> str:
    """How often something is said to be wrong where nothing is."""
    lines = []
    for name, cells in run.LISTS.items():
        if name == "defects":
            continue
        for (of, _, labels, groups), (counts, _) in summed(cells, rows).items():
            k, n = counts["differs"], counts["draws"]
            lines.append([of, "yes" if labels else "no", groups or "none", n, share(k, n)])
    return table(["images", "classes", "plates a side", "draws", "alarms, % (95 % bounds)"], lines)


def of_intervals(rows: list[Row]) -> str:
    """How often intervals of findings hold the difference of the whole pool."""
    lines = []
    cells = run.LISTS["defects"]
    total: Counter = Counter()
    for (of, defect, labels, _), (counts, _) in summed(cells, rows).items():
        total.update(counts)
        if n := counts["intervals"]:
            lines.append(
                [f"{of}: {defect}", "yes" if labels else "no", n, share(counts["covered"], n)]
            )
    if n := total["intervals"]:
        lines.append(["all", "", n, share(total["covered"], n)])
    return table(["planted", "classes", "intervals", "cover, % (95 % bounds)"], lines)


def of_plates() -> str:
    """How often intervals of chosen aspects cover, by plates."""
    having = harness.found(intervals.LISTS["all"], lines_of(HERE / "intervals.jsonl"))
    aspects = list(dict.fromkeys(cell.aspect for cell in having))
    rows = []
    for plates in dict.fromkeys(cell.plates for cell in having):
        of = {cell.aspect: row for cell, row in having.items() if cell.plates == plates}
        shown = [f"{100 * of[a]['covered'] / of[a]['printed']:.1f}" for a in aspects]
        rows.append([plates or "none", *shown])
    return table(["plates a side", *aspects], rows)


def of_one_side() -> str:
    """What is reported where plates are on one side only."""
    having = harness.found(
        [cell for cells in one_side.LISTS.values() for cell in cells],
        lines_of(HERE / "one_side.jsonl"),
    )
    rows = []
    for plates, shift in dict.fromkeys((cell.plates, cell.shift) for cell in having):
        of: Counter = Counter()
        for cell, row in having.items():
            if (cell.plates, cell.shift) == (plates, shift):
                of.update({k: row[k] for k in ("draws", "differs", "findings", "named first")})
        named = f"{of['named first']} of {of['draws']}" if shift else ""
        shares = [share(of[k], of["draws"]) for k in ("differs", "findings")]
        rows.append([plates, shift, of["draws"], *shares, named])
    return table(
        ["plates of reals", "fault", "draws", "anything, % (95 % bounds)",
         "a property, % (95 % bounds)", "named first"], rows
    )  # fmt: skip


def main() -> None:
    """Replaces the tables."""
    rows = lines_of(HERE / "results.jsonl")
    made = (of_defects(rows), of_nulls(rows), of_intervals(rows), of_plates(), of_one_side())
    write_at_marks(HERE / "README.md", made)


if __name__ == "__main__":
    main()
