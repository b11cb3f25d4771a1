"""Files of mu and sigma go from us to pytorch-fid and back, and mean the same."""

import json

import numpy as np
import pytest

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours


def printed(stdout):
    """The number behind `FID: ` on the last line of pytorch-fid's output."""
    return float(stdout.splitlines()[-1].removeprefix("FID: "))


@pytest.fixture
def ours(rows, tmp_path, ganeval_command):
    """Two files of rows [n, 64] and what `stats save` makes of them."""
    pairs = []
    for i, name in enumerate(("real", "fake")):
        features, statistics = tmp_path / f"{name}.npy", tmp_path / f"{name}.npz"
        np.save(features, rows(250 + 50 * i, 64, seed=i, offset=0.4, tilt=0.3 * i))
        ganeval_command("stats", "save", features, "-o", statistics)
        pairs.append((features, statistics))
    return pairs


def test_pytorch_fid_reads_the_moments_of_our_file(ours):
    from pytorch_fid.fid_score import compute_statistics_of_path

    for features, statistics in ours:
        rows = np.load(features)
        mu, sigma = compute_statistics_of_path(str(statistics), None, 50, 64, "cpu")
        np.testing.assert_allclose(mu, rows.mean(axis=0), rtol=1e-10)
        expected = np.cov(rows, rowvar=False)
        np.testing.assert_allclose(sigma, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_pytorch_fids_command_prints_our_number_for_our_files(
    ours, ganeval_command, pytorch_fid_command
):
    (_, real), (_, fake) = ours
    expected = printed(pytorch_fid_command(real, fake, "--dims", 64))
    score = json.loads(ganeval_command("fid", real, fake, "--json"))
    assert score["value"] == pytest.approx(expected, rel=1e-6)
    assert score["interval"] is not None, "our own files keep their blocks"


def test_we_read_what_pytorch_fid_saved(jpegs, tmp_path, ganeval_command, pytorch_fid_command):
    """Its first 64 features: enough images for a distance that both know to 1e-6."""
    saved, moved = tmp_path / "saved.npz", tmp_path / "moved.npz"
    pytorch_fid_command("--save-stats", "--dims", 64, jpegs(200), saved)
    with np.load(saved) as file:
        np.savez(moved, mu=1.1 * file["mu"], sigma=1.5 * file["sigma"])
    expected = printed(pytorch_fid_command(saved, moved, "--dims", 64))
    score = json.loads(ganeval_command("fid", saved, moved, "--json"))
    assert score["value"] == pytest.approx(expected, rel=1e-6)
    assert score["n_real"] is None and score["interval"] is None, "mu and sigma alone keep neither"
    assert ganeval.fid(saved, moved).value == score["value"]
