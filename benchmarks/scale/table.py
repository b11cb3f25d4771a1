"""Writes the tables of README.md from the results.

python -m benchmarks.scale.table
"""

import math
from pathlib import Path

from benchmarks.harness import Row, found, lines_of
from benchmarks.pages import table, write_below
from benchmarks.scale import coverage, growth, ranks

HERE = Path(__file__).parent


def growth_table(rows: list[Row]) -> str:
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
    return table(head, body)


def _slope(first: Row, second: Row) -> float:
    return math.log(second["cpu_seconds"] / first["cpu_seconds"]) / math.log(
        second["n"] / first["n"]
    )


def rank_table(rows: list[Row]) -> str:
    """Memory of every rank, and whether they say what one process says."""
    head = [
        "metric",
        "n a side",
        "features",
        "ranks",
        "own rows, MB",
        "peak MB of rank 0",
        "of others",
        "of one process",
        "gap to it",
        "CPU seconds",
    ]
    cells = [cell for of in ranks.LISTS.values() for cell in of]
    return table(
        head,
        (
            [
                cell.metric,
                f"{cell.n:,}",
                f"{cell.d:,}",
                str(cell.ranks),
                f"{row['rows_mb']:,.0f}{' on disk' if cell.on_disk else ''}",
                *(
                    _megabytes(row, name)
                    for name in ("peak_mb", "peak_mb_of_others", "peak_mb_alone")
                ),
                f"{row['gap']:.0e}" if "gap" in row else "",
                f"{row['cpu_seconds']:.0f}",
            ]
            for cell, row in found(cells, rows).items()
        ),
    )


def _megabytes(row: Row, name: str) -> str:
    return f"{row[name]:,.0f}" if name in row else ""


def block_table(rows: list[Row]) -> str:
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
    return table(head, body)


def main() -> None:
    """Replaces what stands behind the mark."""
    parts = [
        *("## Growth", growth_table(lines_of(HERE / "results.jsonl"))),
        *("## Ranks", rank_table(lines_of(HERE / "ranks.jsonl"))),
        *("## Blocks", block_table(lines_of(HERE / "coverage.jsonl"))),
    ]
    write_below(HERE / "README.md", parts)


if __name__ == "__main__":
    main()
