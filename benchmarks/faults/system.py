"""Faults of the system: full disks, limits, caches that vanish, workers that die; overwriting."""

import os
import re
import resource
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.faults.checks import finished, one_of, refused, refused_or_right
from benchmarks.faults.fork import Case, Outcome
from benchmarks.faults.template import COMMANDS, NET, WRITING, command, pictures


def full_disks() -> Iterator[Case]:
    """No file grows beyond 0, 100 or 2,000 bytes."""
    for name in WRITING:
        for n_bytes in (0, 100, 2000):
            yield Case(
                f"{name}, files of at most {n_bytes} bytes", command(name),
                one_of(_names_the_path, finished) if n_bytes else _names_the_path,
                limits={resource.RLIMIT_FSIZE: n_bytes},
            )  # fmt: skip


def _names_the_path(found: Outcome) -> str:
    if found.code == 0 or (wrong := refused_or_right(found)):
        return wrong if found.code else "exit 0"
    return "" if "File too large" in found.error else f"says {found.error[:200]!r}"


def no_folder() -> Iterator[Case]:
    """Outputs into a folder that is not there, a file, a read-only file system."""
    for name in WRITING:
        words = command(name)
        for place in ("real.npy/new", "/proc/new", "/sys/new"):
            changed = tuple(
                place + Path(word).suffix if word.startswith("new") else word for word in words
            )
            yield Case(f"{name} into {place}", changed, refused)


def short_memory() -> Iterator[Case]:
    """Little more address space than the process has."""
    for name in ("fid", "kid of files", "evaluate", "neighbors", "nets train", "trainers train"):
        for more in (1, 4, 16, 64):
            used = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
            yield Case(
                f"{name} with {more} MB left", command(name), one_of(refused, refused_or_right),
                limits={resource.RLIMIT_AS: used + (more << 20)},
            )  # fmt: skip


def caches() -> Iterator[Case]:
    """A cache folder that cannot be, is a file, is full, or vanishes."""
    for name in ("fid", "evaluate", "kid of files"):
        for place in ("/proc/none", "/dev/null", "/dev/null/x", "real.npy"):
            yield Case(f"{name}, cache {place}", command(name), finished,
                       environment={"GANEVAL_CACHE": place})  # fmt: skip
        for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
            yield Case(f"{name}, cache vanishes after {delay} s", command(name), finished,
                       after=lambda pid, folder, delay=delay: _later(
                           delay, lambda: shutil.rmtree(folder / "cache", ignore_errors=True)
                       ))  # fmt: skip


def _later(delay: float, do: Callable[[], object]) -> None:
    threading.Timer(delay, do).start()


def dead_workers() -> Iterator[Case]:
    """A worker process is killed while it decodes."""
    words = ("ganeval", "features", "extract", "many", "-o", "new.npz", "--num-workers", "2", *NET)
    for delay in (0.0, 0.5, 1.0):
        yield Case(
            f"features extract, a worker killed {delay} s after its start", words,
            one_of(refused, finished), lambda folder: pictures(folder / "many", 3, n=700),
            after=lambda pid, folder, delay=delay: threading.Thread(
                target=_kill_child, args=(pid, delay), daemon=True
            ).start(),
        )  # fmt: skip


def _kill_child(parent: int, delay: float) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for child in children(parent):
            if b"spawn_main" in _read(f"/proc/{child}/cmdline"):
                time.sleep(delay)
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                return
        time.sleep(0.01)


def children(parent: int) -> list[int]:
    """Processes that this one started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            stat = _read(entry / "stat").rpartition(b")")[2].split()
            if len(stat) > 1 and int(stat[1]) == parent:
                found.append(int(entry.name))
    return found


def _read(path: Path | str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def overwriting() -> Iterator[Case]:
    """What is there is kept without --force; a link's target always; an input always."""
    made = {"matrix": "new/per_class.csv", "neighbors": "new/neighbors.csv",
            "nets export": "new/card.json", "nets train": "new/card.json",
            "data synthlin": "new/mine", "trainers train": "new/last.pt"}  # fmt: skip
    for name in WRITING:
        target = made.get(name) or next(w for w in COMMANDS[name] if w.startswith("new"))
        for link in (False, True):
            yield Case(
                f"{name} where {'a link' if link else 'a file'} is", command(name), _kept(target),
                lambda folder, a=(target, link): _put(folder, *a),
            )  # fmt: skip
    for name, own in (("features merge", "half0.npz"), ("stats save", "real.npz"),
                      ("stats merge", "stats.npz"), ("evaluate", "real"),
                      ("features extract", "real"),
                      ("trainers sample", "run/last.pt")):  # fmt: skip
        words = tuple(own if word.startswith("new") else word for word in command(name))
        yield Case(f"{name} onto its input", (*words, "--force"), refused)


def _put(folder: Path, target: str, link: bool) -> None:
    path = folder / target
    path.parent.mkdir(exist_ok=True)
    if link:
        (folder / "kept").write_text("mine")
        path.symlink_to(folder / "kept")
    else:
        path.write_text("mine")


def _kept(target: str) -> Callable[[Outcome], str]:
    def check(found: Outcome) -> str:
        path = found.folder / target
        if path.read_text() != "mine":
            return "what was there is gone"
        return refused(found) or ("" if not found.new else f"writes {found.new[:3]}")

    return check


NAMES = ("\x1b[31mred", "two\nlines", "\u202egpj", "=1+1", "@sum", "-x", "$^$", r"a_b^c", "<b>&",
         r"\frac{", "a|b", "中文")  # fmt: skip

_RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def names() -> Iterator[Case]:
    """Classes, files and models with names that terminals, spreadsheets or LaTeX would run."""
    for odd in NAMES:
        for name in ("intra-kid", "neighbors", "matrix", "compare", "evaluate"):
            model = "A=" if odd[0] in "=-" else f"{odd}="  # an option, or no name
            words = tuple(w.replace("A=", model) for w in command(name))
            yield Case(
                f"{name}: {odd!r}", words, _clean, lambda folder, odd=odd: _rename(folder, odd)
            )


def _rename(folder: Path, odd: str) -> None:
    for side in ("real", "fake", "other"):
        (folder / side / "b").rename(folder / side / odd)
        (folder / side / "a" / "000.png").rename(folder / side / "a" / f"{odd}.png")


def _clean(found: Outcome) -> str:
    if found.code != 0:
        return f"exit {found.code}: {found.error[-200:]}"
    tables = [p for p in found.folder.rglob("new/*") if p.suffix in (".csv", ".md", ".tex")]
    for where, text in [("stdout", found.out), ("stderr", found.error)] + [
        (path.name, path.read_text()) for path in tables
    ]:
        if _RAW.search(text) or "\nlines" in text:
            return f"{where} has raw letters"
        if where.endswith(".csv") and re.search(r"(^|,|\n)[=@+](?!\d)", text):
            return f"{where} has a formula"
    return ""
