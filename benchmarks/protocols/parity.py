"""Every protocol beside the tool that it is named after: same features, then same images.

    .venv-peers/bin/python -m benchmarks.protocols.parity [--dgm-eval FOLDER] [--dinov2 FOLDER]

It writes results.jsonl, in which pairs that stand there already are skipped, and the tables of
docs/ (table.py). All nets have the same random weights in both tools, since the published ones are
not needed to compare programs.
"""

import argparse
import json
import sys
import warnings
from importlib.metadata import version

from benchmarks.harness import append, lines_of
from benchmarks.protocols import from_features, from_images
from benchmarks.protocols.table import BARS, RESULTS
from benchmarks.protocols.table import main as write_tables

PACKAGES = {
    "pytorch-fid": "pytorch-fid",
    "clean-fid": "clean-fid",
    "torch-fidelity": "torch-fidelity",
    "torchmetrics": "torchmetrics",
}


def main(arguments: list[str] | None = None) -> None:
    """Runs all pairs, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dgm-eval", help="checkout of layer6ai-labs/dgm-eval, to run its code")
    parser.add_argument("--dinov2", help="checkout of facebookresearch/dinov2, to run its code")
    parser.add_argument("--level", choices=BARS, help="only pairs that begin there")
    options = parser.parse_args(arguments)
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
    write_tables()


def _version(protocol: str) -> str | None:
    return version(PACKAGES[protocol]) if protocol in PACKAGES else None


if __name__ == "__main__":
    main()
