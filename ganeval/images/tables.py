"""Tables with a value per image: reading them, and finding the images that their rows name."""

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images.files import common_folder, listing_end
from ganeval.images.volumes import stack_of

ID_COLUMNS = ("id", "file", "filename", "path", "filepath", "image", "imagename", "imagepath",
              "imageid", "imagefile")  # fmt: skip
"""Columns that name images, in lower case without spaces and underscores (`file_name`)."""

FILE_COLUMN = re.compile(r"(?:Image_)?FileName_(.+)")
"""Columns with a file per channel, and the channel; CellProfiler names them so."""

Rows = Sequence[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True)
class Column:
    """What a table says of images.

    Args:
        values: of each image, None where the table has none.
        table: name of the table.
        by_name: how many images were found by the name of their file alone.
        elsewhere: a path of the table that ends as an image's does, but in another folder.
    """

    values: list[str | None]
    table: str
    by_name: int = 0
    elsewhere: str | None = None


def table_of(argument: str) -> tuple[Path, str | None]:
    """The file and the column of `FILE` or `FILE:COLUMN`; drive letters are no files."""
    file, colon, column = argument.rpartition(":")
    if colon and column and not os.path.lexists(argument) and os.path.lexists(file):
        return Path(file), column
    return Path(argument), None


def column_values(argument: str, ids: Sequence[str], *, kind: str, name: str) -> Column:
    """What one column of a table says of each image.

    Args:
        argument: `FILE` or `FILE:COLUMN`; the column is `kind` by default.
        ids: paths below the root, including the folders that all share.
        kind: `label` or `group`.
        name: name of the source in messages; of a folder, its path.

    Raises:
        InputError: the table cannot be read, lacks a column, or contradicts itself.
    """
    path, wanted = table_of(argument)
    columns, rows = read_table(path)
    column = _named(wanted or kind, columns)
    keys = [
        key
        for key in columns
        if (_plain(key) in ID_COLUMNS or FILE_COLUMN.fullmatch(key)) and key != column
    ]
    has = f"{path} has the columns {', '.join(x[:40] for x in columns[:20]) or 'none'}"
    if not keys:
        raise InputError(f"{has}; one of id, file_name, path or image must name the images")
    if column is None:
        raise InputError(f"{has} and no {wanted or kind}; name one of them: csv:{path}:COLUMN")
    root = os.path.basename(os.path.abspath(name)) if os.path.isdir(name) else None
    names = Names(ids, root=root)
    key = keys[0]
    if len(keys) > 1:
        key = max(keys, key=lambda key: sum(bool(names.find(row[key])) for _, row in rows))
    stacks = list(dict.fromkeys(map(stack_of, ids)))
    if len(stacks) < len(ids) and not any(names.find(row[key]) for _, row in rows):
        of_stacks = column_values(argument, stacks, kind=kind, name=name)
        own = dict(zip(stacks, of_stacks.values, strict=True))
        return replace(of_stacks, values=[own[stack_of(id)] for id in ids])  # a row per volume
    values: list[str | None] = [None] * len(ids)
    by_name: set[int] = set()
    for line, row in rows:
        id, value = row[key], row[column]
        if not id or not value:
            raise InputError(f"{path} line {line} has no {key} or no {column}; fill it in")
        found = names.find(id)
        if len(found) > 1:
            raise InputError(
                f"{path} names {id}, but {name} has several files of that name "
                f"({listing_end([ids[place] for place in found])}); give their paths below the root"
            )
        for place in found:
            if values[place] not in (None, value):
                raise InputError(
                    f"{path} gives {ids[place]} two values, {values[place]} and {value}; keep one"
                )
            values[place] = value
            if not re.search(r"[/\\]", id.removeprefix("./")):
                by_name.add(place)
    return Column(values, str(path), len(by_name), names.elsewhere)


def read_table(path: Path) -> tuple[list[str], Rows]:
    """Columns and rows of a table in UTF-8, separated by commas, semicolons or tabs."""
    regular_file(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); give a table in UTF-8") from None
    return parse_table(text, name=str(path))


def parse_table(text: str, *, name: str) -> tuple[list[str], Rows]:
    """Columns and rows, with their lines in the file; cells without the blanks around them."""
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # spreadsheets differ by country
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader]
    except csv.Error as error:
        raise InputError(f"{name} is no table ({error}); save it again as CSV") from None
    columns = lines[0][1] if lines else []
    if twice := [column for column in columns if column and columns.count(column) > 1]:
        raise InputError(f"{name} has two columns named {twice[0]}; rename one")
    missing = [""] * len(columns)
    rows = [
        (number, dict(zip(columns, [*cells, *missing], strict=False)))
        for number, cells in lines[1:]
        if any(cells)
    ]
    return columns, rows


class Names:
    """Finds images by what people write for them: a path, its end, a name, a name without `.tif`.

    Args:
        ids: paths below the root, including the folders that all share.
        root: name of the root folder; a longer path than an image's must go through it.
    """

    def __init__(self, ids: Sequence[str], *, root: str | None = None) -> None:
        self._ids, self._shared, self._root = ids, len(common_folder(ids)), root
        self.elsewhere: str | None = None
        """The last text that ended as an image's path does, but in another folder than the root."""
        self._whole = {id[self._shared :]: place for place, id in enumerate(ids)}
        self._whole |= {id: place for place, id in enumerate(ids)}
        self._bases: dict[str, list[int]] = defaultdict(list)
        for place, id in enumerate(ids):
            base = id.rpartition("/")[2]
            for form in {base, _stem(base)}:
                self._bases[form].append(place)

    def find(self, text: str) -> Sequence[int]:
        """Positions of the images that the text may mean: one, none or, if unclear, several."""
        for path in (text, text.replace("\\", "/")):
            path = path.removeprefix("./")
            if path in self._whole:
                return (self._whole[path],)
            near = self._bases.get(path.rpartition("/")[2], ())
            if ends := [place for place in near if self._ends(place, path)]:
                return ends
            # A longer path than ours, as /data/plate1/a.tif: the image that shares most of it.
            depths = {place: self._depth(place, path) for place in near}
            if deepest := max(depths.values(), default=0):
                return [place for place, depth in depths.items() if depth == deepest]
        return ()

    def _ends(self, place: int, path: str) -> bool:
        id = f"/{self._ids[place]}"
        return id.endswith(f"/{path}") or _stem(id).endswith(f"/{path}")

    def _depth(self, place: int, path: str) -> int:
        """Length of the image's own path if `path` ends in it, below the root, else 0."""
        id = self._ids[place]
        own = (id, id[self._shared :], _stem(id), _stem(id[self._shared :]))
        form = max((form for form in own if f"/{path}".endswith(f"/{form}")), key=len, default="")
        above = path[: -len(form)].rstrip("/").rpartition("/")[2] if form else ""
        if above in ("", ".", "..", self._root) or self._root is None:
            return len(form)
        self.elsewhere = path
        return 0


def _stem(path: str) -> str:
    stem = os.path.splitext(path)[0]
    return stem[:-4] if stem.lower().endswith((".ome", ".nii")) else stem


def _plain(column: str) -> str:
    return re.sub(r"[\s_-]", "", column).lower()


def _named(wanted: str, columns: Sequence[str]) -> str | None:
    """The column of that name, or the only one that differs from it in case alone."""
    if wanted in columns:
        return wanted
    alike = [column for column in columns if column.lower() == wanted.lower()]
    return alike[0] if len(alike) == 1 else None
