"""Labels and groups of images, from their paths or a table."""

import csv
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ganeval.errors import InputError
from ganeval.images.channels import compile_pattern
from ganeval.images.files import listing_end

WORDS = (
    "plate|well|field|fov|site|row|col|column|position|pos|xy|tile|slide|scene|view|stack|frame"
    "|time|timepoint|batch|run|rep|replicate|repeat|exp|experiment|day|week|donor|patient|subject"
    "|animal|mouse"
)
ACQUISITION = re.compile(
    rf"""(?ix)                                  # names of places and times, not classes:
    [a-p] [-_ ]? (0?[1-9]|1\d|2[0-4])           # a well of a plate: A01, h-12, P24
    | ( ({WORDS}) [-_. ]* [a-p]? \d+            # plate_3, well_B02, site1, field 7
      | ({WORDS}) [-_. ]+ [a-p]                 # row C
      | [rctzsf] \d+ )                          # r02
      ( [-_. ]* ({WORDS}|[rctzsfp])? [-_. ]* [a-p]? \d+ )*    # c03f01
    """
)
"""Folder names that look like plates, wells, fields and the like; plain numbers are classes."""

ID_COLUMNS = ("id", "file")


def folder_labels(ids: Sequence[str]) -> tuple[tuple[str, ...] | None, str | None]:
    """Returns labels from class folders and a note on them, or (None, the reason or None).

    Every image must be in a folder one level below the folders that all share, and not all of
    these may look like plates, wells and the like.
    """
    folders = [id.rpartition("/")[0] for id in ids]
    names = sorted(set(folders))
    parts = {name.partition("/")[0] for name in names}
    if {part.lower().rpartition("_")[2] for part in parts} == {"train", "test"} and any(
        "/" in name for name in names
    ):
        return None, (
            f"{' and '.join(sorted(parts))} are taken together and give no labels; name one of "
            "them, or --label-by folder:1 takes the folders inside as labels"
        )
    if len(names) < 2 or any(not name or "/" in name for name in names):
        return None, None
    if all(ACQUISITION.fullmatch(name) for name in names):
        return None, (
            f"folders {names[0]} to {names[-1]} look like plates or wells and give no labels; "
            "--group-by folder:0 takes them as groups, --label-by folder:0 as labels"
        )
    return tuple(folders), f"labels from folders: {counts(folders)}"


class RuleFitsNothing(InputError):
    """A rule for labels or groups fits none of the images; this side may have none."""


def values_by(rule: str, ids: Sequence[str], *, kind: str, name: str) -> tuple[str, ...]:
    """The label or group of each image.

    Args:
        rule: `folder:LEVEL` (0 is the first folder below the root), `regex:PATTERN` (searched in
            the path; takes its group named `kind`, or else its first) or `csv:FILE` (columns `id`
            or `file`, and `kind`).
        ids: paths below the root, including the folders that all share.
        kind: `label` or `group`.
        name: name of the source in messages.

    Raises:
        RuleFitsNothing: the rule fits no image.
        InputError: it fits only some of them, or is not a rule.
    """
    method, _, argument = rule.partition(":")
    option = f"{kind}_by"
    if method == "folder" and re.fullmatch(r"\d+", argument):
        return _by_folder(int(argument), ids, option=option, name=name)
    if method == "regex" and argument:
        return _by_regex(argument, ids, kind=kind, name=name)
    if method == "csv" and argument:
        return _by_csv(Path(argument), ids, kind=kind, name=name)
    raise InputError(
        f"{option} {rule!r} is not understood; give folder:LEVEL (folder:0 is the first below the "
        "root), regex:PATTERN or csv:FILE"
    )


def counts(values: Sequence[str], *, limit: int = 6) -> str:
    """`cat 500, dog 480`; more than `limit` of them as `41, of 5 images each: Act1 to Tip1`."""
    found = sorted(Counter(values).items())
    if len(found) <= limit:
        return ", ".join(f"{value} {count}" for value, count in found)
    few, many = min(count for _, count in found), max(count for _, count in found)
    each = f"{few} images each" if few == many else f"{few} to {many} images each"
    return f"{len(found)}, of {each}: {found[0][0]} to {found[-1][0]}"


