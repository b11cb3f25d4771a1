"""One score whatever the batch, the workers, the processes, the container; and the cache's."""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.faults.fork import Case, Outcome
from benchmarks.faults.template import pictures

KID = ("ganeval", "kid", "--feature-net", "pixels", "--json", "--seed", "3")


def same_score(template: Path) -> Iterator[tuple[str, str]]:
    """(row, what is wrong): every way of scoring the same pixels prints the same numbers."""
    folder = template / "same"
    for seed, name in enumerate(("real", "fake")):
        pictures(folder / name, seed + 5, n=250)
        _containers(folder / name)
    wanted = _numbers(_real(folder, "real", "fake"))
    for batch in (1, 2, 3, 7, 32, 64, 100, 250, 499, 500):
        yield _row("batch sizes", wanted, _real(folder, "real", "fake", "--batch-size", str(batch)))
    for workers in range(5):
        yield _row("workers", wanted, _real(folder, "real", "fake", "--num-workers", str(workers)))
    for processes in (1, 2, 3):
        yield _row("processes", wanted, _real(folder, "real", "fake", processes=processes))
    for kind in (".zip", ".npz"):
        yield _row("containers", wanted, _real(folder, f"real{kind}", f"fake{kind}"))
    unlabelled = _numbers(_real(folder, "real", "fake", "--label-by", "none"))
    yield _row("containers", unlabelled, _real(folder, "real.npy", "fake.npy"))
    for threads, capability in itertools.product("12", ("", "default")):
        extra = {"OMP_NUM_THREADS": threads}
        extra |= {"ATEN_CPU_CAPABILITY": capability} if capability else {}
        yield _row("threads and instructions", wanted, _real(folder, "real", "fake", **extra))


def _containers(folder: Path) -> None:
    paths = sorted(folder.rglob("*.png"))
    with zipfile.ZipFile(f"{folder}.zip", "w") as file:
        for path in paths:
            file.write(path, path.relative_to(folder))
    pixels = np.stack([np.asarray(Image.open(path)) for path in paths])[..., None]
    labels = np.array([path.parent.name for path in paths])
    np.save(f"{folder}.npy", pixels)
    np.savez(f"{folder}.npz", arr_0=pixels, labels=labels)


def _real(
    folder: Path, real: str, fake: str, *more: str, processes: int = 0, **extra: str
) -> "subprocess.CompletedProcess[str]":
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    words = [*KID[1:], real, fake, *more, "--no-cache", "-q"]
    environment = {"OMP_NUM_THREADS": "1", **os.environ, **extra}
    return subprocess.run(
        [sys.executable, *(launcher if processes else []), "-m", "ganeval", *words],
        cwd=folder, capture_output=True, text=True, env=environment,
    )  # fmt: skip


def _numbers(done: "subprocess.CompletedProcess[str]") -> list[float]:
    score = json.loads(done.stdout)
    return [score["value"], score["corrected"] or score["value"], *score["interval"]]


def _row(
    name: str, wanted: list[float], done: "subprocess.CompletedProcess[str]"
) -> tuple[str, str]:
    if done.returncode:
        return f"same score: {name}", f"{done.args[-8:]}: {done.stderr[-200:]}"
    found = _numbers(done)
    scale = abs(wanted[3] - wanted[2])  # differences count against the width of the interval
    apart = max(abs(a - b) for a, b in zip(wanted, found, strict=True)) / scale
    return f"same score: {name}", "" if apart < 1e-5 else f"{done.args[-6:]}: {apart:.1e} widths"


def cache_entries() -> Iterator[Case]:
    """Entries that are flipped, cut, emptied, swapped, pipes: the answer stays what it is."""
    words = (*KID, "real", "fake")
    rng = random.Random(0)
    for how in ("cut", "empty", "text", "swap", "pipe", "folder", "link", *map(str, range(24))):
        seed = rng.random()
        yield Case(
            f"cache entry {how}", words, _as_without_cache,
            lambda folder, a=(how, seed): _spoil(folder, *a),
        )  # fmt: skip
    for option in ("--batch-size=0", "--num-workers=-1", "--device=tpu", "--device=cuda:99",
                   "--device=", "--max-images=0", "--subset-size=1", "--level=2"):  # fmt: skip
        yield Case(f"cached answer, {option}", (*words, option), _refused_or_none)


def _refused_or_none(found: Outcome) -> str:
    return "" if found.code == 2 and not found.out else f"exit {found.code}: {found.out[:100]}"


_answers: dict[str, str] = {}


def _as_without_cache(found: Outcome) -> str:
    if found.code != 0:
        return f"exit {found.code}: {found.error[-200:]}"
    values = json.dumps([json.loads(line) for line in found.out.splitlines()], sort_keys=True)
    first = _answers.setdefault("first", values)  # of an entry that was cut: computed anew
    return "" if _stable(values) == _stable(first) else f"prints {found.out[:200]!r}"


def _stable(text: str) -> list[object]:
    scores = json.loads(text)
    return [(s["value"], s["corrected"], s["interval"], s["std_error"]) for s in scores]


def _spoil(folder: Path, how: str, seed: float) -> None:
    """Fills the cache by the same command, then spoils the entries of scores or features."""
    environment = {**os.environ, "GANEVAL_CACHE": str(folder / "cache")}
    kept = folder.parent / "kept-cache"
    if not kept.exists():
        subprocess.run([sys.executable, "-m", *KID, "real", "fake", "-q"], cwd=folder,
                       env=environment, check=True, capture_output=True)  # fmt: skip
        shutil.copytree(folder / "cache", kept)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    shutil.copytree(kept, folder / "cache")
    entries = sorted(path for path in (folder / "cache").rglob("*") if path.is_file())
    if how == "swap":
        for kind in ("features", "scores", "sources"):
            same = [path for path in entries if path.parent.name == kind]
            data = [path.read_bytes() for path in same]
            for path, other in zip(same, data[1:] + data[:1], strict=True):
                path.write_bytes(other)
        return
    if how.isdecimal():
        path = entries[int(how) % len(entries)]
        data = bytearray(path.read_bytes())
        place = int(seed * len(data) * 8)
        data[place // 8] ^= 1 << place % 8
        path.write_bytes(data)
        return
    for path in entries:
        data = path.read_bytes()
        path.unlink()
        if how == "pipe":
            os.mkfifo(path)
        elif how == "folder":
            path.mkdir()
        elif how == "link":
            path.symlink_to("/dev/zero")
        else:
            path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "text": b"x\n"}[how])
