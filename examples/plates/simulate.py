"""Plates of a microscope, and what two models made of them: 16-bit TIFFs, one file per channel.

    python examples/plates/simulate.py plates

writes plates/real/PLATE/WELL/SITE_CHANNEL.tif, plates/treatments.csv, and the fakes of two models
in folders of treatments. Channels are nuclei, membranes and a marker. One drug makes some nuclei
large, another the marker bright; the model "dim" makes the marker half as bright as it is.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import tifffile

SIZE, CELLS = 32, 3
TREATMENTS = {"control": (1.0, 1.0), "arrest": (1.5, 1.0), "induce": (1.0, 2.0)}
"""Sizes of nuclei and brightness of the marker, next to those of the control."""


def field(treatment: str, rng: np.random.Generator, *, lamp: float, marker: float) -> np.ndarray:
    """One field of view, [3, SIZE, SIZE] uint16, under a lamp that differs between plates."""
    y, x = np.mgrid[:SIZE, :SIZE]
    large, bright = TREATMENTS[treatment]
    image = np.zeros((3, SIZE, SIZE))
    for centre in rng.uniform(4, SIZE - 4, (CELLS, 2)):
        away = np.hypot(y - centre[0], x - centre[1])
        radius = 2.5 * large ** rng.integers(2) * rng.normal(1, 0.1)
        image[0] += 1500 / (1 + np.exp(2 * (away - radius)))
        image[1] += 1000 * np.exp(-((away - 2.5 * radius) ** 2) / 2)
        image[2] += 600 * bright * marker * rng.normal(1, 0.2) * np.exp(-(away**2) / radius**2 / 4)
    return rng.poisson(lamp * image + 100).clip(0, 4095).astype(np.uint16)


def write(path: Path, image: np.ndarray) -> None:
    """Writes one file per channel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for number, channel in enumerate(image, 1):
        tifffile.imwrite(f"{path}_c{number}.tif", channel)


def main(out: Path) -> None:
    """Twelve plates of six wells, and two models of them."""
    rng, rows = np.random.default_rng(0), [("image", "treatment")]
    for plate in (f"plate{number:02d}" for number in range(1, 13)):
        lamp = rng.normal(1, 0.05)
        for i, well in enumerate(("B02", "B03", "B04", "C02", "C03", "C04")):
            treatment = list(TREATMENTS)[i % 3]
            for name in (f"{plate}/{well}/s{site}" for site in (1, 2)):
                write(out / "real" / name, field(treatment, rng, lamp=lamp, marker=1))
                rows.append((f"{name}.tif", treatment))
    with (out / "treatments.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    for model, marker in (("good", 1), ("dim", 0.5)):
        for treatment in TREATMENTS:
            for i in range(32):
                lamp = rng.normal(1, 0.05)
                path = out / model / treatment / f"{i:03d}"
                write(path, field(treatment, rng, lamp=lamp, marker=marker))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