def _misfit(missed: Sequence[str], ids: Sequence[str]) -> type[InputError]:
    return RuleFitsNothing if len(missed) == len(ids) else InputError


def _by_folder(level: int, ids: Sequence[str], *, option: str, name: str) -> tuple[str, ...]:
    folders = [id.split("/")[:-1] for id in ids]
    shallow = [id for id, parts in zip(ids, folders, strict=True) if len(parts) <= level]
    if shallow:
        raise _misfit(shallow, ids)(
            f"{option} folder:{level} needs {level + 1} folders above every image, but "
            f"{len(shallow)} of {len(ids)} in {name} have fewer ({listing_end(shallow)}); give a "
            "smaller level, regex:PATTERN or csv:FILE"
        )
    return tuple(parts[level] for parts in folders)


def _by_regex(pattern: str, ids: Sequence[str], *, kind: str, name: str) -> tuple[str, ...]:
    option = f"{kind}_by"
    regex = compile_pattern(pattern, option=option)
    group: str | int = kind if kind in regex.groupindex else 1
    found = [match[group] if (match := regex.search(id)) else None for id in ids]
    missed = [id for id, value in zip(ids, found, strict=True) if value is None]
    if missed:
        raise _misfit(missed, ids)(
            f"{option} regex:{pattern} does not match {len(missed)} of {len(ids)} images in {name} "
            f"({listing_end(missed)}); correct the pattern"
        )
    return tuple(value for value in found if value is not None)


def _by_csv(path: Path, ids: Sequence[str], *, kind: str, name: str) -> tuple[str, ...]:
    table = _read_table(path, kind=kind)
    shared = len(common_folder(ids))
    found = [table.get(id, table.get(id[shared:], table.get(_base(id)))) for id in ids]
    bases = Counter(_base(id) for id in ids)
    twice = [id for id in ids if bases[_base(id)] > 1 and id not in table]
    twice = [id for id in twice if id[shared:] not in table and _base(id) in table]
    if twice:
        raise InputError(
            f"{path} names {_base(twice[0])}, but {name} has several files of that name "
            f"({listing_end(twice)}); give their paths below the root"
        )
    missed = [id for id, value in zip(ids, found, strict=True) if value is None]
    if missed:
        raise _misfit(missed, ids)(
            f"{path} has no {kind} for {len(missed)} of {len(ids)} images in {name} "
            f"({listing_end(missed)}); add rows for them"
        )
    return tuple(value for value in found if value is not None)


def _read_table(path: Path, *, kind: str) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); give a table in UTF-8") from None
    lines = text.splitlines()
    header = lines[0] if lines else ""
    delimiter = max(",;\t", key=header.count)  # spreadsheets differ by country
    rows = csv.DictReader(lines, delimiter=delimiter)
    columns = [column.strip() for column in rows.fieldnames or ()]
    rows.fieldnames = columns
    key = next((column for column in ID_COLUMNS if column in columns), None)
    if key is None or kind not in columns:
        raise InputError(
            f"{path} has the columns {', '.join(columns) or 'none'}; id (or file) and {kind} are "
            "needed"
        )
    table: dict[str, str] = {}
    for row in rows:
        id, value = (row[key] or "").strip().replace(os.sep, "/"), (row[kind] or "").strip()
        if not id or not value:
            raise InputError(f"{path} line {rows.line_num} has no {key} or no {kind}; fill it in")
        if table.setdefault(id, value) != value:
            raise InputError(f"{path} gives {id} two values, {table[id]} and {value}; keep one")
    return table


def common_folder(ids: Sequence[str]) -> str:
    """The folders that all paths start with, including the last `/`, or the empty string."""
    first, last = min(ids), max(ids)  # all share what these two share
    length = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    return first[: first.rfind("/", 0, length) + 1]


def _base(id: str) -> str:
    return id.rpartition("/")[2]
