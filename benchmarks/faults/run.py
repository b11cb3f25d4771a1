"""All rows: `python -m benchmarks.faults.run`; `--only TEXT` takes some, `--table` only writes."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded: forks need one thread

import argparse
import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks._machine import machine
from benchmarks.faults import answers, inputs, kills, system
from benchmarks.faults.fork import Case, preload, run_all
from benchmarks.faults.template import build

HERE = Path(__file__).parent
RESULTS = HERE / "results.jsonl"

ROWS: dict[str, Callable[[], Iterator[Case]]] = {
    "mistakes": inputs.mistakes,
    "damaged files": inputs.damaged,
    "forged files": inputs.forged,
    "announced sizes": inputs.announced,
    "full disks": system.full_disks,
    "places that cannot be written": system.no_folder,
    "short memory": system.short_memory,
    "cache folders": system.caches,
    "dead workers": system.dead_workers,
    "cache entries": answers.cache_entries,
    "overwriting": system.overwriting,
    "names": system.names,
}


def main() -> None:
    """Runs the rows and writes results.jsonl and README.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="rows with this in their names")
    parser.add_argument("--repeats", type=int, default=2, help="kills and signals per command")
    parser.add_argument("--table", action="store_true", help="only write README.md anew")
    given = parser.parse_args()
    if not given.table:
        kept = {str(row["row"]): row for row in _read()} if given.only else {}
        for rows in _rows(given.only, given.repeats):  # kept after each, whatever comes next
            lines = [json.dumps(r, ensure_ascii=False) + "\n" for r in (kept | rows).values()]
            RESULTS.write_text("".join(lines), encoding="utf-8")
    (HERE / "README.md").write_text(_table(_read()), encoding="utf-8")


def _rows(only: str, repeats: int) -> Iterator[dict[str, dict[str, object]]]:
    """All rows so far, after each."""
    scratch = Path(tempfile.mkdtemp(prefix="faults-"))
    template = scratch / "template"
    build(template)
    preload()
    rows: dict[str, dict[str, object]] = {}
    try:
        for name, cases in ROWS.items():
            if only in name:
                begun = time.monotonic()
                wrong = []
                for said in run_all(cases(), template):
                    wrong.append(said)
                    if said:
                        print(f"  {said!r}", flush=True)
                _count(rows, name, wrong, time.monotonic() - begun)
                yield rows
        same = answers.same_score(template) if only in "same score" else ()
        begun = time.monotonic()
        for name, wrong_one in itertools.chain(
            kills.killed(template, repeats, only), kills.signalled(template, repeats, only), same
        ):
            _count(rows, name, [wrong_one], time.monotonic() - begun)
            begun = time.monotonic()
            yield rows
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _count(rows: dict[str, dict[str, object]], name: str, wrong: list[str], seconds: float) -> None:
    row = rows.setdefault(name, {"row": name, "cases": 0, "right": 0, "seconds": 0.0, "wrong": []})
    row["cases"] += len(wrong)  # type: ignore[operator]
    row["right"] += wrong.count("")  # type: ignore[operator]
    row["seconds"] = round(row["seconds"] + seconds, 1)  # type: ignore[operator]
    row["wrong"] += [text for text in wrong if text]  # type: ignore[operator]
    row["machine"] = machine()
    print(f"{name}: {row['right']} of {row['cases']} in {row['seconds']} s", flush=True)


def _read() -> list[dict[str, object]]:
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


def _table(rows: list[dict[str, object]]) -> str:
    lines = [
        "# Faults\n",
        "Bad input, full disks, kills, signals, caches and names over all commands. Written by",
        "`python -m benchmarks.faults.run`; a case is right if it ends in exit 2 and one line with",
        "nothing half-written, or in the undisturbed result.\n",
        f"Machine: {rows[0]['machine'] if rows else ''}.\n",
        "| row | cases | right | seconds |",
        "|---|---:|---:|---:|",
        *(f"| {r['row']} | {r['cases']} | {r['right']} | {r['seconds']} |" for r in rows),
    ]
    if wrong := [(r["row"], text) for r in rows for text in r["wrong"]]:  # type: ignore[attr-defined]
        lines += ["", "## What is not right", ""]
        lines += [f"- {row}: `{json.dumps(text, ensure_ascii=False)}`" for row, text in wrong]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
