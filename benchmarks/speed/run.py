"""Times ganeval beside its peers and writes results.jsonl and the table of README.md.

    .venv-peers/bin/python -m benchmarks.speed.run [--quick] [-k EXPRESSION]

`-k` runs some cases and leaves the lines of all others as they are. `--quick` takes under two
minutes, one round of smaller sizes, and writes nothing but the table on the screen.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import ganeval
from benchmarks._machine import processor
from benchmarks.harness import lines_of

HERE = Path(__file__).resolve().parent

REPOSITORY = HERE.parents[1]
RESULTS, README = HERE / "results.jsonl", HERE / "README.md"
BEGIN, END = "<!-- table: written by run.py -->\n", "<!-- end of table -->"
PACKAGES = (
    "numpy scipy scikit-learn torch torchvision pillow pytorch-fid torch-fidelity torchmetrics "
    "pytest-benchmark"
).split()
FORGET = ("OPENBLAS_CORETYPE", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Settings of a shell that would hold back one side or both."""


def main() -> None:
    """Runs the benchmarks, writes and prints their table."""
    parser = argparse.ArgumentParser(description="Times ganeval beside its peers.")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, one round each")
    parser.add_argument("-k", metavar="EXPRESSION", help="only these; others keep their lines")
    options = parser.parse_args()
    extra = ["--quick"] if options.quick else []
    extra += ["-k", options.k] if options.k else []
    lines = rows_of(run(extra), machine=machine(), versions=versions())
    text = table(lines)
    print(text)
    if options.quick:
        return
    if options.k:
        ran = {line["case"] for line in lines}
        lines = [line for line in lines_of(RESULTS) if line["case"] not in ran] + lines
        text = table(lines)
    RESULTS.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def run(extra: list[str]) -> list[dict[str, Any]]:
    """What pytest-benchmark measured."""
    environment = {key: value for key, value in os.environ.items() if key not in FORGET}
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(REPOSITORY), environment.get("PYTHONPATH")])
    )
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pytest", str(HERE), f"--benchmark-json={report}", *extra]
        done = subprocess.run([*command, "-q", "-rs", "--benchmark-quiet"], env=environment)
        if done.returncode:
            sys.exit(f"nothing was written: pytest ended with {done.returncode}")
        return list(json.loads(report.read_text())["benchmarks"])


def rows_of(
    benchmarks: list[dict[str, Any]], *, machine: dict[str, Any], versions: dict[str, str]
) -> list[dict[str, Any]]:
    """One line per case and peer; a case without a peer has one line with nulls."""
    cases: dict[tuple[str, int, int], dict[str, Any]] = {}
    for item in benchmarks:
        info = item["extra_info"]
        tools = cases.setdefault((info["case"], info["n"], info["d"]), {})
        tools[info["tool"]] = {**info, "seconds": item["stats"]["median"]}
    lines = []
    for (case, n, d), tools in cases.items():
        ours = tools.pop("ganeval")
        for peer, theirs in tools.items() or [(None, None)]:
            lines.append(
                {
                    "case": case,
                    "n": n,
                    "d": d,
                    "ours_seconds": ours["seconds"],
                    "peer": peer,
                    "peer_seconds": theirs and theirs["seconds"],
                    "ratio": theirs and theirs["seconds"] / ours["seconds"],
                    "floor_seconds": ours.get("floor_seconds"),
                    "floor": ours.get("floor"),
                    "machine": machine,
                    "versions": versions,
                }
            )
    return lines


def table(lines: list[dict[str, Any]]) -> str:
    """The same in Markdown."""
    cpu, packages = lines[0]["machine"], lines[0]["versions"]
    rows = [
        "| case | n per side | d | ganeval | beside | takes | times ganeval | ganeval / floor |",
        "|---|--:|--:|--:|---|--:|--:|--:|",
    ]
    last: tuple[str, int, int] | None = None
    for line in lines:
        key = line["case"], line["n"], line["d"]
        again, last = key == last, key
        floor = line["floor_seconds"]
        cells = [
            "" if again else line["case"],
            "" if again else f"{line['n']:,}",
            "" if again else str(line["d"]),
            "" if again else _seconds(line["ours_seconds"]),
            line["peer"] or "–",
            _seconds(line["peer_seconds"]) if line["peer"] else "–",
            _times(line["ratio"]) if line["peer"] else "–",
            _times(line["ours_seconds"] / floor) if floor and not again else "",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    floors = {line["case"]: line["floor"] for line in lines if line["floor"]}
    notes = [f"- {case}: {floor}." for case, floor in floors.items()]
    return "\n".join(
        [
            f"{cpu['cpu']}, {cpu['cores']} cores; "
            + ", ".join(f"{name} {number}" for name, number in packages.items())
            + ". Medians.",
            "",
            *rows,
            "",
            "Floors (products at the speed of this machine's own matrix product):",
            "",
            *notes,
        ]
    )


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"


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
