"""Parquet, and data sets of Hugging Face's `datasets` on disk: one image per row.

Images are a column of encoded pictures: structs of `bytes` and `path`, or plain bytes. Labels are a
column of class labels, by the names in the metadata, or a plain column `label`. Nothing is fetched:
rows that hold only the path of a picture elsewhere are refused.
"""

import bisect
import hashlib
import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.images.arrays import positions
from ganeval.images.decode import check_bytes
from ganeval.images.files import FilesReader
from ganeval.images.label_files import class_name
from ganeval.images.named_arrays import GROUPS, LABELS
from ganeval.images.pixels import Decoding, Unreadable, broken
from ganeval.images.record_files import (
    RowGroup,
    is_bytes,
    is_image_struct,
    pyarrow,
    read_column,
    read_group,
    table_layout,
)
from ganeval.images.record_splits import splits_in
from ganeval.images.rows import FeatureRows
from ganeval.images.shards import missing_parts, refuse_twice, shard_files
from ganeval.images.stamp import file_stamp

USUAL = ("image", "img", "images", "picture", "png", "jpg", "jpeg", "webp", "tif", "tiff")


@dataclass(frozen=True, eq=False)
class RecordsReader(FilesReader):
    """Rows of tables; the last group of rows is kept, so that rows in order are read once."""

    paths: tuple[str, ...]
    row_groups: tuple[RowGroup, ...]
    starts: tuple[int, ...]
    """First row of each group."""
    column: str
    schema: Any
    held: dict[str, Any] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "held": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def where(self, index: int) -> str:
        """The row."""
        return f"{self.name}: row {self.ids[index]}"

    def load(self, index: int) -> bytes:
        """The bytes of one picture, or Unreadable."""
        number = bisect.bisect_right(self.starts, index) - 1
        arrow = pyarrow(self.name)
        if self.held.get("number") != number:
            self.held.clear()  # freed before the next group is read
            group = self.row_groups[number]
            path = self.paths[group.file]
            try:
                values = read_group(path, group, self.column, self.schema, name=self.name)
            except InputError as error:
                raise Unreadable(f"cannot be read: {error}") from None
            except (arrow.ArrowException, OSError) as error:
                text = " ".join(str(error).split())[:120]
                raise broken(f"its group of rows is damaged ({text})") from None
            if len(values) != group.rows:
                raise broken(f"its group has {len(values)} rows of {group.rows}")
            self.held.update(number=number, values=values)
        value = self.held["values"][index - self.starts[number]]
        if not value.is_valid:
            raise Unreadable(
                "has no picture in the table, at most a path; save the data set with the pictures "
                "in it (Dataset.to_parquet, or Dataset.push_to_hub and download)"
            )
        check_bytes(value.as_buffer().size)
        data: bytes = value.as_py()
        return data


def open_records(path: Path, *, name: str, decoding: Decoding) -> RecordsReader:
    """Finds the images of tables; after `::` comes a split, a column, or `SPLIT/COLUMN`."""
    paths, schema, groups, wanted = _tables(path, name=name)
    column, note = _image_column(schema, wanted, name=name)
    count = sum(group.rows for group in groups)
    if not count:
        raise InputError(f"{name} has no rows; give a table with at least one image")
    labels, more = _labels(paths, groups, schema, name=name)
    found, further = _plain(paths, groups, schema, GROUPS, name=name)
    state = hashlib.blake2b(column.encode(), digest_size=16)
    for file in paths:
        state.update(file_stamp(file).encode())
    return RecordsReader(
        name,
        positions(count),
        state.hexdigest(),
        (*missing_parts(paths, name=name), *note, *more, *further),
        decoding,
        paths,
        tuple(groups),
        tuple(itertools.accumulate((group.rows for group in groups[:-1]), initial=0)),
        column,
        schema,
        labels=labels,
        groups=found,
    )


def record_rows(path: Path, *, name: str) -> FeatureRows | None:
    """The column named after `::` if its values are lists of numbers, that is features."""
    paths, schema, groups, wanted = _tables(path, name=name)
    types = pyarrow(name).types
    if wanted not in schema.names:
        return None
    type = schema.field(wanted).type
    lists = types.is_list(type) or types.is_large_list(type) or types.is_fixed_size_list(type)
    if not lists or not (types.is_floating(type.value_type) or types.is_integer(type.value_type)):
        return None
    column = read_column(paths, groups, wanted, schema, name=name)
    lengths = {len(row) if row.is_valid else -1 for row in column}
    if len(lengths) != 1 or min(lengths) < 1:
        raise InputError(
            f"{name} has lists of {len(lengths)} lengths, or empty ones; features are lists of one "
            "length"
        )
    values = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    rows = np.concatenate(values).reshape(-1, lengths.pop())
    return FeatureRows(rows.shape, lambda: rows)


