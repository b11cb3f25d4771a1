"""Fuzz: damages real files and options, and notes what is neither used nor refused in one line.

    python -m benchmarks.faults.fuzz --minutes 60 --out benchmarks/faults/fuzz.jsonl

The targets, their examples and the changes are those of tests/fuzz. A call is known by its target
and seed; `--only TARGET --seed N` makes it again. Each batch runs in a process of its own, which is
ended where a call takes longer than LONGEST seconds. Every target has one line in the results:

    calls     damaged inputs that were tried
    used      of them, those that were used
    refused   those that ended in one line of ours
    foreign   errors of others, by type and place, with the seeds of the first three
    hangs     seeds of calls over LONGEST seconds
    deaths    seeds of calls that ended the process
    wrong     seeds of calls that printed NaN, Inf or a message of several lines
"""

import argparse
import collections
import json
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
import traceback
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks._machine import machine
from benchmarks.harness import command

LONGEST = 20
BATCH = 200
MEMORY = 16 << 30
"""Address space of a batch; what asks for more gets an error instead of the machine's last byte."""

NO_NUMBER = re.compile(r"(?i)(?<![\w/.-])-?(nan|inf)(?![\w/.-])")


class Found:
    """What is known of one target so far."""

    def __init__(self) -> None:
        self.counts = collections.Counter[str]()
        self.foreign: dict[str, list[int]] = {}
        self.seeds: dict[str, list[int]] = {"hangs": [], "deaths": [], "wrong": []}

    def add(self, seed: int, kind: str, where: str) -> None:
        """One call."""
        self.counts["calls"] += 1
        if kind == "foreign":
            self.foreign.setdefault(where, []).append(seed)
        elif kind in self.seeds:
            self.seeds[kind].append(seed)
        else:
            self.counts[kind] += 1

    def row(self) -> dict[str, Any]:
        """For the results."""
        counted = {name: self.counts[name] for name in ("calls", "used", "refused")}
        foreign = [
            {"error": where, "calls": len(seeds), "seeds": seeds[:3]}
            for where, seeds in sorted(self.foreign.items())
        ]
        return {**counted, "foreign": foreign, **self.seeds}


def outcome(target: Any, seed: int) -> tuple[str, str]:
    """Kind of a call, and the error and its place for a foreign one."""
    from ganeval.errors import GanevalError

    try:
        said = target.run(seed)
    except GanevalError as error:
        return ("wrong" if "\n" in str(error) else "refused"), ""
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "/ganeval/" in frame.filename] or frames
        place = f"{own[-1].filename.rpartition('/ganeval/')[2]}, {own[-1].name}"
        return "foreign", f"{type(error).__name__} in {place}"
    return ("wrong" if NO_NUMBER.search(said) else "used"), ""


def _batch(pipe: Connection, name: str, seeds: range) -> None:
    """Tells of every call when it begins and how it ended."""
    from tests.fuzz.targets import TARGETS

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what libraries print of broken files
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", RuntimeWarning)
    for seed in seeds:
        pipe.send((seed, None, ""))
        pipe.send((seed, *outcome(TARGETS[name], seed)))


def run_batch(name: str, first: int, found: Found, until: float) -> int:
    """Runs a batch in a process of its own; returns the seed to go on with."""
    mine, its = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")  # of a process that has imported everything
    process = context.Process(target=_batch, args=(its, name, range(first, first + BATCH)))
    process.start()
    its.close()
    begun: int | None = None
    last = first
    try:
        while time.monotonic() < until:
            if not mine.poll(LONGEST):
                assert begun is not None
                found.add(begun, "hangs", "")
                return begun + 1
            seed, kind, where = mine.recv()
            begun, last = (seed, last) if kind is None else (None, seed + 1)
            if kind is not None:
                found.add(seed, kind, where)
    except EOFError:
        if begun is not None:
            found.add(begun, "deaths", "")
            last = begun + 1
    finally:
        process.kill()
        process.join()
        mine.close()
    return last


def main() -> None:
    """The command line."""
    from tests.fuzz.targets import TARGETS

    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--only", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--seed", type=int, help="one call, with its traceback")
    options.add_argument("--out", type=Path, help="results, one JSON line per target")
    given = options.parse_args()
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"GANEVAL_CACHE": f"{folder}/cache", "GANEVAL_HOME": f"{folder}/home"}
        if given.seed is not None:
            print(*(TARGETS[name].run(given.seed) for name in given.only), sep="\n")
            return
        for target in TARGETS.values():
            target.examples()  # made once, before the processes that damage them
        rows = fuzz(given.only, given.first, given.minutes)
    if given.out is not None:
        about = {"machine": machine(), "command": command()}
        lines = [json.dumps({**row, **about}) + "\n" for row in rows]
        given.out.write_text("".join(lines), encoding="utf-8")


def fuzz(names: list[str], first: int, minutes: float) -> list[dict[str, Any]]:
    """Runs batches of all targets in turn, each for its share of the time; prints what is found."""
    rows = []
    for name in names:
        found, seed, start = Found(), first, time.monotonic()
        until = start + 60 * minutes / len(names)
        while time.monotonic() < until:
            seed = run_batch(name, seed, found, until)
        row = {"target": name, **found.row(), "minutes": round((time.monotonic() - start) / 60, 1)}
        print(json.dumps(row), flush=True)
        rows.append(row)
    return rows


if __name__ == "__main__":
    sys.exit(main())
