"""Writes the tables of README.md from the results files beside it.

python -m benchmarks.decisions.table
"""

from pathlib import Path

from benchmarks.harness import Row, lines_of
from benchmarks.pages import share, table, write_below

HERE = Path(__file__).parent

RANGED = ("fid", "kid")
"""Plans of the others print no range."""


def world(row: Row) -> str:
    """What was drawn, in words."""
    groups = f", {row['groups']} plates" if row.get("groups") else ""
    return f"{row['world']}, d = {row['d']}{groups}"


def equivalence(rows: list[Row]) -> str:
    """False claims of margins."""
    heads = [
        "metric", "images", "n real / fake", "models", "margin too small %",
        "equivalent in floors, falsely %", "too near to the reals %", "median margin, floors",
        "floor's cv",
    ]  # fmt: skip
    return table(
        heads,
        (
            [
                row["metric"],
                world(row),
                f"{row['n']} / {row['m']}",
                f"{row['first']}, {row['second']}",
                share(row["false"], row["of"]),
                share(row["false_in_floors"], row["of"]),
                share(row["false_of_reals"], row["of"]),
                f"{row['median_within'] / row['floor']:.2f}",
                f"{row['floor_cv']:.2f}",
            ]
            for row in rows
        ),
    )


def plans(rows: list[Row]) -> str:
    """Planned over realised half-widths."""
    heads = [
        "metric", "images", "pilot n", "distance", "within 20 % of the realised, %",
        "2, 5, 10 times the pilot", "planned / realised: 5, 50, 95 %", "the best plan, %",
        "in the range for 90 %", "that range / planned",
    ]  # fmt: skip
    return table(
        heads,
        (
            [
                row["metric"],
                world(row),
                row["n"],
                row["gap"],
                share(row["within_20"], row["of"]),
                ", ".join(
                    f"{100 * k / (row['of'] / 3):.0f}" for k in row["within_20_by_times"]
                ),
                ", ".join(f"{q:.2f}" for q in row["quantiles"]),
                *_of_range(row),
            ]
            for row in rows
        ),
    )  # fmt: skip


def _of_range(row: Row) -> list[str]:
    """How often the best plan is right, and the range; of plans that print one."""
    if row["metric"] not in RANGED:
        return [""] * 3
    return [
        f"{100 * row['within_20_of_typical'] / row['of']:.0f}",
        share(row["in_range"], row["of"]),
        "{:.2f} to {:.2f}".format(*row["range"]),
    ]


def sequences(rows: list[Row]) -> str:
    """False alarms and gains found, of runs of 200 looks."""
    first = table(
        ["metric", "runs of 200 looks", "false alarms %", "a 5 % test at every look %"],
        (
            [
                row["metric"],
                row["runs"],
                share(row["false_alarms"], row["runs"]),
                share(row["alarms_of_a_test_at_every_look"], row["runs"]),
            ]
            for row in rows
        ),
    )
    second = table(
        [
            "metric", "jump at look", f"shift {rows[0]['shift']:g} to" if rows else "shift to",
            "found %", "one test, once %", "ratio", "looks until found, median",
        ],
        (
            [
                row["metric"],
                one["jump_at"],
                one["after"],
                share(one["found"], row["runs"]),
                share(one["fixed_found"], row["runs"]),
                f"{one['found'] / max(one['fixed_found'], 1):.2f}",
                f"{one['median_wait']:g}",
            ]
            for row in rows
            for one in row["gains"]
        ),
    )  # fmt: skip
    return f"{first}\n\n{second}"


def classes(rows: list[Row]) -> str:
    """False discoveries among classes."""
    return table(
        ["metric", "images a class", "shifted classes", "p < 0.05 of those alike, %",
         "false discoveries %", "found %"],
        (
            [
                row["metric"],
                row["n"],
                f"{row['shifted']} of 20" + (f", by {row['shift']:g}" if row["shifted"] else ""),
                share(row["small"], row["alike"]),
                f"{100 * row['false_discovery_rate']:.1f}",
                share(row["found"], row["of"]),
            ]
            for row in rows
        ),
    )  # fmt: skip


def main() -> None:
    """Replaces what stands behind the mark."""
    parts: list[str] = []
    for title, name, made in (
        ("Equivalence", "equivalence", equivalence),
        ("Plans", "plan", plans),
        ("Looks", "sequential", sequences),
        ("Classes", "classes", classes),
    ):
        if rows := lines_of(HERE / f"{name}.jsonl"):
            parts += [f"## {title}", made(rows)]
    write_below(HERE / "README.md", parts)


if __name__ == "__main__":
    main()
