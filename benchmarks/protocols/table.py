"""The tables of docs/protocols.md and docs/coming-from.md, from results.jsonl.

python -m benchmarks.protocols.table
"""

from pathlib import Path

from benchmarks.harness import Row, lines_of

HERE = Path(__file__).parent
RESULTS, DOCS = HERE / "results.jsonl", HERE.parents[1] / "docs"
BEGIN, END = "<!-- parity: begin -->", "<!-- parity: end -->"
BARS = {"features": 1e-9, "images": 1e-3}
"""Relative differences that are allowed, by what a score starts from."""


def main() -> None:
    """Puts each table between the two marks of its page."""
    for name, table in (("protocols.md", parity()), ("coming-from.md", summary())):
        before, _, rest = (DOCS / name).read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        (DOCS / name).write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def parity() -> str:
    """Every pair of scores."""
    lines = [
        "| protocol | score | from | the tool's | ganeval's | relative difference | bar | run |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in lines_of(RESULTS):
        bar = BARS[row["level"]]
        kept = "" if row["relative"] <= bar else " **missed**"
        note = f"; {row['note']}" if row["note"] else ""
        lines.append(
            f"| {row['protocol']} | {row['metric']} | {row['level']} | {row['theirs']:.8g} | "
            f"{row['ours']:.8g} | {row['relative']:.1e}{kept} | {bar:.0e} | {_run(row)}{note} |"
        )
    return "\n".join(lines)


def summary() -> str:
    """For each tool its scores, and the largest relative difference of any."""
    rows: dict[str, list[Row]] = {}
    for row in lines_of(RESULTS):
        rows.setdefault(row["protocol"], []).append(row)
    lines = [
        "| tool | scores compared | same features: differ by | same images: differ by | run |",
        "|---|---|---|---|---|",
    ]
    for protocol, of_tool in rows.items():
        scores = dict.fromkeys(row["metric"].partition(" ")[0] for row in of_tool)
        worst = (
            max((row["relative"] for row in of_tool if row["level"] == level), default=None)
            for level in BARS
        )
        shown = " | ".join("" if value is None else f"{value:.0e}" for value in worst)
        runs = " and ".join(dict.fromkeys(map(_run, of_tool)))
        lines.append(f"| {protocol} | {', '.join(scores)} | {shown} | {runs} |")
    return "\n".join(lines)


def _run(row: Row) -> str:
    return f"its own code, {row['version'] or 'a checkout'}" if row["original"] else "its formula"


if __name__ == "__main__":
    main()
