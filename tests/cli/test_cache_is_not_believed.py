"""What lies in the cache is checked before it is printed."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def sides(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("real", "fake", "other"):
        np.save(tmp_path / f"{name}.npy", rng.standard_normal((40, 3)) + (name == "other"))
    return tmp_path


def entries(kind):
    return sorted((Path(os.environ["GANEVAL_CACHE"]) / kind).iterdir())


def _swap(first, second):
    moved = first.rename(first.with_name("moved"))
    second.rename(first)
    moved.rename(second)


def _flip(first, second):
    text = first.read_bytes()
    first.write_bytes(text.replace(b'"value": ', b'"value": 1', 1))


DAMAGE = {
    "swapped": _swap,
    "edited": _flip,
    "emptied": lambda first, second: first.write_bytes(b""),
    "copied": lambda first, second: shutil.copy(second, first),
    "cut": lambda first, second: os.truncate(first, 60),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_scores_are_computed_again(run, sides, damage):
    def printed(fake):
        done = run("fid", sides / "real.npy", sides / fake)
        assert done.exit_code == 0, done.output
        return done.stdout

    before = printed("fake.npy"), printed("other.npy")
    assert before[0] != before[1]
    DAMAGE[damage](*entries("scores"))
    assert (printed("fake.npy"), printed("other.npy")) == before


def test_an_edited_feature_file_does_not_keep_its_old_score(run, sides):
    images = np.random.default_rng(0).integers(0, 256, (2, 40, 8, 8, 1), np.uint8)
    for name, stack in zip(("real", "fake"), images, strict=True):
        np.save(sides / f"{name}.npy", stack)
        path = sides / f"{name}.npz"
        run("features", "extract", sides / f"{name}.npy", "-o", path, "--feature-net", "pixels")
    fake = sides / "fake.npz"
    assert run("kid", sides / "real.npz", fake).exit_code == 0
    arrays = dict(np.load(fake))
    np.savez(fake, **(arrays | {"features": 3 * arrays["features"] + 5}))
    done = run("kid", sides / "real.npz", fake)
    assert done.exit_code == 2
    assert "they were edited" in done.stderr and len(done.stderr.splitlines()) == 1
