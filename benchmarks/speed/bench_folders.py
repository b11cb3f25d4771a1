"""From folders of JPEGs: whole commands as processes, imports included, and decoding alone."""

import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.speed.conftest import Measure

INCEPTION_FLOPS = 2 * 5.7e9
"""Per image of 299 × 299."""

Command = Callable[[Sequence[Any]], str]
Folders = Callable[[int], tuple[Path, Path]]


@pytest.fixture(scope="module")
def few(jpegs: Folders, quick: bool) -> tuple[Path, Path]:
    """Folders for Inception."""
    return jpegs(24 if quick else 120)


@pytest.fixture(scope="module")
def many(jpegs: Folders) -> tuple[Path, Path]:
    """Folders for nets that cost nothing."""
    return jpegs(2000)


@pytest.mark.parametrize("tool", ["ganeval", "ganeval, second run", "pytorch-fid"])
def bench_inception_command(
    tool: str,
    few: tuple[Path, Path],
    weights: Path,
    command: Command,
    measure: Measure,
    speed: Mapping[str, float],
) -> None:
    """`ganeval fid A B` beside `python -m pytorch_fid A B`, same weights, each by its defaults."""
    ours = ["-m", "ganeval", "fid", *few, "--feature-net", "inception", "--weights", weights]
    theirs = ["-m", "pytorch_fid", *few]
    if tool == "ganeval, second run":
        command(ours)  # the first was timed: this one makes sure
    n = len(list(few[0].iterdir()))
    stdout = measure(
        lambda: command(theirs if tool == "pytorch-fid" else ours),
        case="command: FID of folders, inception",
        tool=tool,
        n=n,
        d=2048,
        rounds=1,
        floor=(2 * n * INCEPTION_FLOPS / speed["float32"], "Inception's multiplications"),
    )
    assert re.search(r"^FID:  \d", stdout, re.MULTILINE), stdout


@pytest.mark.parametrize("tool", ["ganeval", "ganeval, second run"])
def bench_pixels_command(
    tool: str, many: tuple[Path, Path], command: Command, measure: Measure, cache: Path
) -> None:
    """`ganeval fid A B --feature-net pixels`, and once more."""
    arguments = ["-m", "ganeval", "fid", *many, "--feature-net", "pixels"]

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    second = tool == "ganeval, second run"
    if second:
        command(arguments)
    start = time.perf_counter()
    command(["-c", "pass"])
    measure(
        lambda: command(arguments),
        case="command: FID of folders, pixels",
        tool=tool,
        n=2000,
        d=3072,
        rounds=5 if second else 1,
        setup=None if second else forget,
        floor=(time.perf_counter() - start, "start of Python"),
    )


def pillow_floor(folders: tuple[Path, Path], cores: int) -> tuple[float, str]:
    """Seconds that Pillow itself takes for the files of both folders, shared by the cores."""
    paths = [path for folder in folders for path in sorted(folder.iterdir())]
    start = time.perf_counter()
    for path in paths:
        with Image.open(path) as image:
            np.asarray(image)
    return (time.perf_counter() - start) / cores, f"Pillow alone on {cores} core(s)"


def ours(folders: tuple[Path, Path], workers: int) -> int:
    """Decoded, checked and hashed."""
    from ganeval.images import iterate, open_images

    return sum(
        len(batch.indices)
        for folder in folders
        for batch in iterate(open_images(folder), batch_size=64, num_workers=workers)
    )


def pytorch_fid(folders: tuple[Path, Path], workers: int) -> int:
    """Decoded to float tensors by its dataset and loader."""
    import torchvision.transforms
    from pytorch_fid.fid_score import ImagePathDataset
    from torch.utils.data import DataLoader

    count = 0
    for folder in folders:
        files = ImagePathDataset(sorted(folder.iterdir()), torchvision.transforms.ToTensor())
        count += sum(len(x) for x in DataLoader(files, batch_size=50, num_workers=workers))
    return count


@pytest.mark.parametrize("tool", ["ganeval", "pytorch-fid"])
@pytest.mark.parametrize("workers", [0, 2])
def bench_decoding(workers: int, tool: str, many: tuple[Path, Path], measure: Measure) -> None:
    """Files to batches of pixels; workers are started within the time."""
    decode = ours if tool == "ganeval" else pytorch_fid
    where = f"{workers} workers" if workers else "in process"
    count = measure(
        lambda: decode(many, workers),
        case=f"decoding of folders, {where}",
        tool=tool,
        n=2000,
        d=3072,
        rounds=3,
        floor=pillow_floor(many, max(workers, 1)),
    )
    assert count == 4000
