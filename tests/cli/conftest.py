import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ganeval.cli import main


@pytest.fixture
def run():
    """Runs the command line in this process: `run("fid", real, fake).stdout`."""

    def call(*arguments):
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return call


@pytest.fixture
def folder(tmp_path):
    """Makes a folder of grey PNG files: `folder("real", n=100, seed=0)`."""

    def make(name, *, n=120, size=(8, 8), seed=0, shift=0):
        rng = np.random.default_rng(seed)
        path = tmp_path / name
        path.mkdir(parents=True)
        for i in range(n):
            pixels = rng.integers(0, 200, size, dtype=np.uint8) + np.uint8(shift)
            Image.fromarray(pixels).save(path / f"{i:04d}.png")
        return path

    return make
