"""Writes the tables of README.md from the results files beside it.

python -m benchmarks.audit.table
"""

from pathlib import Path

from benchmarks.harness import Row, lines_of
from benchmarks.pages import share, table, write_below
from ganeval.metrics import METRICS
from ganeval.suites import QUESTIONS, REPLIES

HERE = Path(__file__).parent


def verdicts(row: Row) -> str:
    """A line per question, a column per net."""
    nets = row["found"]
    lines = [[words, *(REPLIES[net["verdicts"][question][0]] for net in nets)]
             for question, words in QUESTIONS.items()]  # fmt: skip
    lines.append(["**May it judge these images?**", *(f"**{net['answer']}**" for net in nets)])
    return table(["", *(f"`{net['net']}`" for net in nets)], lines)


def noticed(row: Row) -> str:
    """A line per net and fault, a column per metric."""
    found = []
    for net in row["found"]:
        by_metric = net["noticed_from"]
        faults = list(by_metric.get("kid", {}))
        found += [
            [f"`{net['net']}`", fault,
             *(of.get(fault, "") or ("–" if fault in of else "") for of in by_metric.values())]
            for fault in faults
        ]  # fmt: skip
    metrics = [METRICS[name].label for name in row["found"][0]["noticed_from"]]
    return table(["net", "fault", *metrics], found)


def reasons(row: Row) -> str:
    """The sentences of all verdicts that are not `fit`."""
    lines = [
        f"- `{net['net']}`, {question}: {REPLIES[answer]}: {why}."
        for net in row["found"]
        for question, (answer, why) in net["verdicts"].items()
        if answer in ("fit with care", "unfit") and net["stability"] is not None
    ]
    return "\n".join(lines)


def level(rows: list[Row]) -> str:
    """False alarms."""
    heads = ["metric", "images", "n", "d", "p ≤ 0.05, %", "noticed, %", "tested"]
    return table(
        heads,
        (
            [METRICS[row["metric"]].label, row["world"], row["n"], row["d"],
             share(row["small"], row["tested"]), share(row["noticed"], row["tested"]),
             row["tested"]]
            for row in rows
        ),
    )  # fmt: skip


def separation(rows: list[Row]) -> str:
    """Coverage."""
    heads = ["n", "classes", "apart by", "class sizes", "plates", "truth", "mean", "covers, %"]
    return table(
        heads,
        (
            [row["n"], row["classes"], row["gap"], row["sizes"], row["plates"] or "",
             f"{row['truth']:.4f}", f"{row['mean']:.4f}", share(row["covered"], row["printed"])]
            for row in rows
        ),
    )  # fmt: skip


def main() -> None:
    """Replaces all that follows the mark."""
    names = {"synthlin": "SynthLIN", "mnist": "MNIST"}
    parts = []
    for row in lines_of(HERE / "results.jsonl"):
        parts += [
            f"## {names[row['images']]}: {row['n']} images, {row['cost']} embeddings, "
            f"{row['seconds']:.0f} s",
            verdicts(row),
            reasons(row),
            "Noticed from:",
            noticed(row),
        ]
    parts += ["## False alarms", level(lines_of(HERE / "level.jsonl"))]
    parts += ["## Separation of classes", separation(lines_of(HERE / "separation.jsonl"))]
    write_below(HERE / "README.md", parts)


if __name__ == "__main__":
    main()
