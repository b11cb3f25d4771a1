"""README.md of this folder, from results.jsonl (`run.py`) and null.jsonl (`null.py`)."""

from itertools import groupby
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.harness import lines_of
from ganeval import METRICS

HERE = Path(__file__).resolve().parent
RESULTS, NULL = HERE / "results.jsonl", HERE / "null.jsonl"

UNITS = {"noise": "sd {} of 255", "blur": "sd {} px", "dropped": "{} of 10 classes"}

HEAD = """# Real images: damaged more and more, and not at all

    GANEVAL_DATA=/path/to/data python -m benchmarks.nets.cifar10.train
    GANEVAL_DATA=/path/to/data python -m benchmarks.real_data.run --cifar-net build/nets/cifar10
    GANEVAL_DATA=/path/to/data python -m benchmarks.real_data.null --cifar-net build/nets/cifar10

Both go on where they were, and write this page from `results.jsonl` and `null.jsonl`.

Digits of one writer follow each other in MNIST's files, and nobody says which: since images that
follow each other are noticed, no interval is printed for MNIST; those below are from before, and
too narrow.
"""

DAMAGED = """## Damaged

Train images of each data set against its test images, as they are or damaged. Estimates (corrected
for finite n where the metric has a correction), with 95 % intervals where it has them. The last
rows say whether each metric gets worse with every step, from no damage on. Where one does not:

- precision and density judge single images and never miss a dropped class; an image that is a
  little blurred lies nearer to the middle of the reals, which both reward;
- KDE, too, rises by a fifth of its error bar when MNIST is blurred by 0.4 pixels;
- CIFAR-10 without its first four classes, among them birds and cats, which its net confuses most,
  is more varied to IS and RKE than without the first two, and no farther away on lines.
"""

ALIKE = """## Real against real

Two disjoint random draws from the test images, 200 times: `ganeval c2st` should find nothing, and
its p-values should be uniform. `KS` is the p-value of the Kolmogorov-Smirnov test that they are;
with so many tests one under 0.05 is no surprise, one under 0.001 would be. Draws of one pool share
images, so rows are not quite independent of each other. One row has 600 draws: the KS of its first
200 was 0.002, and that of 400 fresh ones is 0.53.
"""


def write_tables() -> None:
    """Writes README.md."""
    text = [HEAD, DAMAGED, *damaged(), ALIKE, *alike()]
    (HERE / "README.md").write_text("\n".join(text))


def damaged() -> list[str]:
    """One table per data set."""
    text: list[str] = []
    rows = lines_of(RESULTS)
    for name in dict.fromkeys(row["data"] for row in rows):
        mine = [row for row in rows if row["data"] == name]
        metrics = list(mine[0]["scores"])
        arrows = {"lower": "↓", "higher": "↑"}
        labels = [f"{METRICS[m].label} {arrows[METRICS[m].better]}" for m in metrics]
        text += [f"### {name}, net `{mine[0]['net']}`, n = {mine[0]['n']} / {mine[0]['n']}", ""]
        text += [f"| damage | {' | '.join(labels)} |", "|---" * (len(metrics) + 1) + "|"]
        for row in mine:
            unit = UNITS.get(row["damage"])
            what = "none" if unit is None else f"{row['damage']}, {unit.format(row['level'])}"
            cells = [show(row["scores"][m]) for m in metrics]
            text.append(f"| {what} | {' | '.join(cells)} |")
        for damage in UNITS:
            steps = [row["scores"] for row in mine if row["damage"] in ("none", damage)]
            verdicts = [verdict([step[m] for step in steps], METRICS[m].better) for m in metrics]
            text.append(f"| **{damage}: worse every step** | {' | '.join(verdicts)} |")
        text += ["", f"Machine: {mine[0]['machine']}.", ""]
    return text


def estimate(score: dict) -> float:
    """What the interval is around."""
    return score["value"] if score["corrected"] is None else score["corrected"]


def verdict(scores: list[dict], better: str) -> str:
    """Yes, or how many of the steps went the wrong way; an AUC that is 1 already may stay there."""
    steps = np.diff([estimate(score) for score in scores]) * (1 if better == "lower" else -1)
    wrong = int((steps < 0).sum())
    return "yes" if wrong == 0 else f"**no** ({wrong} of {len(steps)} steps)"


def show(score: dict) -> str:
    """Estimate and interval."""
    interval = score["interval"]
    between = "" if interval is None else f" ({interval[0]:.3g} to {interval[1]:.3g})"
    return f"{estimate(score):.3g}{between}"


def alike() -> list[str]:
    """One row per data set, net, classifier and numbers of images."""
    names = "data|net|classifier|n real / fake|draws|KS|p < 0.05|p < 0.5|median AUC".split("|")
    text = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for (data, net, classifier, n, m), rows in groupby(sorted(lines_of(NULL), key=case), case):
        found = list(rows)
        p = np.array([row["p_value"] for row in found])
        ks = stats.kstest(p, "uniform").pvalue
        auc = np.median([row["auc"] for row in found])
        text.append(
            f"| {data} | `{net}` | {classifier} | {n} / {m} | {len(p)} | {ks:.3f} "
            f"| {100 * np.mean(p < 0.05):.1f} % | {100 * np.mean(p < 0.5):.1f} % | {auc:.3f} |"
        )
    return [*text, ""]


def case(row: dict) -> tuple:
    """What draws have in common."""
    return row["data"], row["net"], row["classifier"], row["n"], row["m"]


if __name__ == "__main__":
    write_tables()
