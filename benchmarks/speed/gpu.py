"""What a CUDA GPU does per second: one line per case in results-gpu.jsonl.

    python -m benchmarks.speed.gpu --out benchmarks/speed/results-gpu.jsonl [--only fid kde …]

gpu.sh runs all of it. Cells that the file has are skipped. Without a GPU, GANEVAL_GPU_DEVICE=cpu
and GANEVAL_GPU_SCALE=0.01 try the code at a hundredth of the sizes.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import main

DEVICE = os.environ.get("GANEVAL_GPU_DEVICE", "cuda")
SCALE = float(os.environ.get("GANEVAL_GPU_SCALE", "1"))
INCEPTION_FLOPS = 2 * 5.7e9


@dataclass(frozen=True)
class Cell:
    """One thing that is timed."""

    case: str
    way: str
    """Precision, peer or net."""


def scaled(n: int) -> int:
    """A size, smaller where the code is only tried."""
    return max(8, int(n * SCALE))


def wait() -> None:
    """Until the device has done what it was given."""
    import torch

    if DEVICE.startswith("cuda"):
        torch.cuda.synchronize()


def seconds(function: Callable[[], Any], rounds: int = 3) -> float:
    """The fastest round after one that warms up."""
    times = []
    for _ in range(rounds + 1):
        wait()
        start = time.perf_counter()
        function()
        wait()
        times.append(time.perf_counter() - start)
    return min(times[1:])


def rows(n: int, d: int, seed: int) -> Any:
    """[n, d] float32 on the device."""
    import torch

    numbers = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return torch.from_numpy(numbers).to(DEVICE)


def extraction(way: str) -> Mapping[str, Any]:
    """Images per second of the net alone, beside the device's own matrix product."""
    import torch

    from ganeval.nets import in_precision, load_card, load_net

    weights = os.environ["GANEVAL_INCEPTION"]
    net = in_precision(load_net(load_card("inception", weights=weights), device=DEVICE), way)
    n = scaled(256)
    images = torch.rand(n, 3, 299, 299, device=DEVICE)
    dtype = torch.bfloat16 if way == "bf16" else torch.float32
    square = torch.randn(scaled(8192), scaled(8192), device=DEVICE, dtype=dtype)
    per_image = seconds(lambda: net(images)) / n
    flops = 2 * len(square) ** 3 / seconds(lambda: square @ square)
    return {"images_per_second": 1 / per_image, "share": INCEPTION_FLOPS / per_image / flops}


def fid(way: str) -> Mapping[str, Any]:
    """Two folders of GANEVAL_FOLDERS to the value, a whole process."""
    real, fake = os.environ["GANEVAL_FOLDERS"].split(":")
    weights = os.environ["GANEVAL_INCEPTION"]
    if way == "pytorch-fid":
        command = ["-m", "pytorch_fid", real, fake, "--device", DEVICE]
    else:
        command = ["-m", "ganeval", "fid", real, fake, "--feature-net", "inception", "--no-cache"]
        command += ["--weights", weights, "--device", DEVICE, "--precision", way, "--json"]
    with tempfile.TemporaryDirectory() as folder:  # where pytorch-fid looks for its weights
        name = "pt_inception-2015-12-05-6726825d.pth"
        hub = Path(folder) / "hub" / "checkpoints"
        hub.mkdir(parents=True)
        (hub / name).symlink_to(Path(weights).resolve())
        environment = {**os.environ, "TORCH_HOME": folder}
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command], env=environment, check=True, capture_output=True, text=True
        )
        return {"command_seconds": time.perf_counter() - start, "stdout": done.stdout[:200]}


def c2st(way: str) -> Mapping[str, Any]:
    """Ten splits of 300 iterations."""
    import ganeval

    n = scaled(5000)
    if way == "mlp":
        real, fake = rows(n, 64, 0), rows(n, 64, 1)
    else:
        real, fake = np.random.default_rng(0).integers(0, 256, (2, n, 32, 32, 3), dtype=np.uint8)
    run = lambda: ganeval.c2st(real, fake, classifier=way, iterations=300, repeats=10)  # noqa: E731
    return {"run_seconds": seconds(run, rounds=1)}


def kde(way: str) -> Mapping[str, Any]:
    """50,000 centres, 10,000 queries, 784 features."""
    import ganeval

    real, fake = rows(scaled(10_000), 784, 0), rows(scaled(50_000), 784, 1)
    call = lambda: ganeval.kde_log_likelihood(  # noqa: E731
        real, fake, bandwidth=1.0, interval=False, fast=way == "fast"
    )
    return {"run_seconds": seconds(call)}


def matrix(way: str) -> Mapping[str, Any]:
    """41 x 41 classes of 500 images each."""
    import ganeval

    per_class, d = scaled(500), int(way)
    labels = tuple(f"{i:02d}" for i in range(41) for _ in range(per_class))
    features = ganeval.Features(
        features=rows(len(labels), d, 0).cpu().numpy(),
        ids=tuple(f"{i:06d}" for i in range(len(labels))),
        labels=labels,
    )
    return {"run_seconds": seconds(lambda: ganeval.matrix(features, per_class=per_class), 1)}


def trainer(way: str) -> Mapping[str, Any]:
    """Steps per second of a recipe, and minutes for 100,000."""
    import torch

    from trainers.batches import Images
    from trainers.checkpoint import Run
    from trainers.data import DATA
    from trainers.loop import start, steps
    from trainers.recipes import RECIPES

    recipe, device = RECIPES[way], torch.device(DEVICE)
    run, source = Run(way, recipe), DATA[recipe.data]
    if len(source.shape) == 3:
        classes = len(source.classes)
        x = torch.randint(256, (6000, *source.shape), dtype=torch.uint8, device=device)
        y = torch.arange(6000, device=device) % max(classes, 1)
        data: Any = Images(x, y, classes, x[:100], y[:100])
    else:
        data = source.load(device)
    endless = steps(start(run, device), run, data, device)
    some = scaled(500)
    taken = seconds(lambda: [next(endless) for _ in range(some)], rounds=1) / some
    return {"steps_per_second": 1 / taken, "minutes_of_100000": taken * 100_000 / 60}


CASES: Mapping[str, tuple[Callable[[str], Mapping[str, Any]], tuple[str, ...]]] = {
    "extraction": (extraction, ("fp32", "bf16")),
    "fid": (fid, ("pytorch-fid", "fp32", "bf16")),
    "c2st": (c2st, ("mlp", "dcgan")),
    "kde": (kde, ("exact", "fast")),
    "matrix": (matrix, ("64", "512")),
    "trainer": (trainer, ("toy-wgan-gp", "lin6-projection")),
}


def measure(cell: Cell) -> Mapping[str, Any]:
    """What was found of a cell, with the device's name and the versions."""
    import torch

    import ganeval

    name = torch.cuda.get_device_name() if DEVICE.startswith("cuda") else DEVICE
    about = {"device": name, "torch": str(torch.__version__), "ganeval": ganeval.__version__}
    return {**CASES[cell.case][0](cell.way), **about}


if __name__ == "__main__":
    LISTS = {case: [Cell(case, way) for way in ways] for case, (_, ways) in CASES.items()}
    main(__doc__, LISTS, measure, replicates=None)
