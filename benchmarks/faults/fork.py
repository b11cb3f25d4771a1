"""Commands in forked processes: the imports are there, so a case takes a tenth of a second."""

import fcntl
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

LIMIT = 60.0
"""Seconds after which a command hangs."""

Limits = dict[int, int]
"""Soft limits by `resource.RLIMIT_…`."""


@dataclass(frozen=True)
class Case:
    """A command that is run in a folder of its own.

    Args:
        name: of the case, for the table of what failed.
        words: of the command; `trainers` as the first means `python -m trainers`.
        prepare: changes the folder before.
        check: what is wrong with the outcome; empty if nothing.
        limits: of resources.
        environment: variables that are set.
        after: called with the process while it runs.
    """

    name: str
    words: tuple[str, ...]
    check: "Callable[[Outcome], str]"
    prepare: Callable[[Path], None] = lambda folder: None
    limits: Limits = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    after: Callable[[int, Path], None] | None = None


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int | None
    """Exit code, minus the signal that killed it, or None if it hung."""
    out: str
    error: str
    new: tuple[str, ...]
    """Files that were not there before, or are other ones."""
    folder: Path


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """(inode, size) of each file below a folder; the cache left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not name.startswith("cache"):
            stat = path.lstat()
            found[name] = (stat.st_ino, 0 if path.is_dir() else stat.st_size)
    return found


def preload() -> None:
    """Imports what commands import, before the first of them is forked off.

    Short of memory, libraries fail in ways of their own while they are loaded; what is measured
    here is what comes after.
    """
    import matplotlib.figure  # noqa: F401
    import scipy.linalg
    import scipy.spatial
    import scipy.stats  # noqa: F401
    import torch
    import torch._dynamo
    import torch.optim

    import ganeval.cli  # noqa: F401
    import trainers.command  # noqa: F401

    torch.set_num_threads(1)


def run_all(cases: Iterable[Case], template: Path, *, at_once: int = 2) -> Iterator[str]:
    """Runs each case in a copy of the template; yields what is wrong with it, or nothing."""
    waiting: dict[int, _Running] = {}
    todo = iter(cases)
    scratch = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        done = False
        while waiting or not done:
            while not done and len(waiting) < at_once:
                case = next(todo, None)
                if case is None:
                    done = True
                else:
                    running = _start(case, template, scratch)
                    waiting[running.pid] = running
            for pid, running in list(waiting.items()):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if not ended and time.monotonic() - running.begun > LIMIT:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    ended, status = pid, -1
                if ended:
                    del waiting[pid]
                    yield running.verdict(status)
            time.sleep(0.003)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@dataclass
class _Running:
    case: Case
    pid: int
    folder: Path
    streams: tuple[int, int]
    before: dict[str, tuple[int, int]]
    begun: float

    def outcome(self, status: int) -> Outcome:
        out, error = map(_read_all, self.streams)
        after = listing(self.folder)
        new = tuple(name for name, is_ in after.items() if self.before.get(name) != is_)
        code = None if status == -1 else os.waitstatus_to_exitcode(status)
        return Outcome(code, out, error, new, self.folder)

    def verdict(self, status: int) -> str:
        found = self.outcome(status)
        wrong = "hangs" if found.code is None else self.case.check(found)
        shutil.rmtree(self.folder, ignore_errors=True)
        return f"{self.case.name}: {wrong}" if wrong else ""


def _start(case: Case, template: Path, scratch: Path) -> _Running:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    shutil.copytree(template, folder, dirs_exist_ok=True, symlinks=True)
    case.prepare(folder)
    before = listing(folder)
    # Pipes, which no limit on files keeps short, and which hold a megabyte unread
    (out, own_out), (error, own_error) = os.pipe(), os.pipe()
    for end in (out, error):
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(end, False)
    pid = os.fork()
    if pid == 0:
        _become(case, folder, own_out, own_error)
    os.close(own_out)
    os.close(own_error)
    if case.after is not None:
        case.after(pid, folder)
    return _Running(case, pid, folder, (out, error), before, time.monotonic())


def _read_all(stream: int) -> str:
    """What a pipe holds; a process that still has its other end is not waited for."""
    found = b""
    try:
        while part := os.read(stream, 1 << 20):
            found += part
    except BlockingIOError:
        pass
    os.close(stream)
    return found.decode(errors="replace")


def _become(case: Case, folder: Path, out: int, error: int) -> None:
    """Turns this forked process into the command; never returns."""
    from ganeval.entry import run

    for number, stream in ((1, out), (2, error)):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdout = open(1, "w", closefd=False)
    sys.stderr = open(2, "w", closefd=False, errors="backslashreplace")
    os.chdir(folder)
    os.environ.update(
        {"GANEVAL_CACHE": str(folder / "cache"), "GANEVAL_HOME": str(folder / "home")}
        | case.environment
    )
    for kind, soft in case.limits.items():
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1]))
    program, *words = case.words
    sys.argv = [program, *words]

    def call() -> None:
        if program == "trainers":
            from trainers.command import app

            app(words)
        else:
            from ganeval.cli import main

            main(words)

    code: object = 1
    try:
        run(call)
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # what a user would see
        import traceback

        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = 120
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)
