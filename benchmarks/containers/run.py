"""What does it cost to keep images in another container, and does it change the score?

    GANEVAL_DATA=/path/to/data python -m benchmarks.containers.run

The 10,000 test images of CIFAR-10, decoded once, are written as each container and read again. One
line per container goes to results.jsonl beside this file, and the table to README.md. Speed is per
second of processor time, all threads together, so that other work on the machine hardly counts.
"""

import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import h5py
import numpy as np
import zarr

import ganeval
from benchmarks.containers.write import WRITERS
from benchmarks.harness import Row, lines_of, run_cells
from ganeval.images import ImageSource, hugging_face, iterate, open_images
from ganeval.images.hdf5 import Hdf5Reader

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.jsonl"
REPEATS = 3
ONE_BY_ONE = 200
"""Images that are read one by one, as a loop over the array would."""


@dataclass(frozen=True)
class Case:
    """One container."""

    container: str


def main() -> None:
    """Measures every container and writes results and README."""
    for row in run_cells(measure, [Case(name) for name in WRITERS], RESULTS):
        print(row)
    write_readme(lines_of(RESULTS))


@cache
def cifar() -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Real images with their paths, and others to compare with."""
    data = Path(os.environ["GANEVAL_DATA"]) / "cifar10"
    real, fake = open_images(data / "test.zip"), open_images(data / "train.zip", max_images=5000)
    return _pixels(real), tuple(id.replace(".jpg", ".png") for id in real.ids), _pixels(fake)


def measure(case: Case) -> Row:
    """Size, speed, times that each chunk was decoded, and the score."""
    real, ids, fake = cifar()
    with tempfile.TemporaryDirectory() as folder:
        spec = WRITERS[case.container](Path(folder) / "x", real, ids)
        files = [file for file in Path(folder).rglob("*") if file.is_file()]
        source = open_images(spec)
        seconds = [_seconds(lambda: _read(source)) for _ in range(REPEATS)]
        fresh = open_images(spec)
        with counted(fresh) as (reads, chunks):
            hashes = _read(fresh)
        workers = [_read(open_images(spec), workers) for workers in (2, 4)]
        features = ganeval.extract(open_images(spec), "pixels", cache=False)
        score = ganeval.fid(features, ganeval.extract(fake, "pixels"), interval=False)
        return {
            "n": len(source),
            "megabytes": round(sum(file.stat().st_size for file in files) / 1e6, 1),
            "images_per_cpu_second": round(len(source) / statistics.median(seconds)),
            "one_by_one_per_cpu_second": _one_by_one(spec),
            "decoded": sum(reads.values()) / chunks if chunks else None,
            "same_with_workers": all(np.array_equal(hashes, other) for other in workers),
            "fingerprint": features.fingerprint,
            "fid": repr(score.value),
        }


def _pixels(source: ImageSource) -> np.ndarray:
    images = [pixels for batch in iterate(source) for pixels in batch.pixels]
    return np.stack(images).transpose(0, 2, 3, 1)


def _read(source: ImageSource, workers: int = 0) -> np.ndarray:
    return np.concatenate([batch.hashes for batch in iterate(source, num_workers=workers)])


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@contextmanager
def counted(source: ImageSource) -> Iterator[tuple[Counter[Any], int]]:
    """How often each chunk, shard or group of rows is read, and how many there are."""
    reads: Counter[Any] = Counter()
    load, get, group = Hdf5Reader.load, zarr.storage.LocalStore.get, hugging_face.read_group

    def load_counted(self: Hdf5Reader, start: int, stop: int) -> np.ndarray:
        with h5py.File(self.path) as file:
            array = file[self.key]
            rows = (slice(start, stop), *(slice(0, side) for side in array.shape[1:]))
            for part in array.iter_chunks(rows):
                place = (s.start // size for s, size in zip(part, array.chunks, strict=True))
                reads[tuple(place)] += 1
        return load(self, start, stop)

    async def get_counted(self: Any, key: str, prototype: Any, byte_range: Any = None) -> Any:
        if key.startswith(("c/", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")):
            reads[key, byte_range] += 1
        return await get(self, key, prototype, byte_range)

    def group_counted(path: str, number: Any, *args: Any, **kwargs: Any) -> Any:
        reads[path, number] += 1
        return group(path, number, *args, **kwargs)

    with (
        mock.patch.object(Hdf5Reader, "load", load_counted),
        mock.patch.object(zarr.storage.LocalStore, "get", get_counted),
        mock.patch.object(hugging_face, "read_group", group_counted),
    ):
        yield reads, _chunks(source)


def _chunks(source: ImageSource) -> int:
    reader: Any = source.reader
    if isinstance(reader, hugging_face.RecordsReader):
        return len(reader.row_groups)
    if isinstance(reader, Hdf5Reader):
        with h5py.File(reader.path) as file:
            return int(file[reader.key].id.get_num_chunks())
    if hasattr(reader, "key") and Path(reader.path).is_dir():
        files = (Path(reader.path) / reader.key).rglob("*")
        return sum(1 for f in files if f.is_file() and not f.name.startswith((".z", "zarr.json")))
    return 0


def _one_by_one(spec: str) -> int | None:
    """Images per second of a plain loop over the array, with the defaults of its package."""
    if spec.endswith(".h5"):
        with h5py.File(spec) as file:
            array = file["images"]
            return round(ONE_BY_ONE / _seconds(lambda: [array[i] for i in range(ONE_BY_ONE)]))
    if spec.endswith(".zarr"):
        array = zarr.open_array(f"{spec}/images", mode="r")
        return round(ONE_BY_ONE / _seconds(lambda: [array[i] for i in range(ONE_BY_ONE)]))
    return None


def write_readme(rows: list[Row]) -> None:
    """Writes the table into README.md."""
    same = len({(row["fingerprint"], row["fid"]) for row in rows}) == 1
    lines = [
        "| container | MB | images per CPU second | one by one | decoded |",
        "|---|--:|--:|--:|--:|",
    ]
    names = list(WRITERS)
    for row in sorted(rows, key=lambda row: names.index(row["container"])):
        loop, decoded = row["one_by_one_per_cpu_second"], row["decoded"]
        lines.append(
            f"| {row['container']} | {row['megabytes']} | {row['images_per_cpu_second']:,} | "
            f"{'' if loop is None else f'{loop:,}'} | {'' if decoded is None else decoded:} |"
        )
    verdict = (
        f"All {len(rows)} have the same features fingerprint and the same FID against 5,000 train "
        f"images, {rows[0]['fid']}, to the last digit."
        if same
        else "**Features or FID differ between containers.**"
    )
    workers = all(row["same_with_workers"] for row in rows)
    verdict += f" Two and four workers read {'the same' if workers else '**other images**'}."
    page = (HERE / "README.md").read_text()
    head, mark, _ = page.partition("<!-- table: written by run.py -->")
    (HERE / "README.md").write_text(
        "\n".join([head + mark, "", verdict, f"{rows[0]['machine']}.", "", *lines, ""])
    )


if __name__ == "__main__":
    main()
