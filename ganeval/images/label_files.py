"""Labels that a data set keeps beside its images: `dataset.json`, `metadata.csv` and their kin.

StyleGAN and EDM write `dataset.json` with `{"labels": [[path, label], ...]}`; Hugging Face reads
`metadata.csv`, `.jsonl` or `.parquet` with a column `file_name`. Paths are below the file's folder.
"""

import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ganeval.errors import InputError, cut
from ganeval.images.files import listing_end
from ganeval.images.tables import parse_table

LABEL_FILES = ("dataset.json", "metadata.csv", "metadata.jsonl", "metadata.parquet")
COLUMNS = ("label", "labels", "class")
MOST_ROWS = 50_000_000
MAX_BYTES = 1 << 26
"""Of one label file: a million images need about 40 MB."""
Pairs = Iterable[tuple[Any, Any]]


def labels_beside(
    ids: Sequence[str], found: Iterable[str], load: Callable[[str], bytes]
) -> tuple[tuple[str, ...] | None, tuple[str, ...], tuple[str, ...]]:
    """Labels of the images from label files beside them; what is wrong with one is only noted.

    Args:
        ids: paths of the images below the root.
        found: all paths below the root.
        load: returns the bytes of a file.

    Raises:
        InputError: two files give one image different labels.

    Returns:
        The label of each image, the empty text where it has none, or None without any; notes; and
        the label files that were read.
    """
    table: dict[str, str] = {}
    source: dict[str, str] = {}
    used: list[str] = []
    notes: list[str] = []
    wanted = set(ids)
    for file in sorted(path for path in found if path.rpartition("/")[2] in LABEL_FILES):
        try:
            data = load(file)
            if len(data) > MAX_BYTES:
                raise InputError(f"it has {len(data)} bytes, more than {MAX_BYTES}")
            pairs = _READERS[file.rpartition(".")[2]](data)
            named = _named(pairs, folder=file[: file.rfind("/") + 1])
        except ImportError:
            notes.append(f"{file} is not read: it needs pyarrow; pip install 'ganeval[parquet]'")
            continue
        except Exception as error:  # whatever a file of that name may hold
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            notes.append(f"{file} gives no labels: {reason}")
            continue
        if named:
            for path, label in named.items():
                if table.setdefault(path, label) != label and path in wanted:
                    raise InputError(
                        f"{source[path]} says that {path} is {cut(table[path])!r}, and {file} that "
                        f"it is {cut(label)!r}; keep one of these files, or make them agree"
                    )
                source.setdefault(path, file)
            used.append(file)
    labels = tuple(table.get(id, "") for id in ids)
    if any(labels):
        return labels, (*notes, f"labels are read from {listing_end(used)}"), tuple(used)
    notes += [f"{file} names none of the images, so it gives no labels" for file in used]
    return None, tuple(notes), tuple(used)


def _named(pairs: Pairs, *, folder: str) -> dict[str, str]:
    """Labels by path; empty if a label is missing, InputError if one is no class."""
    table: dict[str, str] = {}
    for path, label in pairs:
        if not isinstance(path, str):
            raise InputError(f"{path!r:.40} is no path")
        if label is None or label == "":
            continue
        name = folder + path.replace("\\", "/").removeprefix("./")
        if table.setdefault(name, class_name(label)) != class_name(label):
            raise InputError(f"it gives {path} two labels")
    return table


def class_name(label: Any) -> str:
    """The name of a class: text, a whole number, a truth, or the place of the one in [0, 1, 0]."""
    if isinstance(label, str | bool):
        return str(label)
    if isinstance(label, list) and sorted(map(float, label)) == [0.0] * (len(label) - 1) + [1.0]:
        return str(list(map(float, label)).index(1.0))
    if isinstance(label, int | float) and label == int(label):
        return str(int(label))
    raise InputError(f"the label {label!r:.40} is no class")


def _stylegan(data: bytes) -> Pairs:
    content = json.loads(data)
    labels = content.get("labels") if isinstance(content, dict) else None
    return [(path, label) for path, label in labels or ()]


def _rows(rows: Iterable[Any]) -> Pairs:
    for row in rows:
        given = {name: row[name] for name in COLUMNS if row.get(name) not in (None, "")}
        if len(set(map(class_name, given.values()))) > 1:
            raise InputError(
                f"its columns {listing_end(list(given))} differ for {row.get('file_name')!r:.40}"
            )
        if given and "file_name" in row:
            yield row["file_name"], next(iter(given.values()))


def _csv(data: bytes) -> Pairs:
    _, rows = parse_table(data.decode("utf-8-sig"), name="it")
    return _rows(row for _, row in rows)


def _jsonl(data: bytes) -> Pairs:
    return _rows(json.loads(line) for line in data.decode("utf-8-sig").split("\n") if line.strip())


def _parquet(data: bytes) -> Pairs:
    from pyarrow import parquet  # type: ignore[import-untyped, unused-ignore]

    file = parquet.ParquetFile(io.BytesIO(data))
    if max(file.metadata.num_rows, file.metadata.serialized_size) > MOST_ROWS:
        raise InputError(f"it declares {file.metadata.num_rows} rows, more than {MOST_ROWS}")
    wanted = [name for name in ("file_name", *COLUMNS) if name in file.schema_arrow.names]
    rows: list[Any] = file.read(columns=wanted).to_pylist()
    return _rows(rows)


_READERS: dict[str, Callable[[bytes], Pairs]] = {
    "json": _stylegan, "csv": _csv, "jsonl": _jsonl, "parquet": _parquet,
}  # fmt: skip
