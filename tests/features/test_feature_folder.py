"""Features in a folder: written block by block, resumed after a kill, opened without being read."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import ganeval
from ganeval.features import merge_into_folder
from ganeval.features.folder import BLOCK

N = 2 * BLOCK + 77


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for i in range(N):
        Image.fromarray(rng.integers(0, 255, (4, 4), np.uint8)).save(folder / f"{i:05d}.bmp")
    return folder


def killed_at(done, source, folder, *, on_error="fail"):
    """Extracts in another process, which kills itself once so many images are done."""
    code = f"""
import os, signal, ganeval
def stop(done, total):
    if done >= {done}:
        os.kill(os.getpid(), signal.SIGKILL)
images = ganeval.open_images({str(source)!r}, on_error={on_error!r})
ganeval.extract(images, "pixels", folder={str(folder)!r}, progress=stop)
"""
    return subprocess.run([sys.executable, "-c", code]).returncode


def test_a_killed_run_resumes_from_its_last_complete_block_and_ends_as_if_it_had_not_been(
    pictures, tmp_path
):
    (pictures / "00007.bmp").write_bytes(b"no picture")
    images = ganeval.open_images(pictures, on_error="skip")
    folder = tmp_path / "a.features"
    assert killed_at(2 * BLOCK + 50, pictures, folder, on_error="skip") == -9
    assert not (folder / "meta.json").exists()
    done = []
    found = ganeval.extract(
        images, "pixels", folder=folder, progress=lambda now, total: done.append(now)
    )
    assert done[0] > 2 * BLOCK  # what is done again is less than a block
    whole = ganeval.extract(images, "pixels", cache=False)
    assert found.digest() == whole.digest()
    assert found.protocol == whole.protocol
    assert "skipped 1 of" in "".join(found.warnings)
    # NumPy reads its files as any others.
    np.testing.assert_array_equal(np.load(folder / "features.npy"), whole.features)
    again = ganeval.extract(images, "pixels", folder=folder, progress=pytest.fail)
    assert again.digest() == whole.digest()
    (pictures / "00007.bmp").unlink()


def rows(n, d=3, seed=0):
    values = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return ganeval.Features(
        values,
        tuple(f"{seed} {i}" for i in range(n)),
        logits=values[:, :2],
        classes=("a", "b"),
        labels=tuple("ab"[i % 2] for i in range(n)),
    )


def test_a_saved_folder_is_the_same_features_of_which_no_row_is_read_before_it_is_used(tmp_path):
    given = rows(2000)
    given.save(tmp_path / "x.features")
    found = ganeval.Features.load(tmp_path / "x.features")
    assert isinstance(found.features, np.memmap)
    assert found.digest() == given.digest()
    assert ganeval.kid(tmp_path / "x.features", rows(50, seed=1)).value == pytest.approx(
        ganeval.kid(given, rows(50, seed=1)).value, rel=1e-12
    )


def test_parts_merge_into_a_folder_as_they_do_in_memory(tmp_path):
    whole = rows(1300)
    parts = [whole.take(np.arange(i, 1300, 3)) for i in range(3)]
    found = merge_into_folder(parts, tmp_path / "all.features")
    wanted = ganeval.merge_features(parts)
    assert found.digest() == wanted.digest()
    assert ganeval.Features.load(tmp_path / "all.features").digest() == wanted.digest()
    with pytest.raises(ganeval.InputError, match="is in two of the files"):
        merge_into_folder([parts[0], parts[0]], tmp_path / "twice.features")
    with pytest.raises(ganeval.InputError, match="features per image"):
        merge_into_folder([parts[0], rows(9, d=4, seed=5)], tmp_path / "other.features")


def damage(folder, what):
    if what == "fewer rows than announced":
        file = folder / "features.npy"
        file.write_bytes(file.read_bytes()[:-8])
    elif what == "pickled objects":
        np.save(folder / "features.npy", np.array([[{}], [{}]]), allow_pickle=True)
    elif what == "a row less in one file":
        np.save(folder / "logits.npy", np.load(folder / "logits.npy")[1:])
    elif what == "no file of rows":
        (folder / "features.npy").unlink()
    elif what == "a pipe":
        (folder / "features.npy").unlink()
        os.mkfifo(folder / "features.npy")
    else:
        (folder / "meta.json").write_text(json.dumps([what]))


@pytest.mark.parametrize(
    "what",
    [
        *("fewer rows than announced", "pickled objects", "a row less in one file"),
        *("no file of rows", "a pipe", "another text"),
    ],
)
def test_a_damaged_folder_is_refused_in_words(tmp_path, what):
    rows(20).save(tmp_path / "x.features")
    damage(tmp_path / "x.features", what)
    with pytest.raises(ganeval.InputError, match="x.features") as caught:
        ganeval.Features.load(tmp_path / "x.features")
    assert "\n" not in str(caught.value)


def test_a_folder_of_something_else_is_left_alone(pictures, tmp_path):
    rows(20).save(tmp_path / "other.features")
    with pytest.raises(ganeval.InputError, match="holds features of other images"):
        ganeval.extract(pictures, "pixels", folder=tmp_path / "other.features")
    (tmp_path / "mine.features").mkdir()
    (tmp_path / "mine.features" / "thesis.txt").write_text("text")
    with pytest.raises(ganeval.InputError, match="holds other files"):
        ganeval.extract(pictures, "pixels", folder=tmp_path / "mine.features")
    assert (tmp_path / "mine.features" / "thesis.txt").read_text() == "text"
    with pytest.raises(ganeval.InputError, match=r"end its name in \.features"):
        ganeval.extract(pictures, "pixels", folder=tmp_path / "folder")
    with pytest.raises(ganeval.InputError, match="exclude each other"):
        ganeval.extract(pictures, "pixels", folder=tmp_path / "x.features", process_group=0)
