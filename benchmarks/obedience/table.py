"""Writes the table of README.md from results.jsonl beside it.

python -m benchmarks.obedience.table
"""

from pathlib import Path

from benchmarks.harness import Row, found, lines_of
from benchmarks.obedience.run import LISTS
from benchmarks.pages import share, table, write_below

HERE = Path(__file__).parent
HEADS = ["fakes", "net", "classes", "reals / fakes of each", "obedience", "of the reals"]
HEADS += ["interval covers % (95 % bounds)", "p < 0.05, %", "p < 0.01, %", "largest p"]


def cells_of(row: Row) -> list[str]:
    """A line of the table."""
    n = row["replicates"]
    return [
        row["fakes"],
        row["net"],
        str(row["classes"]),
        f"{row['n']} / {row['m']}",
        f"{row['mean']:.3f}",
        f"{row['reals']:.3f}",
        share(row["covered"], row["printed"]) if row["fakes"] != "renamed" else "",
        f"{100 * row['p_below_0.05'] / n:.1f}",
        f"{100 * row['p_below_0.01'] / n:.1f}",
        f"{row['largest_p']:.2g}",
    ]


def main() -> None:
    """Replaces all that follows the mark."""
    rows = found(LISTS["all"], lines_of(HERE / "results.jsonl")).values()
    write_below(HERE / "README.md", [table(HEADS, map(cells_of, rows))])


if __name__ == "__main__":
    main()
