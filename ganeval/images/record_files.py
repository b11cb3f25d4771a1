"""Tables in Parquet and Arrow files, read group by group of rows.

Arrow files are those of `Dataset.save_to_disk` (streams) and of Feather (files with an index).
"""

from collections import Counter
from typing import Any, NamedTuple

from ganeval.errors import InputError
from ganeval.images.containers import ARROW
from ganeval.memory import memory_bytes
from ganeval.optional import optional

ARROW_FILE_MAGIC = b"ARROW1"


class RowGroup(NamedTuple):
    """Rows of one file that are stored, and read, together."""

    file: int
    place: int
    """Number of the group in Parquet and indexed Arrow files; in streams, where its bytes begin."""
    rows: int


def pyarrow(name: str) -> Any:
    """The package, with the parts that are needed."""
    for part in ("pyarrow.parquet", "pyarrow.ipc", "pyarrow.compute"):
        package = optional(part, extra="parquet", purpose=f"reading {name}")
    del package
    return optional("pyarrow", extra="parquet", purpose=f"reading {name}")


def table_layout(path: str, file: int, *, name: str) -> tuple[Any, list[RowGroup]]:
    """The schema of a file and its groups of rows.

    Raises:
        InputError: the file is damaged, of another kind, or has two columns of one name.
    """
    schema, groups = _layout(path, file, name=name)
    if twice := [column for column, count in Counter(schema.names).items() if count > 1]:
        raise InputError(
            f"{name} has several columns named {twice[0]}; write it again with one name for each"
        )
    return schema, groups


def _layout(path: str, file: int, *, name: str) -> tuple[Any, list[RowGroup]]:
    arrow = pyarrow(name)
    try:
        if not path.lower().endswith(ARROW):
            with arrow.parquet.ParquetFile(path) as table:
                sizes = [table.metadata.row_group(i).num_rows for i in range(table.num_row_groups)]
                return table.schema_arrow, [RowGroup(file, i, n) for i, n in enumerate(sizes)]
        with arrow.memory_map(path) as source:  # mapped, so that only the headers are read
            if source.read(len(ARROW_FILE_MAGIC)) == ARROW_FILE_MAGIC:
                table = arrow.ipc.open_file(source)
                numbers = range(table.num_record_batches)
                return table.schema, [RowGroup(file, i, len(table.get_batch(i))) for i in numbers]
            source.seek(0)
            stream, groups = arrow.ipc.open_stream(source), []
            while True:
                start = source.tell()
                try:
                    groups.append(RowGroup(file, start, len(stream.read_next_batch())))
                except StopIteration:
                    return stream.schema, groups
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{name} is no table that can be read ({' '.join(str(error).split())[:120]}); write it "
            "again"
        ) from None


def read_group(path: str, group: RowGroup, column: str, schema: Any, *, name: str) -> Any:
    """One column of one group as an Arrow array, checked before any value is looked at.

    Args:
        path: the file.
        group: one of its groups.
        column: name of a column; of structs with a part `bytes`, only that is read from Parquet.
        schema: schema of the file.
        name: what the user typed.

    Raises:
        InputError: the group is larger than the memory.
        pyarrow.ArrowException, OSError: the group is damaged.
    """
    arrow = pyarrow(name)
    if path.lower().endswith(ARROW):
        with arrow.OSFile(path) as source:
            if source.read(len(ARROW_FILE_MAGIC)) == ARROW_FILE_MAGIC:
                batch = arrow.ipc.open_file(source).get_batch(group.place)
            else:
                source.seek(group.place)
                batch = arrow.ipc.read_record_batch(arrow.ipc.read_message(source), schema)
        found = batch.column(column)
    else:
        leaf = f"{column}.bytes" if is_image_struct(schema.field(column).type, name) else column
        with arrow.parquet.ParquetFile(path) as table:
            _check_size(table.metadata.row_group(group.place), leaf, name=name)
            found = table.read_row_group(group.place, columns=[leaf]).column(column)
    found.validate(full=True)
    if is_image_struct(found.type, name):
        found = arrow.compute.struct_field(found, "bytes")
    return found


def read_column(
    paths: tuple[str, ...], groups: list[RowGroup], column: str, schema: Any, *, name: str
) -> Any:
    """One column of all files as one chunked Arrow array, or InputError."""
    arrow = pyarrow(name)
    try:
        parts = [read_group(paths[g.file], g, column, schema, name=name) for g in groups]
        if [len(part) for part in parts] != [group.rows for group in groups]:
            raise OSError("it has fewer rows than the table")
        chunks = [chunk for part in parts for chunk in getattr(part, "chunks", [part])]
        return arrow.chunked_array(chunks, schema.field(column).type)
    except (arrow.ArrowException, OSError) as error:
        raise InputError(
            f"{name}: column {column!r} is damaged ({' '.join(str(error).split())[:120]}); write "
            "it again"
        ) from None


def is_image_struct(type: Any, name: str) -> bool:
    """Whether a column holds images as Hugging Face stores them, structs of `bytes` and `path`."""
    types = pyarrow(name).types
    return bool(
        types.is_struct(type)
        and type.get_field_index("bytes") >= 0
        and is_bytes(type.field("bytes").type, name)
    )


def is_bytes(type: Any, name: str) -> bool:
    """Whether a column holds bytes."""
    types = pyarrow(name).types
    return bool(types.is_binary(type) or types.is_large_binary(type))


def _check_size(group: Any, leaf: str, *, name: str) -> None:
    columns = map(group.column, range(group.num_columns))
    size = sum(c.total_uncompressed_size for c in columns if c.path_in_schema == leaf)
    if size > memory_bytes():
        raise InputError(
            f"{name} has a row group of {size / 1e9:.0f} GB, more than the memory; write it again "
            "with fewer rows per group (row_group_size=1000)"
        )