def _tables(path: Path, *, name: str) -> tuple[tuple[str, ...], Any, list[RowGroup], str]:
    """Files, their schema, their groups of rows, and the column that the user asked for."""
    file, _, wanted = str(path).partition("::")
    pyarrow(name)
    if os.path.isdir(file):
        splits = splits_in(Path(file))
        split, _, rest = wanted.partition("/")
        if split in splits:
            files, wanted = splits[split], rest
        elif len(splits) == 1:
            (files,) = splits.values()
        elif not splits:
            raise InputError(f"{name} holds no table (.arrow, .parquet); save the data set again")
        else:
            raise InputError(
                f"{name} holds {len(splits)} splits, {', '.join(splits)}; name one, as "
                f"{name.partition('::')[0]}::{next(iter(splits))}"
            )
    else:
        files = list(shard_files(file, ".parquet", name=name))
    refuse_twice(files, name=name)
    paths = tuple(os.path.abspath(each) for each in files)
    found = [table_layout(each, number, name=name) for number, each in enumerate(paths)]
    schema = found[0][0]
    for each, (other, _) in zip(paths, found, strict=True):
        if not other.equals(schema, check_metadata=False):
            raise InputError(
                f"{name}: {os.path.basename(each)} has other columns than the first file; give the "
                "files of one table"
            )
    return paths, schema, [g for _, groups in found for g in groups if g.rows], wanted


def _features(schema: Any) -> Mapping[str, Any]:
    """What Hugging Face's metadata say of each column; empty if there are none."""
    try:
        found = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, dict)}


def _image_column(schema: Any, wanted: str, *, name: str) -> tuple[str, tuple[str, ...]]:
    features = _features(schema)
    structs = [field.name for field in schema if is_image_struct(field.type, name)]
    plain = [field.name for field in schema if is_bytes(field.type, name)]
    declared = [column for column in structs if features.get(column, {}).get("_type") == "Image"]
    usual = [column for column in USUAL if column in (*structs, *plain)]
    if wanted in structs or wanted in plain:
        return wanted, ()
    for found in (declared, structs, usual, plain):
        if not wanted and len(found) == 1:
            others = sorted({*structs, *plain} - set(found))
            note = f"read column {found[0]}; left out {', '.join(others)}"
            return found[0], (note,) if others else ()
    file = name.partition("::")[0]
    if structs or plain:
        raise InputError(
            f"{name} has the columns of pictures {', '.join([*structs, *plain])}; name one, as "
            f"{file}::{(structs or plain)[0]}"
        )
    columns = ", ".join(f"{field.name} ({field.type})" for field in schema)
    raise InputError(
        f"{name} has no column of encoded pictures (bytes, or structs of bytes and path); it has "
        f"{columns[:300]}"
    )


def _labels(
    paths: tuple[str, ...], groups: list[RowGroup], schema: Any, *, name: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Labels of all rows, and a note if there are some that are not taken."""
    features = _features(schema)
    classes = [c for c, said in features.items() if said.get("_type") == "ClassLabel"]
    classes = [column for column in classes if column in schema.names]
    usual = [column for column in LABELS if column in classes] or classes
    if not classes:
        return _plain(paths, groups, schema, LABELS, name=name)
    if len(usual) > 1 and usual[0] not in LABELS:
        return None, (f"columns {', '.join(classes)} are class labels; none is taken",)
    column = usual[0]
    values = read_column(paths, groups, column, schema, name=name).to_pylist()
    if any(value is None or value == -1 for value in values):
        return None, (f"labels in column {column} are missing for some images; none is taken",)
    names = features[column].get("names")
    known = dict(enumerate(names)) if isinstance(names, list) else {}
    return tuple(str(known.get(value, value)) for value in values), ()


def _plain(
    paths: tuple[str, ...],
    groups: list[RowGroup],
    schema: Any,
    names: tuple[str, ...],
    *,
    name: str,
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """A column of classes under one of these names, and a note if one is there but not taken."""
    notes: list[str] = []
    for column in names:
        if column not in schema.names:
            continue
        type = schema.field(column).type
        if not _is_plain(type, name=name):
            notes.append(f"column {column} holds {str(type)[:80]} and is not taken")
            continue
        values = read_column(paths, groups, column, schema, name=name).to_pylist()
        if any(value is None for value in values):
            return None, (f"column {column} lacks values for some images and is not taken",)
        try:
            return tuple(map(class_name, values)), ()
        except (InputError, ValueError, OverflowError):
            return None, (f"column {column} is not taken: its numbers are not whole",)
    return None, tuple(notes)


def _is_plain(type: Any, *, name: str) -> bool:
    """Whether values are text, numbers or truths, perhaps kept once each in a dictionary."""
    types = pyarrow(name).types
    if types.is_dictionary(type):
        type = type.value_type
    text = types.is_string(type) or types.is_large_string(type) or types.is_string_view(type)
    number = types.is_integer(type) or types.is_floating(type) or types.is_boolean(type)
    return bool(text or number)
