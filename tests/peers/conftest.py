"""Data that every package can look at: feature rows, folders of JPEGs, weights for Inception."""

import io
import math
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageFilter


def make_rows(n, d, *, seed, scale=1.0, offset=0.0, tilt=0.0):
    """[n, d] float64 with the spectrum of real features: few strong directions, many weak ones.

    `offset` is the mean of all features; `tilt` moves mean and covariance away from tilt 0.
    """
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(d).normal(size=(d, d)) / d**0.5  # the same for every seed
    strengths = (np.arange(1, d + 1) / d) ** -(0.4 - 0.2 * tilt)
    rows = (rng.normal(size=(n, d)) * strengths) @ mix + tilt * np.cos(np.arange(d))
    return scale * (rows + offset)


@pytest.fixture(scope="session")
def rows():
    return make_rows


@pytest.fixture(scope="session")
def jpegs(data_dir, tmp_path_factory):
    """Makes a folder of n CIFAR-10 test images as JPEGs of all classes, `blurred` on demand."""
    archive = data_dir / "cifar10" / "test.zip"
    if not archive.is_file():
        pytest.skip(f"no CIFAR-10 at {archive}")

    def make(n, *, start=0, blurred=False):
        folder = tmp_path_factory.mktemp("jpegs")
        with zipfile.ZipFile(archive) as file:
            names = sorted(name for name in file.namelist() if name.endswith(".jpg"))
            for i, name in enumerate(names[start :: len(names) // n][:n]):
                content = file.read(name)
                if blurred:
                    image = Image.open(io.BytesIO(content)).filter(ImageFilter.GaussianBlur(1))
                    image.save(folder / f"{i:04d}.jpg", quality=95)
                else:
                    (folder / f"{i:04d}.jpg").write_bytes(content)
        return folder

    return make


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """A file of random weights in the form of the official one."""
    import torch

    from ganeval.nets.inception import _empty_network

    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, empty in _empty_network().state_dict().items():
        if empty.ndim > 1:  # keeps the size of activations from layer to layer
            gain = math.sqrt(2 / empty[0].numel())
            state[name] = gain * torch.randn(empty.shape, generator=generator)
        elif name.endswith(("bn.weight", "running_var")):
            state[name] = 0.5 + torch.rand(empty.shape, generator=generator)
        elif empty.ndim == 1:
            state[name] = 0.1 * torch.randn(empty.shape, generator=generator)
        else:
            state[name] = torch.zeros((), dtype=torch.int64)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def ganeval_command():
    """Runs our command line in this process and returns what it prints on stdout."""
    from typer.testing import CliRunner

    from ganeval.cli import main

    def call(*arguments):
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    return call


@pytest.fixture
def pytorch_fid_command(weights, monkeypatch, capsys):
    """Runs pytorch-fid's own command line, with our weights in place of its download."""
    import torch
    from pytorch_fid import fid_score, inception

    state = torch.load(weights, weights_only=True)
    monkeypatch.setattr(inception, "load_state_dict_from_url", lambda *a, **k: state)

    def call(*arguments):
        given = [str(argument) for argument in arguments]
        argv = ["pytorch-fid", "--device", "cpu", "--num-workers", "0", *given]
        monkeypatch.setattr(sys, "argv", argv)
        capsys.readouterr()
        fid_score.main()
        return capsys.readouterr().out

    return call
