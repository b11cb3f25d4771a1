"""Times ganeval beside its peers and writes results.jsonl and the table of README.md.

    .venv-peers/bin/python -m benchmarks.speed.run [--quick] [-k EXPRESSION]

Cells whose lines the file has from this machine and this version are not run again: a run that
was killed resumes. `-k` runs what fits pytest's expression once more (`-k bench_decoding`), and
leaves all other lines as they are. `--quick` takes under two minutes, one round of smaller sizes,
and writes nothing but the table on the screen.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import ganeval
from benchmarks._machine import processor
from benchmarks.harness import lines_of
from benchmarks.speed import model
from benchmarks.speed.table import table

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
RESULTS, README = HERE / "results.jsonl", HERE / "README.md"
BEGIN, END = "<!-- table: written by run.py -->\n", "<!-- end of table -->"
PACKAGES = (
    "numpy scipy scikit-learn torch torchvision pillow imagecodecs pytorch-fid torch-fidelity "
    "clean-fid torchmetrics prdc"
).split()
FORGET = (
    *("OPENBLAS_CORETYPE", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    "PYTHONDONTWRITEBYTECODE",
)
"""Settings of a shell that would hold back one side or both."""


def main() -> None:
    """Runs the benchmarks, writes and prints their table."""
    parser = argparse.ArgumentParser(description="Times ganeval beside its peers.")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, one round each")
    parser.add_argument("-k", metavar="EXPRESSION", help="only these, once more")
    options = parser.parse_args()
    about = {"machine": machine(), "versions": versions()}
    kept = [] if options.quick else lines_of(RESULTS)
    if not options.k:  # else all others stay as they are
        kept = [line for line in kept if _same(line, about)]
    have = [] if options.k else [line["cell"] for line in kept]
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "results.jsonl" if options.quick else RESULTS.with_suffix(".new")
        have += [line["cell"] for line in lines_of(new)]
        status = run(
            *(["--quick"] if options.quick else []),
            *(["-k", options.k] if options.k else []),
            f"--results={new}",
            f"--about={json.dumps(about)}",
            f"--have={json.dumps(have)}",
        )
        lines = merged(kept, lines_of(new))
        if not options.quick:
            write(lines)
            new.unlink(missing_ok=True)
    if lines:
        print(table(lines))
    sys.exit(status)


def run(*arguments: str) -> int:
    """Runs pytest on the benchmarks, and returns its exit status."""
    environment = {key: value for key, value in os.environ.items() if key not in FORGET}
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(REPOSITORY), environment.get("PYTHONPATH")])
    )
    command = [sys.executable, "-m", "pytest", str(HERE), *arguments, "-q"]
    status = subprocess.run(command, env=environment).returncode
    return 0 if status == 5 else status  # 5: every cell is in the file


def merged(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Old lines with those of new cells in their places, and new ones at the end."""
    cells = dict[str, list[dict[str, Any]]]()
    for line in old:
        cells.setdefault(line["cell"], []).append(line)
    ran = dict[str, list[dict[str, Any]]]()
    for line in new:
        ran.setdefault(line["cell"], []).append(line)
    cells.update(ran)
    return [line for group in cells.values() for line in group]


def write(lines: Sequence[dict[str, Any]]) -> None:
    """Writes the results and the table between its two marks."""
    RESULTS.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    if lines:
        before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        written = f"{table(list(lines))}\n\n{model.text(list(lines))}"
        text = f"{before}{BEGIN}\n{written}\n{END}{after}"
        README.write_text(text, encoding="utf-8")


def _same(line: dict[str, Any], about: dict[str, Any]) -> bool:
    """Whether a line is of a cell, of this machine and of this version."""
    return (
        "cell" in line
        and line["machine"] == about["machine"]
        and line["versions"]["ganeval"] == about["versions"]["ganeval"]
    )


def machine() -> dict[str, Any]:
    """The processor."""
    return {
        "cpu": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of ganeval and of everything it is timed beside."""
    found = {"ganeval": ganeval.__version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            sys.exit(f"{name} is missing; run this with .venv-peers/bin/python after `make peers`")
    return found


if __name__ == "__main__":
    main()
