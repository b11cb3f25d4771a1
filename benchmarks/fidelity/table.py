"""Writes the tables of README.md from the results files beside it.

python -m benchmarks.fidelity.table
"""

from pathlib import Path

from benchmarks import harness
from benchmarks.fidelity import coverage, linear
from benchmarks.harness import lines_of
from benchmarks.pages import share, table, write_at_marks

HERE = Path(__file__).parent


def of_intervals() -> str:
    """How often the intervals of each score hold, by cell."""
    having = harness.found(coverage.CELLS, lines_of(HERE / "results.jsonl"))
    rows = []
    for cell, row in having.items():
        n = row["replicates"]
        printed = {name: round(row[name]["printed"] * n) for name in coverage.METRICS}
        held = {name: round((row[name]["covers"] or 0) * of) for name, of in printed.items()}
        shares = (share(held[name], printed[name]) for name in coverage.METRICS)
        rows.append([cell.world, f"{cell.n} / {cell.m}", cell.d, *shares])
    return table(["fakes", "n real / fake", "d", *coverage.METRICS], rows)


def of_lines() -> str:
    """R² of the line 1 − share, by what the bad fakes are."""
    having = harness.found(linear.CELLS, lines_of(HERE / "linear.jsonl"))
    rows = [
        [cell.bad, cell.d, *(f"{row['r2_of_1_less_share'][name]:.3f}" for name in linear.NAMES)]
        for cell, row in having.items()
    ]
    return table(["bad fakes", "d", *linear.NAMES], rows)


def of_fld() -> str:
    """Our number beside that of the published program."""
    rows = []
    for row in lines_of(HERE / "fld_parity.jsonl"):
        seeds = f"{min(row['seeds']):.2f} to {max(row['seeds']):.2f}"
        both = [f"{row[name]:.4f}" for name in ("ours", "theirs")]
        rows.append([row["fakes"], row["n"], row["d"], *both, seeds])
    heads = ["fakes", "n", "d", "ganeval", "program, same baseline", "program, its own baselines"]
    return table(heads, rows)


def main() -> None:
    """Replaces the tables."""
    write_at_marks(HERE / "README.md", (of_intervals(), of_lines(), of_fld()))


if __name__ == "__main__":
    main()
