"""Writes the tables of README.md from the results.

python -m benchmarks.scale.table
"""

import math
from pathlib import Path

from benchmarks.harness import Row, found, lines_of
from benchmarks.scale import coverage, growth, ranks
from benchmarks.volumes.table import table

HERE = Path(__file__).parent
MARK = "<!-- tables: written by table.py -->"


def growth_rows(rows: list[Row]) -> list[list[str]]:
    """Seconds and memory by metric and size."""
    head = [
        "metric",
        "n a side",
        "CPU seconds",
        "exponent",
        "peak MB",
        "of which rows and libraries",
    ]
    body, before = [], {}
    cells = [cell for of in growth.LISTS.values() for cell in of]
    for cell, row in found(cells, rows).items():
        last = before.get(cell.metric)
        exponent = "" if last is None else f"{_slope(last, row):.2f}"
        before[cell.metric] = row
        body.append(
            [
                cell.metric,
                f"{cell.n:,}",
                f"{row['cpu_seconds']:.1f}",
                exponent,
                f"{row['peak_mb']:,.0f}",
                f"{row['rows_mb']:,.0f}",
            ]
        )
    return [head, *body]


def _slope(first: Row, second: Row) -> float:
    return math.log(second["cpu_seconds"] / first["cpu_seconds"]) / math.log(
        second["n"] / first["n"]
    )


def rank_rows(rows: list[Row]) -> list[list[str]]:
    """Memory of the first rank."""
    head = ["n a side", "features", "ranks", "own rows, MB", "peak MB of rank 0", "CPU seconds"]
    cells = [cell for of in ranks.LISTS.values() for cell in of]
    return [
        head,
        *(
            [
                f"{cell.n:,}",
                f"{cell.d:,}",
                str(cell.ranks),
                f"{row['rows_mb']:,.0f}",
                f"{row['peak_mb']:,.0f}",
                f"{row['cpu_seconds']:.0f}",
            ]
            for cell, row in found(cells, rows).items()
        ),
    ]


def block_rows(rows: list[Row]) -> list[list[str]]:
    """How often intervals of means over blocks hold."""
    head = [
        "metric",
        "blocks",
        "shift",
        "truth",
        "covers % (95 % bounds)",
        "width / oracle's",
        "replicates",
    ]
    body = []
    for cell, row in found(coverage.CELLS, rows).items():
        low, mean, high = (100 * row[f"coverage{end}"] for end in ("_low", "", "_high"))
        body.append(
            [
                cell.metric,
                str(cell.blocks),
                f"{cell.shift:g}",
                f"{row['truth']:.4f}",
                f"{mean:.1f} ({low:.1f} to {high:.1f})",
                f"{row['median_half_width'] / (1.96 * row['sd']):.2f}",
                str(row["replicates"]),
            ]
        )
    return [head, *body]


def main() -> None:
    """Replaces what stands behind the mark."""
    readme = HERE / "README.md"
    text, _, _ = readme.read_text(encoding="utf-8").partition(MARK)
    parts = [
        *("## Growth", table(growth_rows(lines_of(HERE / "results.jsonl")))),
        *("## Ranks", table(rank_rows(lines_of(HERE / "ranks.jsonl")))),
        *("## Blocks", table(block_rows(lines_of(HERE / "coverage.jsonl")))),
    ]
    readme.write_text("\n\n".join([text + MARK, *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
