"""Writes the table of README.md from results.jsonl beside it.

python -m benchmarks.obedience.table
"""

from pathlib import Path

from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.harness import Row, found, lines_of
from benchmarks.obedience.run import LISTS

HERE = Path(__file__).parent
MARK = "<!-- table: written by table.py -->"
HEADS = ["fakes", "net", "classes", "reals / fakes of each", "obedience", "of the reals"]
HEADS += ["interval covers % (95 % bounds)", "p < 0.05, %", "p < 0.01, %", "largest p"]


def cells_of(row: Row) -> list[str]:
    """A line of the table."""
    n = row["replicates"]
    low, high = clopper_pearson(row["covered"], row["printed"])
    covers = f"{100 * row['covered'] / row['printed']:.1f} ({100 * low:.1f} to {100 * high:.1f})"
    return [
        row["fakes"],
        row["net"],
        str(row["classes"]),
        f"{row['n']} / {row['m']}",
        f"{row['mean']:.3f}",
        f"{row['reals']:.3f}",
        covers if row["fakes"] != "renamed" else "",
        f"{100 * row['p_below_0.05'] / n:.1f}",
        f"{100 * row['p_below_0.01'] / n:.1f}",
        f"{row['largest_p']:.2g}",
    ]


def main() -> None:
    """Replaces all that follows the mark."""
    rows = found(LISTS["all"], lines_of(HERE / "results.jsonl")).values()
    lines = [HEADS, ["---"] * len(HEADS), *map(cells_of, rows)]
    readme = HERE / "README.md"
    head = readme.read_text(encoding="utf-8").partition(MARK)[0]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    readme.write_text(f"{head}{MARK}\n\n{table}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
