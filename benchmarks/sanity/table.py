"""Prints how many checks each metric passes, ours and as published.

python -m benchmarks.sanity.table
"""

import json
from pathlib import Path

import numpy as np

from benchmarks import harness
from benchmarks.sanity.criteria import checks, together
from benchmarks.sanity.run import METRICS

FOLDER = Path(__file__).parent

PAIRS = {
    "density and coverage": ("density", "coverage"),
    "precision and recall": ("precision", "recall"),
    "alpha-precision and beta-recall": ("integrated_alpha_precision", "integrated_beta_recall"),
    "precision and recall cover": ("precision_cover", "recall_cover"),
    "symmetric precision and recall": ("sym_precision", "sym_recall"),
    "probabilistic precision and recall": ("probabilistic_precision", "probabilistic_recall"),
}


def main() -> None:
    """Both tables in Markdown."""
    verdicts = ours()
    passed = {name: sum(map(bool, found.values())) for name, found in verdicts.items()}
    published = json.loads((FOLDER / "published.json").read_text(encoding="utf-8"))
    theirs = {
        name: sum(verdict != "False" for verdict in found.values())
        for name, found in published.items()
    }
    total = len(verdicts["density"])
    print(f"| pair | fidelity | variety | both, of {2 * total} |\n|---|---:|---:|---:|")
    mine = list(METRICS)
    for first, second in zip(mine[::2], mine[1::2], strict=True):
        counts = passed[first], passed[second]
        print(f"| **ganeval: {first} and {second}** | {counts[0]} | {counts[1]} | {sum(counts)} |")
    for name, pair in PAIRS.items():
        counts = theirs[pair[0]], theirs[pair[1]]
        print(f"| published: {name} | {counts[0]} | {counts[1]} | {sum(counts)} |")
    print("\n| check | " + " | ".join(METRICS) + " |\n|---" + "|---" * len(METRICS) + "|")
    words = {True: "T", False: "**F**", "low": "L", "high": "H"}
    for key in verdicts["density"]:
        print(f"| {key} | " + " | ".join(words[verdicts[name][key]] for name in METRICS) + " |")


def ours() -> dict[str, dict[str, bool | str]]:
    """By metric and `check: desideratum`, whether it is passed."""
    rows = harness.lines_of(FOLDER / "results.jsonl")
    found: dict[str, dict[str, bool | str]] = {}
    for metric, kind in METRICS.items():
        lists: dict[str, list[bool | str]] = {}
        for row in rows:
            axis, scores = np.array(row["axis"]), np.array(row["scores"][metric])
            for desideratum, criteria in checks(row["setting"])[row["check"]].items():
                verdicts = [criterion(axis, scores) for criterion in criteria[kind]]
                lists.setdefault(f"{row['check']}: {desideratum}", []).extend(verdicts)
        found[metric] = {key: together(verdicts) for key, verdicts in sorted(lists.items())}
    return found


if __name__ == "__main__":
    main()
