"""Features of many simulated cells of every protein, simulated once and kept: draws are cheap.

python -m benchmarks.obedience.pool DIR

makes DIR/NET/PROTEIN.npy, [cells, features]; a run that was killed goes on where it stopped.
"""

import functools
import sys
from pathlib import Path

import numpy as np

NETS = ("lin41", "morphology")
CELLS, STEP = 1000, 250
"""Cells of each protein, and how many are simulated at once."""


def write_pool(folder: Path) -> None:
    """Simulates what the folder lacks."""
    import torch

    from ganeval import extract
    from ganeval.datasets import LIN41
    from ganeval.datasets.synthlin import simulate

    torch.set_num_threads(1)
    for protein in LIN41:
        paths = [folder / net / f"{protein}.npy" for net in NETS]
        if all(path.exists() for path in paths):
            continue
        parts: list[list[np.ndarray]] = [[] for _ in NETS]
        for start in range(0, CELLS, STEP):
            images = torch.from_numpy(simulate(protein, STEP, start=start, part="test").images)
            for net, rows in zip(NETS, parts, strict=True):
                rows.append(np.asarray(extract(images, net).features, np.float32))
        for path, rows in zip(paths, parts, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, np.concatenate(rows))
        print(protein, flush=True)


@functools.cache
def read_pool(folder: Path, net: str) -> dict[str, np.ndarray]:
    """[cells, features] of every protein, by its name."""
    paths = sorted((folder / net).glob("*.npy"))
    if not paths:
        sys.exit(f"{folder}/{net} has no pool; make it: python -m benchmarks.obedience.pool DIR")
    return {path.stem: np.load(path, allow_pickle=False) for path in paths}


if __name__ == "__main__":
    write_pool(Path(sys.argv[1]))
