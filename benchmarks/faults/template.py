"""The files that cases begin with, made by the commands themselves."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

NET = ("--feature-net", "pixels")
TINY = ("--steps", "3", "--batch-size", "4", "--set", "width=0.03", "--quiet")

COMMANDS: dict[str, tuple[str, ...]] = {
    "fid": ("fid", "real", "fake", *NET),
    "kid of files": ("kid", "real.npz", "fake.npz"),
    "c2st": ("c2st", "real.npy", "fake.npy", "--repeats", "2"),
    "is": ("is", "fake.npy"),
    "prdc": ("prdc", "real.npy", "fake.npy"),
    "kde": ("kde", "real.npy", "fake.npy"),
    "rke": ("rke", "fake.npy"),
    "swd": ("swd", "real.npy", "fake.npy"),
    "authpct": ("authpct", "real.npy", "fake.npy", "--train", "train.npy"),
    "ct": ("ct", "real.npy", "fake.npy", "--train", "train.npy"),
    "intra-kid": ("intra-kid", "real", "fake", *NET),
    "fid of statistics": ("fid", "stats.npz", "fake.npz"),
    "evaluate": ("evaluate", "real", "A=fake", "--metrics", "fid,kid", "-o", "new.jsonl", *NET),
    "compare": ("compare", "real", "A=fake", "B=other", "--metric", "kid", *NET),
    "compare scores": ("compare", "scores.jsonl", "--metric", "kid"),
    "matrix": ("matrix", "real", "fake", "--metric", "kid", "-o", "new", *NET),
    "neighbors": ("neighbors", "real", "fake", "-o", "new", *NET),
    "features extract": ("features", "extract", "real", "-o", "new.npz", *NET),
    "features merge": ("features", "merge", "half0.npz", "half1.npz", "-o", "new.npz"),
    "stats save": ("stats", "save", "real.npz", "-o", "new.npz"),
    "stats merge": ("stats", "merge", "stats.npz", "-o", "new.npz"),
    "nets list": ("nets", "list"),
    "nets show": ("nets", "show", "net"),
    "nets export": ("nets", "export", "net", "new"),
    "nets train": ("nets", "train", "real", "--name", "n", "-o", "new", "--epochs", "1", "-q"),
    "data synthlin": (
        "data", "synthlin", "new", "--per-class", "2", "--proteins", "Arp3", "--num-workers", "0",
    ),
    "cache info": ("cache", "info"),
    "trainers train": ("trainers", "train", "toy-gan", "-o", "new", *TINY),
    "trainers resume": ("trainers", "resume", "run", "--quiet"),
    "trainers sample": ("trainers", "sample", "run/last.pt", "-n", "5", "-o", "new.npz"),
    "trainers list": ("trainers", "list"),
}  # fmt: skip
"""A valid call of each command; what it writes is called new."""

WRITING = [name for name, words in COMMANDS.items() if any(w.startswith("new") for w in words)]


def command(name: str) -> tuple[str, ...]:
    """The words of a command, the program first."""
    words = COMMANDS[name]
    return words if words[0] == "trainers" else ("ganeval", *words)


def pictures(folder: Path, seed: int, *, n: int = 10, size: int = 8) -> None:
    """Two classes of n grey PNG each."""
    rng = np.random.default_rng(seed)
    for k, name in enumerate("ab"):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            pixels = rng.integers(0, 100 + 50 * k, (size, size), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i:03d}.png")


def build(folder: Path) -> None:
    """Writes everything that COMMANDS read."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for seed, name in enumerate(("real", "fake", "other")):
        pictures(folder / name, seed)
    for name in ("real", "fake", "train"):
        np.save(folder / f"{name}.npy", rng.standard_normal((30, 5)))
    (folder / "labels.csv").write_text(
        "id,label\n" + "".join(f"{k}/{i:03d}.png,{k}\n" for k in "ab" for i in range(10))
    )
    with zipfile.ZipFile(folder / "images.zip", "w") as file:
        for path in sorted((folder / "fake").rglob("*.png")):
            file.write(path, path.relative_to(folder / "fake"))
    np.save(folder / "images.npy", rng.integers(0, 255, (12, 8, 8, 1), dtype=np.uint8))
    environment = {
        **os.environ,
        "GANEVAL_CACHE": str(folder / "cache"),
        "GANEVAL_HOME": str(folder / "home"),
    }
    for program, words in (
        ("ganeval", ("features", "extract", "real", "-o", "real.npz", *NET)),
        ("ganeval", ("features", "extract", "fake", "-o", "fake.npz", *NET)),
        *(("ganeval", ("features", "extract", "real", "-o", f"half{i}.npz", "--shard", f"{i}/2",
                       *NET)) for i in range(2)),
        ("ganeval", ("stats", "save", "real.npz", "-o", "stats.npz")),
        ("ganeval", ("evaluate", "real", "A=fake", "B=other", "--metrics", "fid,kid",
                     "-o", "scores.jsonl", *NET)),
        ("ganeval", ("nets", "train", "real", "--name", "tiny", "-o", "net", "--epochs", "1",
                     "-q")),
        ("trainers", ("train", "toy-gan", "-o", "run", *TINY)),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", program, *words],
            cwd=folder, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} {' '.join(words)}: {done.stderr}")
