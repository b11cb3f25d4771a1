import contextlib
import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ganeval
from ganeval.errors import GanevalError, InputError
from ganeval.images import iterate, open_images


@pytest.fixture
def many(tmp_path, rng, save):
    """150 images of two sizes."""
    for index in range(150):
        side = 9 if index % 50 else 12
        save(tmp_path / f"many/{index:03d}.png", rng.integers(0, 256, (side, 8, 3)))
    return tmp_path / "many"


@pytest.mark.parametrize("batch_size", [1, 7, 64, 150, 1000])
def test_batches_are_the_same_whatever_the_workers(many, batch_size):
    source = open_images(many)
    here = list(iterate(source, batch_size=batch_size))
    assert [index for batch in here for index in batch.indices] == list(range(150))
    assert max(len(batch.indices) for batch in here) == min(batch_size, 150)
    if batch_size in (7, 1000):
        there = list(iterate(source, batch_size=batch_size, num_workers=2))
        for a, b in zip(here, there, strict=True):
            assert a.indices == b.indices
            np.testing.assert_array_equal(a.hashes, b.hashes)
            for one, two in zip(a.pixels, b.pixels, strict=True):
                np.testing.assert_array_equal(one, two)


def test_data_in_memory_starts_no_process(contexts):
    source = open_images(np.zeros((5, 8, 9), np.uint8))
    assert len(list(iterate(source, num_workers=4, batch_size=2))) == 3
    assert contexts == []


def test_closing_ends_the_processes_at_once(many, contexts):
    batches = iterate(open_images(many), batch_size=2, num_workers=2)
    next(batches)
    assert any(process.is_alive() for process in contexts[0].started)
    start = time.monotonic()
    batches.close()
    assert time.monotonic() - start < 5
    assert not any(process.is_alive() for process in contexts[0].started)


def test_an_error_in_the_consumer_ends_the_processes(many, contexts):
    with pytest.raises(KeyError):
        for _ in iterate(open_images(many), batch_size=2, num_workers=1):
            raise KeyError
    gc.collect()  # the traceback held the iterator
    assert not any(process.is_alive() for process in contexts[0].started)


def test_a_killed_process_is_one_clear_error(many, contexts):
    source = open_images(many)
    # So many that they are not all decoded before the loss is noticed.
    source = replace(source, positions=100 * source.positions, ids=100 * source.ids)
    batches = iterate(source, batch_size=2, num_workers=1)
    next(batches)
    os.kill(contexts[0].started[0].pid, signal.SIGKILL)
    with pytest.raises(GanevalError, match=r"a worker process was killed, .*fewer --num-workers"):
        list(batches)


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"num_workers": -1}])
def test_options_are_checked_before_anything_starts(many, options):
    with pytest.raises(InputError, match="wanted a whole number"):
        iterate(open_images(many), **options)


SCRIPT = """
    import signal, sys, time  # no `if __name__ == "__main__"`
    # A shell that starts the tests in the background would have it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.argv[2] == "train":
        import torch
    from ganeval.images import iterate, open_images

    for batch in iterate(open_images(sys.argv[1]), batch_size=1, num_workers=2):
        print(len(batch.pixels), flush=True)
        time.sleep(60)
"""


@pytest.fixture
def script(tmp_path, many):
    """Starts SCRIPT in a process group of its own, which does not outlive the test."""
    (tmp_path / "script.py").write_text(textwrap.dedent(SCRIPT))
    environment = {**os.environ, "PYTHONPATH": str(Path(ganeval.__file__).parents[1])}
    started = []

    def start(mode):
        process = subprocess.Popen(
            [sys.executable, tmp_path / "script.py", many, mode],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env=environment,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(child) for child in found.stdout.split()]


def test_a_script_needs_no_guard_and_its_processes_no_torch(script):
    process = script("train")
    assert process.stdout.readline() == "1\n"
    deadline = time.monotonic() + 20
    while "imagecodecs" not in (maps := maps_of_children(process.pid)):
        assert time.monotonic() < deadline
    assert "libtorch" not in maps


def maps_of_children(pid):
    texts = []
    for child in children(pid):
        with contextlib.suppress(OSError):  # `ps` itself has ended
            texts.append(Path(f"/proc/{child}/maps").read_text())
    return "".join(texts)


def test_interrupt_ends_everything_with_one_traceback(script):
    process = script("wait")
    assert process.stdout.readline() == "1\n"
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to all of them
    _, errors = process.communicate(timeout=30)
    assert errors.count("Traceback") == 1 and errors.rstrip().endswith("KeyboardInterrupt")
    assert_gone(workers)


def test_processes_do_not_outlive_a_killed_parent(script):
    process = script("wait")
    assert process.stdout.readline() == "1\n"
    workers = children(process.pid)
    process.kill()
    process.wait()
    assert_gone(workers)


def assert_gone(pids):
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert pids and not any(alive(pid) for pid in pids)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
