"""Writes the tables of README.md from the results files beside it."""

import json
from collections.abc import Iterable
from pathlib import Path

from scipy import stats

from ganeval.metrics.kde.estimates import too_few_images

HERE = Path(__file__).parent
MARK = "<!-- tables: written by table.py -->"


def lines_of(name: str) -> list[dict]:
    """Rows of a results file; none where it is missing."""
    path = HERE / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(heads: list[str], rows: Iterable[list[object]]) -> str:
    """Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def sampled(row: dict) -> str:
    """What a cell drew, in words."""
    parts = [row["law"]]
    if row["counts"]:
        parts.append(f"class sizes {row['counts']}")
    if row["groups"] or row["fake_groups"]:
        shape = f", {row['sizes']}" if row["sizes"] != "equal" else ""
        parts.append(f"{row['groups']} / {row['fake_groups']} plates{shape}")
    return ", ".join(parts)


def coverage(blocks: str) -> str:
    """Cells of one rule for blocks."""
    rows = []
    for row in lines_of("results.jsonl"):
        if row["blocks"] != blocks:
            continue
        if row["intervals"] == 0:
            verdict, covered = "no interval", ""
        else:
            covered = f"{100 * row['coverage']:.1f}"
            verdict = "" if row["upper_bound"] >= 0.94 else "**fails**"
        size = f"{row['n']} / {row['m']}"
        rows.append([row["metric"], sampled(row), row["gap"], row["d"], size, covered, verdict])
    rows.sort(key=lambda cells: [str(cell) for cell in cells[:3]])
    return table(["metric", "law", "distance", "d", "n real / fake", "covers %", ""], rows)


def likelihood() -> str:
    """Cells of the KDE log-likelihood, and whether the program prints an interval there."""
    rows = []
    for row in lines_of("kde.jsonl"):
        printed = too_few_images(min(row["n"], row["m"]), row["d"]) is None
        covered, verdict = "no interval", ""
        if row.get("coverage") is not None:
            k, n = round(row["coverage"] * row["replicates"]), row["replicates"]
            covered = f"{100 * row['coverage']:.1f}"
            fails = k < n and stats.beta.ppf(0.975, k + 1, n - k) < 0.94
            verdict = "**fails**" if fails else ""
        law = row["law"] + (f", {row['plates']} plates" if row["plates"] else "")
        law += "" if row["known"] else ", not told"
        chosen = "chosen" if row["chosen"] else "given"
        size = f"{row['n']} / {row['m']}"
        shown = "yes" if printed else "no"
        rows.append([law, row["d"], size, chosen, covered, shown, verdict])
    heads = ["law", "d", "queries / centres", "bandwidth", "covers %", "printed", ""]
    return table(heads, rows)


def diversity() -> str:
    """Cells of RKE."""
    rows = []
    for row in lines_of("rke.jsonl"):
        covered, verdict = "no interval", ""
        if row["intervals"]:
            covered = f"{100 * row['coverage']:.1f}"
            verdict = "" if row["upper_bound"] >= 0.94 else "**fails**"
        law = row["law"] + (f", {row['plates']} plates" if row["plates"] else "")
        law += "" if row["known"] else ", not told"
        rows.append([law, row["d"], row["n"], covered, verdict])
    return table(["law", "d", "n", "covers %", ""], rows)


def errors() -> str:
    """Type I error and power."""
    rows = []
    for row in lines_of("errors.jsonl"):
        null = row["law"] != "shift"
        verdict = "**fails**" if null and row["lower_bound"] > 0.06 else ""
        what = "power" if not null else "false alarms"
        law = row["law"] + (f", {row['plates']} plates" if row["plates"] else "")
        law += f", {row['runs']} runs each" if row["runs"] > 1 else ""
        share = f"{100 * row['rejected']:.1f}"
        bounds = f"{100 * row['lower_bound']:.1f} to {100 * row['upper_bound']:.1f}"
        rows.append([row["test"], law, f"{row['n']} / {row['m']}", what, share, bounds, verdict])
    rows.sort(key=lambda cells: (cells[3], cells[0], cells[1]))
    return table(["test", "law", "n / m", "", "p < 0.05, %", "95 % bounds", ""], rows)


def main() -> None:
    """Replaces all that follows the mark."""
    readme = HERE / "README.md"
    head = readme.read_text().partition(MARK)[0]
    parts = [
        "## Intervals",
        coverage("ours"),
        "## Blocks dealt otherwise",
        "Half-split Richardson at few features (it serves above 1024):",
        coverage("halves"),
        "Blocks of consecutive rows:",
        coverage("position"),
        "Labels and plates withheld:",
        coverage("none"),
        "## KDE log-likelihood",
        likelihood(),
        "## RKE",
        diversity(),
        "## Tests",
        errors(),
    ]
    readme.write_text(head + MARK + "\n\n" + "\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
