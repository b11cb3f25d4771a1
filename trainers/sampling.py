"""Images from a system: arrays, files, and the picture of a checkpoint."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from ganeval.errors import InputError
from ganeval.files import whole, whole_folder
from ganeval.npz import write_arrays
from ganeval.report.text import WORDS, drawable, save_picture
from trainers.chance import generator

if TYPE_CHECKING:
    from trainers._base import System
    from trainers.batches import Data
    from trainers.checkpoint import Run

COLUMNS = 8
"""Columns in the picture of a checkpoint."""
NO_FOLDERS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".npy", ".zip", ".h5"}
"""File extensions; a user who gives one does not want a folder."""

_CHUNK = 250
"""Images at once; fixed, because the rounding of convolutions depends on it."""


def samples(
    system: "System", steady: nn.Module, labels: np.ndarray, *, seed: int
) -> Iterator[np.ndarray]:
    """Yields images [n, c, h, w] uint8, or points [n, 2] float32, of these classes [m]."""
    drawer = with_generator(system, steady).eval()
    device = next(steady.parameters()).device
    for start in range(0, len(labels), _CHUNK):
        y = torch.from_numpy(labels[start : start + _CHUNK].astype(np.int64)).to(device)
        rng = generator(seed, "samples", start, device=device)
        z = torch.randn(_CHUNK, system.noise, generator=rng, device=device)[: len(y)]
        with torch.no_grad():
            yield as_pixels(drawer.pictures(z, y))


def with_generator(system: "System", g: nn.Module) -> "System":
    """The same system with another generator; both share their discriminator."""
    other = copy.copy(system)
    other._modules = {**system._modules, "g": g}
    return other


def as_pixels(x: Tensor) -> np.ndarray:
    """Converts images from [-1, 1] to uint8; points stay as they are."""
    if x.ndim == 2:
        return x.float().cpu().numpy()
    pixels: np.ndarray = ((x.float() + 1) * 127.5).round().clamp(0, 255).byte().cpu().numpy()
    return pixels


def write(
    batches: Iterator[np.ndarray], labels: np.ndarray, classes: tuple[str, ...], out: Path
) -> None:
    """Writes an `.npz` (`arr_0` [n, h, w, c] or [n, 2], and `labels`), or a folder of PNG.

    A folder has one folder per class; two channels become RGB with an empty blue, as in LIN.
    Both appear only when they are complete.

    Raises:
        InputError: points are written to a folder, or the folder exists.
    """
    if out.suffix == ".npz":
        everything = np.concatenate(list(batches))
        pixels = np.moveaxis(everything, 1, -1) if everything.ndim == 4 else everything
        content = {"arr_0": pixels}
        if classes:
            content["labels"] = np.array(classes)[labels]
        write_arrays(out, content)
        return
    if out.exists() or out.suffix.lower() in NO_FOLDERS:
        reason = "exists" if out.exists() else "would be a folder of that name"
        raise InputError(f"{out} {reason}; name a new folder, or a .npz file")
    at = 0
    with whole_folder(out) as beside:
        for batch in batches:
            if batch.ndim != 4:
                raise InputError(f"points are not pictures; write them to a file: {out}.npz")
            for image in batch:
                folder = beside / classes[labels[at]] if classes else beside
                folder.mkdir(parents=True, exist_ok=True)
                picture(image).save(folder / f"{at:06d}.png")
                at += 1


def picture(image: np.ndarray):  # type: ignore[no-untyped-def]  # Pillow is slow to import
    """A Pillow image of [c, h, w] uint8; a second channel is green, a missing third is empty."""
    from PIL import Image

    if len(image) == 1:
        return Image.fromarray(image[0])
    rgb = np.zeros((3, *image.shape[1:]), np.uint8)
    rgb[: len(image)] = image[:3]
    return Image.fromarray(np.moveaxis(rgb, 0, -1))


def show(system: "System", steady: nn.Module, data: "Data", run: "Run", path: Path) -> None:
    """Writes a picture of samples, which are drawn from the same noise at every checkpoint.

    It has a row per class (the first ten) and the same noise in each column; points are shown
    next to real ones.
    """
    source = system.task.data
    if len(source.shape) == 1:
        return _show_points(system, steady, data, run, path)
    rows = min(len(system.classes), 10) or COLUMNS
    device = next(steady.parameters()).device
    rng = generator(run.seed, "picture", device=device)
    n = COLUMNS if system.classes else COLUMNS**2
    z = torch.randn(n, system.noise, generator=rng, device=device)
    drawer = with_generator(system, steady)
    was, _ = drawer.training, drawer.eval()
    with torch.no_grad():
        if system.classes:
            each = [torch.full((COLUMNS,), k, device=device) for k in range(rows)]
            x = torch.cat([drawer.pictures(z, y) for y in each])
        else:
            x = drawer.pictures(z, torch.from_numpy(system.spread(n)).to(device))
    drawer.train(was)
    tiles = as_pixels(x).reshape(rows, COLUMNS, *source.shape)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (0, 0), (0, 2), (0, 2)))
    r, k, c, h, w = tiles.shape
    with whole(path) as beside:
        picture(tiles.transpose(2, 0, 3, 1, 4).reshape(c, r * h, k * w)).save(beside, format="png")


def _show_points(system: "System", steady: nn.Module, data: "Data", run: "Run", path: Path) -> None:
    from matplotlib.figure import Figure

    classes = system.classes
    labels = system.spread(2500)
    fake = np.concatenate(list(samples(system, steady, labels, seed=run.seed)))
    real, real_labels = data.held_out(2500)
    figure = Figure(figsize=(8, 4), layout="constrained")
    for axes, points, y, title in zip(
        figure.subplots(1, 2), (real, fake), (real_labels, labels), ("real", run.name), strict=True
    ):
        axes.scatter(*points.T, s=2, linewidths=0, **({"c": y} if classes else {}))
        reach = 1.25 * np.abs(real).max()
        axes.set_title(drawable(title), **WORDS)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    save_picture(figure, path, dpi=100)
