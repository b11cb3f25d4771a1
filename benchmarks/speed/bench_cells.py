"""Simulated cells: whole commands beside the same work on arrays in memory, workers ready."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.speed.conftest import Measure

Command = Callable[[Sequence[Any]], str]

PROTEINS = "Arp3,Tea1,Mkh1,Act1"


def cells_of(n: int) -> np.ndarray:
    """[n, 2, 48, 80] uint8."""
    from ganeval.datasets.synthlin import simulate

    return simulate("Arp3", n, seed=0).images


@pytest.mark.parametrize("tool", ["ganeval", "measuring alone"])
def bench_morphology(
    tool: str,
    quick: bool,
    cells: Callable[[int], tuple[Path, Path]],
    command: Command,
    measure: Measure,
) -> None:
    """`ganeval fid A B --feature-net morphology` beside the net on arrays, one process, halved."""
    from ganeval.nets.morphology import CARD, measure_images

    n = 20 if quick else 1000
    folders = cells(n)
    images = cells_of(n).astype(np.float32) / 255
    ours = ["-m", "ganeval", "fid", *folders, "--feature-net", "morphology", "--no-cache"]
    ours += ["--channels", "0,1", "--num-workers", "2"]
    measure(
        (lambda: command(ours)) if tool == "ganeval" else lambda: measure_images(CARD, images),
        case="morphology of two folders, 2 workers",
        tool=tool,
        n=n,
        d=0,
        rounds=3,
    )


@pytest.mark.parametrize("tool", ["ganeval", "drawing alone"])
def bench_synthlin(
    tool: str, quick: bool, tmp_path: Path, command: Command, measure: Measure
) -> None:
    """`ganeval data synthlin` with two processes beside half of the drawing in one."""
    n = 10 if quick else 500
    out = tmp_path / "cells"
    ours = ["-m", "ganeval", "data", "synthlin", out, "--per-class", n, "--test-per-class", 0]
    ours += ["--proteins", PROTEINS, "--num-workers", "2"]
    measure(
        (lambda: command(ours)) if tool == "ganeval" else lambda: cells_of(2 * n),
        case="synthlin, 4 proteins, 2 workers",
        tool=tool,
        n=n,
        d=0,
        rounds=3,
        setup=lambda: shutil.rmtree(out, ignore_errors=True),
    )
