"""Data sets in numbered files: a pattern such as `shards-{000..041}.tar`, or a folder of them."""

import os
import re
from collections.abc import Sequence

from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images.files import hidden, readable_text

BRACES = re.compile(r"\{([^{}]*)\}")
RANGE = re.compile(r"(\d+)\.\.(\d+)")
PART = re.compile(r"(.+?)-(\d{5})-of-(\d{5}).*", re.DOTALL)
"""Names of parts of one split: `train-00000-of-00002.parquet`."""
MOST = 100_000
"""Most files of one pattern."""
SHARDS = (".tar", ".parquet", ".arrow")
BESIDE = (".json", ".jsonl", ".md", ".txt", ".yaml", ".yml", ".csv", ".idx", ".lock")
"""Extensions of what describes a data set and may stand beside its shards."""


def is_pattern(path: str) -> bool:
    """Whether the path names numbered files with `{000..041}` or `{a,b}`."""
    inside = BRACES.findall(path)
    return path.endswith(SHARDS) and any("," in part or RANGE.fullmatch(part) for part in inside)


def expand_braces(pattern: str) -> list[str]:
    """All paths of a pattern, in order: `{000..041}` counts with zeros, `{a,b}` takes each.

    Raises:
        InputError: there are more than 100,000 of them.
    """
    paths = [""]
    for number, part in enumerate(BRACES.split(pattern)):
        choices = [part] if number % 2 == 0 else _choices(part)
        if len(paths) * len(choices) > MOST:
            raise InputError(f"{pattern} names more than {MOST} files; name fewer at a time")
        paths = [start + choice for start in paths for choice in choices]
    return paths


def _choices(inside: str) -> list[str]:
    if match := RANGE.fullmatch(inside):
        first, last = match.groups()
        step = 1 if int(first) <= int(last) else -1
        width = max(len(first), len(last)) if "0" in (first[0], last[0]) else 0
        if abs(int(last) - int(first)) >= MOST:
            raise InputError(f"{{{inside}}} names more than {MOST} files; name fewer at a time")
        return [f"{i:0{width}d}" for i in range(int(first), int(last) + step, step)]
    return inside.split(",") if "," in inside else [f"{{{inside}}}"]


def holds_shards(folder: str | os.PathLike[str], suffix: str) -> bool:
    """Whether a folder holds files with this extension, what describes them, and nothing else.

    The first picture or folder ends the search, so that a large folder of images costs nothing.
    """
    found = False
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if hidden(entry.name):
                    continue
                if entry.name.lower().endswith(suffix):
                    found = True
                elif not entry.name.lower().endswith(BESIDE):
                    return False
    except OSError:
        return False
    return found


def shard_files(path: str, suffix: str, *, name: str) -> Sequence[str]:
    """The files of a pattern, of a folder, or the one file that `path` is; all exist.

    Raises:
        InputError: one is missing, is not a file, or is named twice.
    """
    if os.path.isdir(path):
        inside = sorted(entry for entry in os.listdir(path) if not hidden(entry))
        files = [os.path.join(path, entry) for entry in inside if entry.lower().endswith(suffix)]
    else:
        files = [path] if os.path.lexists(path) else expand_braces(path)
    if len(files) == 1:
        regular_file(files[0], name=name)
        return files
    for file in files:
        if not os.path.lexists(file):
            raise InputError(
                f"{name} names {len(files)} files and {readable_text(file)} is missing; correct "
                "the numbers in braces"
            )
        regular_file(file, name=readable_text(file))
    refuse_twice(files, name=name)
    return files


def refuse_twice(files: Sequence[str], *, name: str) -> None:
    """Raises InputError if two paths are one file: its images would count twice."""
    known: dict[tuple[int, int], str] = {}
    for file in files:
        status = os.stat(file)
        if first := known.get((status.st_dev, status.st_ino)):
            one, two = readable_text(first), readable_text(file)
            also = f", also as {two}" if two != one else ""
            raise InputError(f"{name}: the shard {one} is named twice{also}; name each once")
        known[status.st_dev, status.st_ino] = file


def missing_parts(files: Sequence[str], *, name: str) -> tuple[str, ...]:
    """A note on parts that are not there, by names such as `train-00000-of-00003.parquet`.

    Raises:
        InputError: parts of several writings are mixed: their totals differ, or a number is there
            twice.
    """
    totals: dict[str, set[int]] = {}
    numbers: dict[str, list[int]] = {}
    for file in files:
        if match := PART.fullmatch(os.path.basename(file)):
            start = readable_text(match[1])
            totals.setdefault(start, set()).add(int(match[3]))
            numbers.setdefault(start, []).append(int(match[2]))
    notes = []
    for start, found in numbers.items():
        if len(totals[start]) > 1 or len(set(found)) < len(found):
            raise InputError(
                f"{name} mixes parts of several writings of {start} (of "
                f"{' and of '.join(map(str, sorted(totals[start])))}, {len(found)} files); remove "
                "those that are old"
            )
        total = totals[start].pop()
        if missing := total - len(found):
            notes.append(f"{missing} of {total} parts of {start} are missing; download them again")
    return tuple(notes)
