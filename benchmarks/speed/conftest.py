"""What the benchmarks share: the images, the weights, whole commands; rounds.py times them."""

import io
import math
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFilter

from benchmarks.speed.rounds import Measure as Measure

REPOSITORY = Path(__file__).resolve().parents[2]
WEIGHTS_FILE = "pt_inception-2015-12-05-6726825d.pth"


@pytest.fixture(scope="session")
def quick(request: pytest.FixtureRequest) -> bool:
    """Whether a rough answer will do."""
    return bool(request.config.getoption("--quick"))


@pytest.fixture(scope="session")
def speed() -> Mapping[str, float]:
    """Multiplications and additions per second that this machine does in large products."""
    import torch

    found = {}
    for name, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        a = torch.randn(2048, 2048, dtype=dtype)
        times = []
        for _ in range(4):
            start = time.perf_counter()
            a @ a
            times.append(time.perf_counter() - start)
        found[name] = 2 * 2048**3 / min(times)
    return found


@pytest.fixture(scope="session")
def jpegs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[Path, Path]]:
    """Two folders of n CIFAR-10 JPEGs each, the second blurred."""
    data = Path(os.environ.get("GANEVAL_DATA", REPOSITORY.parent / "shared" / "data"))
    archive = data / "cifar10" / "test.zip"
    if not archive.is_file():
        pytest.skip(f"no CIFAR-10 at {archive}; set GANEVAL_DATA")

    def make(n: int) -> tuple[Path, Path]:
        real, fake = (tmp_path_factory.mktemp(side) for side in ("real", "fake"))
        with zipfile.ZipFile(archive) as file:
            names = sorted(name for name in file.namelist() if name.endswith(".jpg"))
            step = len(names) // (2 * n)
            for i, name in enumerate(names[:: 2 * step][:n]):
                (real / f"{i:05d}.jpg").write_bytes(file.read(name))
            for i, name in enumerate(names[step :: 2 * step][:n]):
                image = Image.open(io.BytesIO(file.read(name)))
                image.filter(ImageFilter.GaussianBlur(1)).save(fake / f"{i:05d}.jpg", quality=95)
        return real, fake

    return make


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[Path, Path]]:
    """Two folders of n simulated cells each, RGB PNG of 48 x 80 pixels with an empty blue."""
    from ganeval.datasets.synthlin import write_model

    made: dict[int, tuple[Path, Path]] = {}

    def make(n: int) -> tuple[Path, Path]:
        if n not in made:
            root = tmp_path_factory.mktemp("cells")
            for seed, side in enumerate(("real", "fake")):
                write_model(root / side, per_class=n, proteins=["Arp3"], seed=seed)
            made[n] = root / "real" / "Arp3", root / "fake" / "Arp3"
        return made[n]

    return make


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The card of a net for 3 channels of 48 x 80 pixels, as `ganeval nets train` makes it."""
    import numpy as np

    import ganeval

    images = np.random.default_rng(0).integers(0, 256, (200, 48, 80, 3), dtype=np.uint8)
    out = tmp_path_factory.mktemp("nets")
    ganeval.train_net(images, name="trained", out=out, epochs=1, unlabelled=True)
    return next(out.rglob("*.json"))


def random_weights() -> dict[str, Any]:
    """Inception's weights at random.

    Activations keep their size from layer to layer, as with the official ones: numbers that
    vanish are slower.
    """
    import torch

    from ganeval.nets.inception import _empty_network

    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, empty in _empty_network().state_dict().items():
        if empty.ndim > 1:
            gain = math.sqrt(2 / empty[0].numel())
            state[name] = gain * torch.randn(empty.shape, generator=generator)
        elif name.endswith(("bn.weight", "running_var")):
            state[name] = 0.5 + torch.rand(empty.shape, generator=generator)
        elif empty.ndim == 1:
            state[name] = 0.1 * torch.randn(empty.shape, generator=generator)
        else:
            state[name] = torch.zeros((), dtype=torch.int64)
    return state


@pytest.fixture(scope="session")
def torch_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TORCH_HOME where pytorch-fid finds random weights under the official ones' name."""
    import torch

    home = tmp_path_factory.mktemp("torch")
    (home / "hub" / "checkpoints").mkdir(parents=True)
    torch.save(random_weights(), home / "hub" / "checkpoints" / WEIGHTS_FILE)
    return home


@pytest.fixture(scope="session")
def weights(torch_home: Path) -> Path:
    """The file of weights itself."""
    return torch_home / "hub" / "checkpoints" / WEIGHTS_FILE


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of ganeval's commands, empty at first."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def command(tmp_path: Path, cache: Path, torch_home: Path) -> Callable[[Sequence[Any]], str]:
    """Runs `python …` as a whole process and returns its stdout."""
    environment = {
        **os.environ,
        "GANEVAL_CACHE": str(cache),
        "GANEVAL_HOME": str(tmp_path / "home"),
        "TORCH_HOME": str(torch_home),
    }

    def call(arguments: Sequence[Any]) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call
