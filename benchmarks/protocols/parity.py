"""Every protocol beside the tool that it is named after: same features, then same images.

    .venv-peers/bin/python -m benchmarks.protocols.parity [--dgm-eval FOLDER] [--dinov2 FOLDER]

It writes results.jsonl, in which pairs that stand there already are skipped, and the table of
docs/protocols.md. All nets have the same random weights
in both tools, since the published ones are not needed to compare programs.
"""

import argparse
import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import append, lines_of
from benchmarks.protocols import from_features, from_images

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "results.jsonl", HERE.parents[1] / "docs" / "protocols.md"
BEGIN, END = "<!-- parity: begin -->", "<!-- parity: end -->"
PACKAGES = {
    "pytorch-fid": "pytorch-fid",
    "clean-fid": "clean-fid",
    "torch-fidelity": "torch-fidelity",
    "torchmetrics": "torchmetrics",
}
BARS = {"features": 1e-9, "images": 1e-3}


def main(arguments: list[str] | None = None) -> None:
    """Runs all pairs, or writes the table again from the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dgm-eval", help="checkout of layer6ai-labs/dgm-eval, to run its code")
    parser.add_argument("--dinov2", help="checkout of facebookresearch/dinov2, to run its code")
    parser.add_argument("--level", choices=BARS, help="only pairs that begin there")
    parser.add_argument("--table", action="store_true", help="only write the table again")
    options = parser.parse_args(arguments)
    if not options.table:
        known = {(row["level"], row["protocol"], row["metric"]) for row in lines_of(RESULTS)}
        warnings.simplefilter("ignore")  # of other tools
        for level, pairs in (
            ("features", from_features.pairs(options.dgm_eval)),
            ("images", from_images.pairs(options.dinov2)),
        ):
            for pair in pairs if options.level in (None, level) else ():
                if (level, pair.protocol, pair.metric) in known:
                    continue
                theirs, ours = pair.theirs(), pair.ours()
                row = {
                    "level": level,
                    "protocol": pair.protocol,
                    "metric": pair.metric,
                    "theirs": theirs,
                    "ours": ours,
                    "relative": abs(ours - theirs) / abs(theirs),
                    "original": pair.original,
                    "note": pair.note,
                    "version": _version(pair.protocol),
                    "command": "python -m benchmarks.protocols.parity "
                    + " ".join(sys.argv[1:] if arguments is None else arguments),
                }
                append(RESULTS, row)
                print(json.dumps(row))
    write_table()


def write_table() -> None:
    """Puts the table between the two marks of docs/protocols.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")


def table() -> str:
    """The results as Markdown."""
    lines = [
        "| protocol | score | from | the tool's | ganeval's | relative difference | bar | run |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in lines_of(RESULTS):
        bar = BARS[row["level"]]
        kept = "" if row["relative"] <= bar else " **missed**"
        run = (
            f"its own code, {row['version'] or 'a checkout'}" if row["original"] else "its formula"
        )
        note = f"; {row['note']}" if row["note"] else ""
        lines.append(
            f"| {row['protocol']} | {row['metric']} | {row['level']} | {row['theirs']:.8g} | "
            f"{row['ours']:.8g} | {row['relative']:.1e}{kept} | {bar:.0e} | {run}{note} |"
        )
    return "\n".join(lines)


def _version(protocol: str) -> str | None:
    return version(PACKAGES[protocol]) if protocol in PACKAGES else None


if __name__ == "__main__":
    main()
