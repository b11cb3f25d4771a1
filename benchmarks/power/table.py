"""Writes the tables of README.md from the results files beside it.

python -m benchmarks.power.table
"""

from pathlib import Path

from benchmarks import harness
from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.harness import Row, lines_of
from benchmarks.pages import table, write_at_marks
from benchmarks.power import copying, differences, level

HERE = Path(__file__).parent


def of_differences() -> str:
    """Power by test and difference."""
    cells = differences.LISTS["all"]
    having = harness.found(cells, lines_of(HERE / "results.jsonl"))
    rows = []
    for test in differences.TESTS:
        of = {cell.difference: row for cell, row in having.items() if cell.test == test}
        if "none" in of:
            rows.append([f"`{test}`", *(_share(of.get(d), of["none"]) for d in DIFFERENCES)])
        if test == "mmd" and len(of) == len(DIFFERENCES):
            for name in of["none"]["alone"]:
                found = (of[d]["alone"][name] / of[d]["replicates"] for d in DIFFERENCES)
                rows.append([f"its {name} kernel alone", *(f"{100 * x:.1f}" for x in found)])
    return table(["test", *DIFFERENCES], rows)


DIFFERENCES = differences.DIFFERENCES


def _share(row: Row | None, without: Row) -> str:
    return "" if row is None else f"{100 * differences.power(row, without):.1f}"


def of_levels() -> str:
    """Alarms by world, and over all worlds."""
    having = harness.found(level.LISTS["all"], lines_of(HERE / "level.jsonl"))
    rows = [[str(cell).removeprefix("mmd "), *_alarms(row)] for cell, row in having.items()]
    total = {name: sum(row[name] for row in having.values()) for name in ("alarms", "replicates")}
    return table(["world", "p ≤ 0.05 in %", "95 % bounds"], [*rows, ["all", *_alarms(total)]])


def _alarms(row: Row) -> list[str]:
    low, high = clopper_pearson(row["alarms"], row["replicates"])
    share = 100 * row["alarms"] / max(row["replicates"], 1)
    return [f"{share:.1f}", f"{100 * low:.1f} to {100 * high:.1f}"]


def of_copies() -> str:
    """Power and errors by data set."""
    having = harness.found(copying.LISTS["all"], lines_of(HERE / "copying.jsonl"))
    rows = [
        [
            cell.data,
            f"{100 * row['power']:.1f}",
            f"{100 * row['false_positive_rate']:.2f}",
            ", ".join(f"{100 * x:.1f}" for x in row["quantiles"]["accused"]),
            f"{100 * row['power_of_list']:.1f}",
            f"{100 * row['false_discovery_rate']:.1f}",
        ]
        for cell, row in having.items()
    ]
    heads = ["data", "copies at p ≤ 0.01, %", "new images, %"]
    heads += ["of one set of reals: 5, 95 %", "copies in the list, %", "of the list wrong, %"]
    return table(heads, rows)


def main() -> None:
    """Replaces the tables."""
    write_at_marks(HERE / "README.md", (of_differences(), of_levels(), of_copies()))


if __name__ == "__main__":
    main()
