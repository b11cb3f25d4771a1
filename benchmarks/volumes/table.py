"""Writes the tables of README.md from the results.

python -m benchmarks.volumes.table
"""

from pathlib import Path

from benchmarks.harness import Row, found, lines_of
from benchmarks.pages import table, write_below
from benchmarks.volumes.coverage import CELLS

HERE = Path(__file__).parent


def same_table(rows: list[Row]) -> str:
    """One command against plain NumPy."""
    head = [
        "planes",
        "n real / fake",
        "groups",
        "`ganeval fid`",
        "plain NumPy",
        "relative difference",
    ]
    return table(
        head,
        (
            [
                row["planes"],
                f"{row['n_real']} / {row['n_real']}",
                str(row["n_groups"]),
                f"{row['value']:.10f}",
                f"{row['plain']:.10f}",
                f"{row['relative_difference']:.1e}",
            ]
            for row in rows
        ),
    )


def coverage_table(rows: list[Row]) -> str:
    """How often intervals hold the distance."""
    head = ["metric", "fakes", "volumes a side", "groups", "distance", "covers % (95 % bounds)",
            "width / oracle's", "replicates"]  # fmt: skip
    body = []
    for cell, row in found(CELLS, rows).items():
        low, mean, high = (100 * row[f"coverage{end}"] for end in ("_low", "", "_high"))
        width = row["median_half_width"] / (1.96 * row["sd"])
        body.append(
            [
                cell.metric,
                cell.fake,
                str(cell.volumes),
                "volumes" if cell.groups else "not declared",
                f"{row['truth']:.4f}",
                f"{mean:.1f} ({low:.1f} to {high:.1f})",
                f"{width:.2f}",
                str(row["replicates"]),
            ]
        )
    return table(head, body)


def main() -> None:
    """Replaces what stands behind the mark."""
    parts = [
        "## One command", same_table(lines_of(HERE / "same.jsonl")),
        "## Intervals", coverage_table(lines_of(HERE / "results.jsonl")),
    ]  # fmt: skip
    write_below(HERE / "README.md", parts)


if __name__ == "__main__":
    main()
