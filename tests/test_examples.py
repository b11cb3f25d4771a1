import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
NEEDS_PEERS = {"embed_on_ray", "score_in_lightning"}


def run(path, folder, *options):
    assert len(path.read_text().splitlines()) < 60
    # Ray would join a cluster that another test runs at the same time.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAY_ADDRESS": "local"}
    done = subprocess.run(
        [sys.executable, *options, str(path)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert list(folder.iterdir()) == []
    return done.stdout


@pytest.mark.parametrize(
    "path", [path for path in EXAMPLES if path.stem not in NEEDS_PEERS], ids=lambda path: path.stem
)
def test_example_runs_and_is_short(path, tmp_path):
    run(path, tmp_path, "-W", "error")


@pytest.mark.parametrize("name", ["cellflux", "morphodiff"])
def test_the_evaluation_of_a_paper_takes_at_most_thirty_lines(name):
    [path] = [path for path in EXAMPLES if path.stem == f"evaluate_like_{name}"]
    assert len(path.read_text().splitlines()) <= 30


@pytest.mark.peers
@pytest.mark.parametrize("name", sorted(NEEDS_PEERS))
def test_example_of_another_package_runs(name, tmp_path):
    """Without warnings as errors: Lightning itself warns."""
    [path] = [path for path in EXAMPLES if path.stem == name]
    shown = run(path, tmp_path)
    fid, kid = (
        float(re.search(rf"'{metric}': (\S+?)[,}}]", shown)[1]) for metric in ("fid", "kid")
    )
    assert fid > 0 and kid > 0
