"""kill -9, Ctrl-C and SIGTERM at random moments, in processes of their own."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.faults.checks import stopped
from benchmarks.faults.fork import Outcome, listing
from benchmarks.faults.template import NET, TINY, pictures

MARK = "GANEVAL_FAULTS"

LONG: dict[str, tuple[str, ...]] = {
    "extraction, two workers": (
        "ganeval", "features", "extract", "many", "-o", "new.npz", "--num-workers", "2", *NET,
    ),
    "evaluate": (
        "ganeval", "evaluate", "real", "A=fake", "B=other", "--metrics", "fid,kid", "-o",
        "new.jsonl", *NET,
    ),
    "nets train": (
        "ganeval", "nets", "train", "real", "--name", "n", "-o", "new", "--epochs", "3", "-q",
    ),
    "nets export": ("ganeval", "nets", "export", "net", "new"),
    "data synthlin": (
        "ganeval", "data", "synthlin", "new", "--per-class", "20", "--proteins", "Arp3,Tea1",
        "--num-workers", "2",
    ),
    "trainers train": ("trainers", "train", "toy-gan", "-o", "new", *TINY[2:], "--steps", "60"),
    "trainers sample": ("trainers", "sample", "run/last.pt", "-n", "500", "-o", "new.npz"),
}  # fmt: skip


def killed(template: Path, repeats: int, only: str) -> Iterator[tuple[str, str]]:
    """(row, what is wrong): a rerun after kill -9 brings the undisturbed result, nothing more."""
    rng = random.Random(0)
    for name, words in LONG.items():
        if only not in (row := f"kill -9: {name}"):
            continue
        with _folder(template, words) as folder:
            began = time.monotonic()
            _run(words, folder).wait()
            lasts, wanted = time.monotonic() - began, contents(folder)
        for _ in range(repeats):
            with _folder(template, words) as folder:
                process = _run(words, folder)
                time.sleep(rng.uniform(0.3, 1.0) * lasts)
                process.kill()
                process.wait()
                alive = _orphans(folder)
                again = _run(words, folder)
                again.wait()
                error = (folder.parent / "err").read_text()[-200:]
                wrong = f"orphans {alive}" if alive else ""
                complete = (
                    again.returncode == 2 and "--force" in error
                )  # killed after the last byte
                if again.returncode != 0 and not complete:
                    wrong = f"the rerun ends with {again.returncode}: {error}"
                elif differs := _difference(wanted, contents(folder)):
                    wrong = f"other than undisturbed: {differs}"
                yield row, wrong


def signalled(template: Path, repeats: int, only: str) -> Iterator[tuple[str, str]]:
    """(row, what is wrong): an interrupt is one line and its exit code, and leaves nothing."""
    rng = random.Random(1)
    for name, words in LONG.items():
        if only not in (row := f"signals: {name}"):
            continue
        with _folder(template, words) as folder:
            began = time.monotonic()
            _run(words, folder).wait()
            lasts = time.monotonic() - began
        for number in (signal.SIGINT, signal.SIGTERM):
            for _ in range(repeats):
                with _folder(template, words) as folder:
                    before = listing(folder)
                    process = _run(words, folder)
                    delay = rng.uniform(0.1, 1.0) * lasts
                    time.sleep(delay)
                    process.send_signal(number)
                    try:
                        code: int | None = process.wait(timeout=30)
                    except subprocess.TimeoutExpired:
                        process.kill()
                        code = process.wait() and None
                    error = (folder.parent / "err").read_text()
                    out = (folder.parent / "out").read_text()
                    new = tuple(n for n, is_ in listing(folder).items() if before.get(n) != is_)
                    wrong = stopped(Outcome(code, out, error, new, folder))
                    if alive := _orphans(folder):
                        wrong = f"orphans {alive}"
                    when = f"after {delay:.2f} of {lasts:.2f} s"
                    yield row, wrong and f"{number.name} {when}: {wrong}"


def contents(folder: Path) -> dict[str, bytes | list[bytes]]:
    """What was written, without what differs from run to run (times, zip headers)."""
    found: dict[str, bytes | list[bytes]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if (not name.startswith("new") and ".ganeval-" not in name) or path.is_dir():
            continue
        if path.suffix == ".npz":
            with np.load(path) as file:
                found[name] = [file[key].tobytes() for key in sorted(file.files)]
        elif (path.suffix in (".pt", ".json") and "synthlin" not in name) or path.name == "lock":
            found[name] = b""  # tensors' files have times and paths in them
        else:
            found[name] = path.read_bytes()
    return found


def _difference(
    wanted: dict[str, bytes | list[bytes]], found: dict[str, bytes | list[bytes]]
) -> str:
    names = [name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)]
    return ", ".join(sorted(names)[:3])


class _folder:
    """A copy of the template, which is removed at the end."""

    def __init__(self, template: Path, words: tuple[str, ...]) -> None:
        self.template, self.words = template, words

    def __enter__(self) -> Path:
        self.above = Path(tempfile.mkdtemp(prefix="faults-"))
        folder = self.above / "work"
        shutil.copytree(self.template, folder, symlinks=True)
        shutil.rmtree(folder / "cache", ignore_errors=True)
        if "many" in self.words:
            pictures(folder / "many", 3, n=300)
        return folder

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.above, ignore_errors=True)


def _run(words: tuple[str, ...], folder: Path) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        MARK: str(folder),
        "GANEVAL_CACHE": str(folder / "cache"),
        "GANEVAL_HOME": str(folder / "home"),
    }
    with open(folder.parent / "out", "wb") as out, open(folder.parent / "err", "wb") as error:
        return subprocess.Popen(
            [sys.executable, "-m", *words], cwd=folder, stdout=out, stderr=error, env=environment
        )


def _orphans(folder: Path, patience: float = 5.0) -> list[str]:
    """Processes of this run that are still there."""
    end, mark = time.monotonic() + patience, f"{MARK}={folder}".encode()
    while True:
        alive = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and mark in (entry / "environ").read_bytes():
                    alive.append((entry / "cmdline").read_bytes().decode().replace("\0", " ")[:60])
            except OSError:
                continue
        if not alive or time.monotonic() > end:
            return alive
        time.sleep(0.05)
