"""From folders of JPEGs: whole commands as processes, imports included, and decoding alone."""

import functools
import io
import json
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
from benchmarks.speed.peers import PEERS

INCEPTION_FLOPS = 2 * 5.7e9
"""Per image of 299 × 299."""

Command = Callable[[Sequence[Any]], str]
Folders = Callable[[int], tuple[Path, Path]]


@pytest.fixture(scope="module")
def few(jpegs: Folders, quick: bool) -> tuple[Path, Path]:
    """Folders for Inception, beside every peer."""
    return jpegs(8 if quick else 60)


@pytest.fixture(scope="module")
def hundreds(jpegs: Folders, quick: bool) -> tuple[Path, Path]:
    """Folders for Inception, 500 images in all."""
    return jpegs(8 if quick else 250)


@pytest.fixture(scope="module")
def many(jpegs: Folders) -> tuple[Path, Path]:
    """Folders for nets that cost nothing."""
    return jpegs(2000)


def fid_of(stdout: str) -> float:
    """The plain value of `ganeval fid --json`, or what a peer prints."""
    if stdout.startswith("{"):
        return float(json.loads(stdout)["value"])
    found = re.search(r"^FID:  (\S+)$", stdout, re.MULTILINE)
    assert found is not None, stdout
    return float(found[1])


def inception(tool: str, folders: tuple[Path, Path], weights: Path) -> list[Any]:
    """The command that gives the FID of two folders, after `python`."""
    if tool.startswith("ganeval"):
        net = ["--feature-net", "inception", "--weights", weights, "--no-cache", "--json"]
        net += ["--precision", "bf16"] if "bf16" in tool else []
        return ["-m", "ganeval", "fid", *folders, *net]
    if tool == "pytorch-fid":
        return ["-m", "pytorch_fid", *folders]
    return ["-m", "benchmarks.speed.peers", tool, *folders, weights]


def time_inception(
    case: str,
    tool: str,
    folders: tuple[Path, Path],
    weights: Path,
    command: Command,
    measure: Measure,
    speed: Mapping[str, float],
    asked: str | None = None,
) -> float:
    """Times one whole command; `tool` names the line, `asked` what is run."""
    n = len(list(folders[0].iterdir()))
    stdout = measure(
        lambda: command(inception(asked or tool, folders, weights)),
        case=case,
        tool=tool,
        n=n,
        d=2048,
        rounds=1,
        floor=(2 * n * INCEPTION_FLOPS / speed["float32"], "Inception's multiplications"),
    )
    return fid_of(stdout)


_values: dict[tuple[Path, Path], float] = {}
"""What ganeval gave for two folders, in float32."""


@pytest.mark.parametrize("tool", ["ganeval", "pytorch-fid"])
def bench_inception_command(
    tool: str,
    hundreds: tuple[Path, Path],
    weights: Path,
    command: Command,
    measure: Measure,
    speed: Mapping[str, float],
) -> None:
    """`ganeval fid A B` beside `python -m pytorch_fid A B`, same weights, each by its defaults."""
    case = "FID of folders, inception"
    value = time_inception(case, tool, hundreds, weights, command, measure, speed)
    assert value == pytest.approx(_values.setdefault(hundreds, value), rel=1e-3)


@pytest.mark.parametrize("tool", ["ganeval", "pytorch-fid"])
def bench_inception_bf16(
    tool: str,
    hundreds: tuple[Path, Path],
    weights: Path,
    command: Command,
    measure: Measure,
    speed: Mapping[str, float],
) -> None:
    """The same with `--precision bf16`, which is near enough here to be the same FID."""
    case, asked = "FID of folders, inception bf16", tool + " bf16" * (tool == "ganeval")
    value = time_inception(case, tool, hundreds, weights, command, measure, speed, asked)
    assert value == pytest.approx(_values.setdefault(hundreds, value), rel=0.05)


