"""Bad inputs by kind, over all commands: mistakes in options, damaged files, forged files."""

import json
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import typer

from benchmarks.faults.checks import refused, refused_or_right
from benchmarks.faults.fork import Case
from benchmarks.faults.template import COMMANDS, command

FILES = ("real.npz", "half0.npz",
         "fake.npz", "stats.npz", "real.npy", "fake.npy", "images.zip", "images.npy",
         "scores.jsonl", "labels.csv", "net/card.json", "net/weights.safetensors",
         "real/a/000.png", "run/run.json", "run/last.pt", "run/scores.jsonl")  # fmt: skip

READS: dict[str, tuple[str, ...]] = {
    "real.npz": ("kid of files", "stats save"),
    "half0.npz": ("features merge",),
    "fake.npz": ("kid of files", "fid of statistics"),
    "stats.npz": ("fid of statistics", "stats merge"),
    "real.npy": ("prdc", "c2st", "kde"),
    "fake.npy": ("is", "rke", "swd", "ct", "authpct"),
    "scores.jsonl": ("compare scores",),
    "net/card.json": ("nets show", "nets export"),
    "net/weights.safetensors": ("nets export",),
    "real/a/000.png": ("fid", "neighbors", "nets train", "features extract", "evaluate"),
    "run/run.json": ("trainers resume", "trainers sample"),
    "run/last.pt": ("trainers sample",),
    "run/scores.jsonl": ("trainers resume",),
}
"""Which commands read which file."""

EXTRA: dict[str, tuple[str, ...]] = {
    "images.zip": ("ganeval", "fid", "real", "images.zip", "--feature-net", "pixels"),
    "images.npy": ("ganeval", "fid", "images.npy", "fake", "--feature-net", "pixels"),
    "labels.csv": (
        "ganeval", "intra-kid", "real", "fake", "--feature-net", "pixels", "--label-by",
        "csv:labels.csv",
    ),
}  # fmt: skip


SAMPLE = 400
"""Of some six thousand mistakes: as many as two minutes allow."""


def mistakes() -> Iterator[Case]:
    """Options of all commands with values that cannot be, by their type; paths of every kind."""
    cases = list(_mistakes())
    yield from random.Random(0).sample(cases, min(SAMPLE, len(cases)))


def _mistakes() -> Iterator[Case]:
    for name, words in COMMANDS.items():
        for option, kind in _options(words):
            for value, check in _wrong(kind):
                shown = value if len(value) < 20 else f"{value[:8]}… of {len(value)} letters"
                yield Case(
                    f"{name} {option} {shown!r}", (*command(name), f"{option}={value}"), check
                )
        for i, word in enumerate(command(name)):
            if (word.split("=")[-1]).split("/")[0] in _EXISTING:
                yield from _wrong_paths(name, i, word)


_EXISTING = {"real", "fake", "other", "real.npz", "half0.npz",
             "fake.npz", "stats.npz", "real.npy", "fake.npy",
             "train.npy", "scores.jsonl", "net", "run"}  # fmt: skip


def _wrong_paths(name: str, place: int, word: str) -> Iterator[Case]:
    kinds: dict[str, Callable[[Path], None]] = {
        "missing": lambda path: None,
        "pipe": lambda path: os.mkfifo(path),
        "device": lambda path: path.symlink_to("/dev/zero"),
        "circle": lambda path: path.symlink_to(path),
        "empty folder": lambda path: path.mkdir(),
        "empty file": lambda path: path.write_bytes(b""),
        "text": lambda path: path.write_text("hello\n" * 50),
    }
    suffix = Path(word).suffix
    for kind, make in kinds.items():
        words = list(command(name))
        words[place] = word.split("=")[0] + f"=odd{suffix}" if "=" in word else f"odd{suffix}"
        yield Case(
            f"{name}: a {kind} for {word}", tuple(words), refused,
            lambda folder, make=make, suffix=suffix: make(folder / f"odd{suffix}"),
        )  # fmt: skip


