"""Does one command on 100 + 100 volumes give what plain NumPy gives?

    python -m benchmarks.volumes.same

writes NIfTI files of 64 x 64 x 64 voxels into a folder of their own, runs `ganeval fid` on them and
computes the distance of the same planes in the straight line below.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np

from benchmarks._machine import machine
from benchmarks.volumes.fields import REAL, SMOOTHER, cell_means, volumes

N, GRID = 100, 8
OUT = Path(__file__).with_name("same.jsonl")


def write(folder: Path, population: object, seed: int) -> None:
    """Writes the volumes, stored as LPS as scanners have them."""
    folder.mkdir()
    for number, volume in enumerate(volumes(population, N, np.random.default_rng(seed))):
        image = nibabel.Nifti1Image(volume.transpose(2, 1, 0), np.diag([-1.0, -1, 1, 1]))
        nibabel.save(image, folder / f"case{number:03d}.nii.gz")


def plain(folder: Path, axes: str) -> np.ndarray:
    """Features of all planes by nibabel and NumPy alone."""
    rows = []
    for path in sorted(folder.iterdir()):
        volume = nibabel.as_closest_canonical(nibabel.load(path)).get_fdata()
        for axis in axes:
            planes = np.moveaxis((volume + 8) / 16, "xyz".index(axis), 0)
            rows.append(cell_means(planes.transpose(0, 2, 1), GRID))
    return np.concatenate(rows)


def frechet(x: np.ndarray, y: np.ndarray) -> float:
    """The formula: squared distance of the means, and the trace of covariances and their root."""
    a, b = np.cov(x.T), np.cov(y.T)
    root = np.sqrt(np.linalg.eigvals(a @ b).real.clip(0)).sum()
    return float(((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * root)


def main() -> None:
    """Runs both for planes across one axis and across three, and writes a line for each."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        sides = [Path(folder) / "real", Path(folder) / "fake"]
        write(sides[0], REAL, seed=1)
        write(sides[1], SMOOTHER, seed=2)
        for axes in ("z", "xyz"):
            options = ["--planes", axes, "--feature-net", "pixels", "--value-range=-8:8", "--json"]
            start = time.perf_counter()
            command = [sys.executable, "-m", "ganeval", "fid", *map(str, sides), *options, "-q"]
            run = subprocess.run(
                [*command, "--no-cache"], capture_output=True, text=True, check=True
            )
            seconds = time.perf_counter() - start
            score = json.loads(run.stdout)
            expected = frechet(*(plain(side, axes) for side in sides))
            line = {
                "planes": axes, "n_real": score["n_real"], "n_groups": score["n_groups"],
                "value": score["value"], "plain": expected,
                "relative_difference": abs(score["value"] / expected - 1),
                "corrected": score["corrected"], "interval": score["interval"],
                "seconds": round(seconds, 1), "machine": machine(),
            }  # fmt: skip
            lines.append(json.dumps(line) + "\n")
            print(lines[-1], end="", flush=True)
    OUT.write_text("".join(lines))


if __name__ == "__main__":
    main()
