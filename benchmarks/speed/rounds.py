"""pytest's part of the benchmarks: which cells run, in turns, and what is written of each.

A cell is a benchmark with its parameters but for the tool: all tools of one cell are timed in
turn, round after round, so that a busy machine slows all of them alike. The lines of a cell are in
the results file as soon as its last round ends; a run that was killed resumes with the next cell.
"""

import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness import append

ROUNDS = 5
"""Most times that each tool of a cell is timed."""
LEAST_SECONDS = 0.05
"""What takes less is called several times per round, and the median call counts."""
MOST_CALLS = 100

Measure = Callable[..., Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that run.py gives."""
    parser.addoption("--quick", action="store_true", help="smaller sizes, one round each")
    parser.addoption("--results", help="file that gets the lines of each cell that ends")
    parser.addoption("--about", default="{}", help="JSON that every line ends with")
    parser.addoption("--have", default="[]", help="JSON list of cells that are not run again")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeats every benchmark that measures."""
    if "turn" in metafunc.fixturenames:
        metafunc.parametrize("turn", range(1 if metafunc.config.getoption("quick") else ROUNDS))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Orders the rounds of a cell, and leaves out cells that the file has."""
    have = set(json.loads(config.getoption("have")))
    config.hook.pytest_deselected(items=[item for item in items if cell(item) in have])
    cells = {name: place for place, name in enumerate(dict.fromkeys(map(cell, items)))}
    items[:] = sorted(
        (item for item in items if cell(item) not in have),
        key=lambda item: (cells[cell(item)], _parameters(item).get("turn", 0)),
    )


def cell(item: pytest.Item) -> str:
    """The benchmark and its parameters but for the tool and the round."""
    kept = {k: v for k, v in _parameters(item).items() if k not in ("tool", "way", "turn")}
    return f"{item.path.name}::{getattr(item, 'originalname', item.name)} {kept}"


def _parameters(item: pytest.Item) -> Mapping[str, Any]:
    callspec = getattr(item, "callspec", None)
    return {} if callspec is None else callspec.params


_times: dict[str, list[tuple[float, float]]] = {}
"""Wall and processor seconds of each round, by tool, of the cell that runs."""
_info: dict[str, dict[str, Any]] = {}
_failed: set[str] = set()


@pytest.fixture
def turn() -> int:
    """Number of the round, from 0; `pytest_generate_tests` gives it."""
    raise NotImplementedError


@pytest.fixture
def measure(turn: int, request: pytest.FixtureRequest) -> Measure:
    """Times `function()` and notes what the results file says of it.

    `case` and `tool` name the line; `n` and `d` size it; `floor` is (seconds that no program
    could beat, why). `rounds` is the number of rounds, at most ROUNDS; with one, there is no
    warm-up. `setup` runs before each call, untimed. `times` is how often the line's work is that of
    one call, where a peer does part of it. Returns what the function gave.
    """

    def call(
        function: Callable[[], Any],
        *,
        case: str,
        tool: str,
        n: int,
        d: int,
        rounds: int = ROUNDS,
        floor: tuple[float, str] | None = None,
        setup: Callable[[], None] | None = None,
        times: float = 1,
    ) -> Any:
        if turn >= rounds:
            pytest.skip("it has had all its rounds")
        if turn == 0 and rounds > 1:  # what is short needs a round for its libraries
            _timed(function, setup)
        calls, spent = [], 0.0
        while spent < LEAST_SECONDS and len(calls) < MOST_CALLS:
            given, wall, processor = _timed(function, setup)
            calls.append((wall, processor))
            spent += wall
        wall, processor = sorted(calls)[len(calls) // 2]
        _times.setdefault(tool, []).append((times * wall, times * processor))
        if tool not in _info or floor is not None:
            known = _info.get(tool, {}).get("floor_seconds", float("inf"))
            seconds, why = floor or (None, None)
            _info[tool] = {
                **{"case": case, "n": n, "d": d, "floor": why},
                "floor_seconds": seconds and min(seconds, known),
            }
        return given

    return call


def _timed(
    function: Callable[[], Any], setup: Callable[[], None] | None
) -> tuple[Any, float, float]:
    if setup is not None:
        setup()
    before, start = _processor_seconds(), time.perf_counter()
    given = function()
    return given, time.perf_counter() - start, _processor_seconds() - before


def _processor_seconds() -> float:
    """Of this process and of all processes that it started and that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Notes cells that failed: nothing is written of them."""
    report = yield
    if report.failed:
        _failed.add(cell(item))
    return report


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Writes a cell's lines after its last round."""
    if nextitem is not None and cell(nextitem) == cell(item):
        return
    results = item.config.getoption("results")
    if results and cell(item) not in _failed and "ganeval" in _times:
        about = json.loads(item.config.getoption("about"))
        for line in lines(cell(item)):
            append(Path(os.fspath(results)), {**line, **about})
    _times.clear()
    _info.clear()


def lines(name: str) -> list[dict[str, Any]]:
    """One line per peer of the cell that just ended; without a peer, one line with nulls."""
    ours = _info["ganeval"]
    found = []
    for peer in [tool for tool in _times if tool != "ganeval"] or [None]:
        theirs = None if peer is None else _median(peer)
        mine = _median("ganeval")
        found.append(
            {
                **{"cell": name, "case": ours["case"], "n": ours["n"], "d": ours["d"]},
                "ours_seconds": mine[0],
                "peer": peer,
                "peer_seconds": theirs and theirs[0],
                "ratio": theirs and theirs[0] / mine[0],
                "processor_ratio": theirs and theirs[1] / max(mine[1], 1e-9),
                "rounds": len(_times["ganeval"]),
                "floor_seconds": ours["floor_seconds"],
                "floor": ours["floor"],
            }
        )
    return found


def _median(tool: str) -> tuple[float, float]:
    """Wall and processor seconds."""
    walls, processors = zip(*_times[tool], strict=True)
    return statistics.median(walls), statistics.median(processors)