def _options(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    from ganeval.cli import main
    from trainers.command import app

    group: Any = typer.main.get_command(app if words[0] == "trainers" else main)
    words = words[1:] if words[0] == "trainers" else words
    while hasattr(group, "commands"):
        group, words = group.get_command(None, words[0]), words[1:]
    for option in group.params:
        long = [name for name in option.opts if name.startswith("--")]
        if long and not getattr(option, "is_flag", False):
            kind = str(option.type_descriptor.annotation)
            yield long[0], "int" if "int" in kind else "float" if "float" in kind else "text"


def _wrong(kind: str) -> Iterator[tuple[str, Callable[..., str]]]:
    if kind in ("int", "float"):
        yield "one", refused
        yield "", refused
        yield from ((value, refused_or_right) for value in ("-1", "0", "1" + "0" * 30))
        if kind == "float":
            yield from ((value, refused_or_right) for value in ("nan", "inf", "-1e308"))
    else:
        for value in ("", "\x1b[31mred\n", "x" * 5000, "../../nope", "1,2,3", "\u202eabc", "-1"):
            yield value, refused_or_right


def damaged() -> Iterator[Case]:
    """Every file cut, emptied, overwritten and with flipped bits, for all that read it."""
    rng = random.Random(0)
    for file in FILES:
        calls = [(name, command(name)) for name in READS.get(file, ())]
        calls += [(file, EXTRA[file])] if file in EXTRA else []
        for name, words in calls:
            for how in ("empty", "half", "text", "zeros", *(f"flip {i}" for i in range(4))):
                seed = rng.random()
                check = refused_or_right if file.endswith((".csv", "scores.jsonl")) else refused
                yield Case(
                    f"{name}: {file} {how}", words,
                    refused_or_right if "flip" in how else check,
                    lambda folder, file=file, how=how, seed=seed: _damage(folder / file, how, seed),
                )  # fmt: skip


def _damage(path: Path, how: str, seed: float) -> None:
    data = bytearray(path.read_bytes())
    if how == "empty":
        data = bytearray()
    elif how == "half":
        data = data[: len(data) // 2]
    elif how == "text":
        data = bytearray(b"not what you think\n" * 20)
    elif how == "zeros":
        data = bytearray(len(data))
    else:
        place = int(random.Random(seed).random() * len(data) * 8)
        data[place // 8] ^= 1 << place % 8
    path.write_bytes(data)


def forged() -> Iterator[Case]:
    """Valid JSON and valid arrays with fields of another type, size or depth."""
    for file in ("scores.jsonl", "net/card.json", "run/run.json", "run/scores.jsonl"):
        for name in READS[file]:
            for i, value in enumerate(_VALUES):
                for field in range(4):
                    yield Case(
                        f"{name}: {file} field {field} is value {i}", command(name),
                        refused_or_right,
                        lambda folder, a=(file, field, value): _set_field(folder, *a),
                    )  # fmt: skip
    for file in ("real.npz", "fake.npz", "stats.npz", "real.npy", "fake.npy", "images.npy"):
        calls = [(name, command(name)) for name in READS.get(file, ())]
        calls += [(file, EXTRA[file])] if file in EXTRA else []
        for name, words in calls:
            for kind in _ARRAYS:
                yield Case(
                    f"{name}: {file} with {kind}", words, refused_or_right,
                    lambda folder, a=(file, kind): _set_array(folder / a[0], _ARRAYS[a[1]]),
                )  # fmt: skip


_VALUES: list[Any] = [None, [], {}, "x", -1, 1e308, True, [[[[]]]], {"a": {"b": []}}, "\x1b[0m\n"]


def _set_field(folder: Path, file: str, number: int, value: Any) -> None:
    """Replaces one field, counted through all levels, of the first line."""
    path = folder / file
    text = path.read_text()
    lines = text.splitlines() if path.suffix == ".jsonl" else [text]
    data = json.loads(lines[0])
    places = list(_places(data))
    holder, key = places[number * 37 % len(places)]
    holder[key] = value
    lines[0] = json.dumps(data)
    path.write_text("\n".join(lines) + "\n")


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(items):
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)


_ARRAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "NaN": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.nan, a),
    "infinity": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.inf, a),
    "1e200": lambda a: a * 1e200,
    "no rows": lambda a: a[:0],
    "one row": lambda a: a[:1],
    "another axis": lambda a: a[None],
    "complex numbers": lambda a: a.astype(np.complex128),
    "texts": lambda a: a.astype(str),
    "truth values": lambda a: a.astype(bool),
    "objects": lambda a: a.astype(object),
    "a single number": lambda a: np.array(1.0),
}


def _set_array(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Changes the only array, or the largest of an archive."""
    if path.suffix == ".npy":
        np.save(path, change(np.load(path)))
        return
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    numbers = [name for name in arrays if arrays[name].dtype.kind == "f"]
    largest = max(numbers, key=lambda name: arrays[name].size)
    arrays[largest] = change(arrays[largest])
    np.savez(path, **arrays)


def announced() -> Iterator[Case]:
    """Arrays that announce more than memory holds."""
    for file, names in READS.items():
        if not file.endswith(("npz", "npy")):
            continue
        for name in names:
            yield Case(
                f"{name}: {file} announces 8 TB", command(name), refused,
                lambda folder, file=file: _announce(folder / file),
            )  # fmt: skip


def _announce(path: Path) -> None:
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000, 10), }"
    text = header.ljust(117) + "\n"
    data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(80)
    if path.suffix == ".npy":
        path.write_bytes(data)
        return
    with zipfile.ZipFile(path, "w") as file:
        for name in ("mu", "sigma", "features"):
            file.writestr(f"{name}.npy", data)
