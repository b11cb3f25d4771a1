"""Precision, recall, density and coverage beside the two packages that have them."""

import contextlib
import io
import subprocess
import sys

import numpy as np
import pytest

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours


def prdc_package(real, fake, k):
    from prdc import compute_prdc

    with contextlib.redirect_stdout(io.StringIO()):
        found = compute_prdc(real, fake, nearest_k=k)
    return [found[name] for name in ("precision", "recall", "density", "coverage")]


def torch_fidelity(real, fake, k, *, save_memory):
    """(precision, recall); its first input is the generated images."""
    import torch
    from torch_fidelity import metric_prc

    found = metric_prc.prc_features_to_metric(
        torch.from_numpy(fake),
        torch.from_numpy(real),
        prc_neighborhood=k,
        prc_batch_size=100,
        save_cpu_ram=save_memory,
        verbose=False,
    )
    return [
        found[metric_prc.KEY_METRIC_PRECISION],
        found[metric_prc.KEY_METRIC_RECALL],
    ]


SIZES = pytest.mark.parametrize(("n", "m", "d"), [(50, 60, 4), (700, 600, 64), (300, 300, 2048)])


@SIZES
@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("offset", [0.0, 0.4])
def test_all_four_are_the_prdc_packages_with_open_balls(n, m, d, k, offset, rows):
    real, fake = rows(n, d, seed=0, offset=offset), rows(m, d, seed=1, offset=offset, tilt=0.1)
    ours = [score.value for score in ganeval.prdc(real, fake, k=k, ball="open")]
    assert ours == pytest.approx(prdc_package(real, fake, k), abs=1e-12)


@SIZES
@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("save_memory", [False, True])
def test_precision_and_recall_are_torch_fidelitys_with_closed_balls(n, m, d, k, save_memory, rows):
    real, fake = rows(n, d, seed=0), rows(m, d, seed=1, tilt=0.1)
    ours = [score.value for score in ganeval.prdc(real, fake, k=k, ball="closed")[:2]]
    assert ours == pytest.approx(torch_fidelity(real, fake, k, save_memory=save_memory), abs=1e-6)


def test_on_the_edge_the_packages_differ_and_we_follow_either():
    """Copies of one image at whole numbers, where every distance is exact for all."""
    real = np.array([[0.0], [0.0], [4.0], [8.0]])
    fake = np.array([[0.0], [4.0], [6.0], [12.0]])
    opened = [score.value for score in ganeval.prdc(real, fake, k=1, ball="open")]
    closed = [score.value for score in ganeval.prdc(real, fake, k=1, ball="closed")]
    assert opened == prdc_package(real, fake, 1)
    assert closed[:2] == torch_fidelity(real, fake, 1, save_memory=False)
    assert opened[0] < closed[0]


def test_float32_rows_at_an_offset_are_the_package_on_centred_float64(rows):
    real, fake = (
        rows(400, 64, seed=i, offset=3000.0, tilt=0.1 * i).astype(np.float32) for i in range(2)
    )
    center = real.astype(np.float64).mean(0)
    exact = prdc_package(real - center, fake - center, 5)
    ours = [score.value for score in ganeval.prdc(real, fake, k=5, ball="open")]
    assert ours == pytest.approx(exact, abs=1e-12)


_PEAK = """
import contextlib, re, sys
from pathlib import Path
import numpy as np
def peak():  # kilobytes
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
real, fake = np.random.default_rng(0).normal(size=(2, 4000, 64)).astype(np.float32)
{given}
call(real[:50], fake[:50])  # imports and threads
before = peak()
call(real, fake)
print(peak() - before)
"""

_OURS = """
import ganeval
call = lambda x, y: ganeval.prdc(x, y, k=5, ball="open", interval=False)
"""

_THEIRS = """
import prdc
def call(x, y):
    with contextlib.redirect_stdout(sys.stderr):
        prdc.compute_prdc(x, y, nearest_k=5)
"""


def test_it_takes_a_quarter_of_the_packages_memory_at_most():
    ours, theirs = (
        int(
            subprocess.run(
                [sys.executable, "-c", _PEAK.format(given=given)],
                capture_output=True,
                check=True,
                text=True,
            ).stdout
        )
        for given in (_OURS, _THEIRS)
    )
    assert 4 * ours < theirs