@pytest.mark.parametrize("tool", ["ganeval", *PEERS])
def bench_inception_peers(
    tool: str,
    few: tuple[Path, Path],
    weights: Path,
    command: Command,
    measure: Measure,
    speed: Mapping[str, float],
) -> None:
    """Peers that resize otherwise, each by its defaults: their values differ."""
    case = "FID of folders, inception"
    assert time_inception(case, tool, few, weights, command, measure, speed) > 0


@pytest.mark.parametrize("tool", ["ganeval", "ganeval, trained net", "pytorch-fid"])
def bench_native_size(
    tool: str,
    quick: bool,
    cells: Callable[[int], tuple[Path, Path]],
    trained: Path,
    command: Command,
    measure: Measure,
) -> None:
    """Folders of simulated cells to FID with its interval, by a net for their own size."""
    folders = cells(8 if quick else 200)
    named = trained if "trained" in tool else "lin41"
    ours = ["-m", "ganeval", "fid", *folders, "--feature-net", named, "--no-cache", "--json"]
    stdout = measure(
        lambda: command(["-m", "pytorch_fid", *folders] if tool == "pytorch-fid" else ours),
        case="FID of folders, native size",
        tool=tool,
        n=len(list(folders[0].iterdir())),
        d=0,
        rounds=1 if tool == "pytorch-fid" else 3,
    )
    assert fid_of(stdout) >= 0


def bench_help(command: Command, measure: Measure) -> None:
    """`ganeval --help`, a whole process."""
    shown = measure(
        lambda: command(["-m", "ganeval", "--help"]),
        case="command: ganeval --help",
        tool="ganeval",
        n=0,
        d=0,
    )
    assert "fid" in shown


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
        rounds=5,
        floor=pillow_floor(many, max(workers, 1)),
    )
    assert count == 4000


def encoded(kind: str, n: int) -> list[bytes]:
    """Pictures of a kind: slopes and noise, as photographs have both."""
    format, side = kind.split()[0], {"32": (32, 32), "256": (256, 256), "500": (375, 500)}
    height, width = side[kind.split()[1]]
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:height, :width] / height
    made = []
    for _ in range(n):
        waves = np.sin(
            rows[..., None] * rng.uniform(1, 9, 3) + columns[..., None] * rng.uniform(1, 9, 3)
        )
        pixels = 120 + 90 * waves + rng.normal(0, 6, waves.shape)
        buffer = io.BytesIO()
        image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        image.save(buffer, format, **({"quality": 90} if format == "JPEG" else {}))
        made.append(buffer.getvalue())
    return made


@functools.cache
def files_of(kind: str) -> list[bytes]:
    """The same for both tools."""
    return encoded(kind, 500 if " 32" in kind else 40)


def by_ganeval(files: Sequence[bytes]) -> list[np.ndarray]:
    """Checked pixels [c, h, w]."""
    from ganeval.images.decode import decode
    from ganeval.images.pixels import Decoding

    decoding = Decoding()
    return [decode(data, decoding) for data in files]


def by_pillow(files: Sequence[bytes]) -> list[np.ndarray]:
    """The same pixels [c, h, w], without the checks."""
    return [
        np.ascontiguousarray(np.asarray(Image.open(io.BytesIO(data))).transpose(2, 0, 1))
        for data in files
    ]


@pytest.mark.parametrize("tool", ["ganeval", "Pillow"])
@pytest.mark.parametrize("kind", ["JPEG 32 x 32", "JPEG 500 x 375", "PNG 32 x 32", "PNG 256 x 256"])
def bench_decoder(kind: str, tool: str, measure: Measure) -> None:
    """Bytes in memory to pixels, one thread."""
    files = files_of(kind)
    decode = by_ganeval if tool == "ganeval" else by_pillow
    pixels = measure(lambda: decode(files), case=f"decoding {kind}", tool=tool, n=len(files), d=0)
    for found, wanted in zip(pixels, by_pillow(files), strict=True):
        np.testing.assert_array_equal(found, wanted)
