"""Whatever is wrong with the input: one line, exit code 2, no traceback."""

import zipfile

import numpy as np
import pytest
from PIL import Image


def truncated(path):
    Image.effect_noise((64, 64), 50).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def make_text(folder):
    (folder / "0005.png").write_text("this is not a picture")


def make_truncated(folder):
    truncated(folder / "0005.jpg")


def make_empty(folder):
    (folder / "0005.png").write_bytes(b"")


def make_other_size(folder):
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(folder / "0005.png")


def make_other_channels(folder):
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "0005.png")


BROKEN = [make_text, make_truncated, make_empty, make_other_size, make_other_channels]


def assert_one_line(done, *words):
    assert done.exit_code == 2, (done.stdout, done.stderr, done.exception)
    assert done.stdout == ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in errors[0]


@pytest.mark.parametrize("make", BROKEN)
def test_one_broken_image_is_named(run, folder, make):
    real, fake = folder("real"), folder("fake", seed=1)
    make(fake)
    assert_one_line(run("fid", real, fake, "--feature-net", "pixels"), "0005")


@pytest.mark.parametrize("make", BROKEN[:3])
def test_a_broken_image_can_be_skipped(run, folder, make):
    real, fake = folder("real"), folder("fake", seed=1)
    make(fake)
    done = run("fid", real, fake, "--feature-net", "pixels", "--on-error", "skip")
    assert done.exit_code == 0, done.stderr
    assert "skipped 1 of 12" in done.stderr and "0005" in done.stderr


def test_an_empty_folder_and_a_missing_path(run, folder, tmp_path):
    (tmp_path / "empty").mkdir()
    assert_one_line(run("fid", folder("a"), tmp_path / "empty", "--feature-net", "pixels"), "empty")
    assert_one_line(run("fid", tmp_path / "nope", tmp_path / "a"), "nope", "does not exist")


def test_a_single_image(run, folder):
    done = run("fid", folder("a"), folder("b", n=1), "--feature-net", "pixels")
    assert_one_line(done, "at least 2 images")


def test_a_zip_entry_that_points_outside(run, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as file:
        file.writestr("../outside.png", b"x")
    done = run("fid", folder("a"), tmp_path / "evil.zip", "--feature-net", "pixels")
    assert_one_line(done, "outside.png")
    assert not (tmp_path.parent / "outside.png").exists()


def test_pickled_arrays(run, folder, tmp_path):
    np.savez(tmp_path / "x.npz", np.array([{}], dtype=object))
    assert_one_line(run("fid", folder("a"), tmp_path / "x.npz", "--feature-net", "pixels"), "x.npz")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_pixels_that_are_not_numbers(run, folder, tmp_path, bad):
    pixels = np.zeros((3, 8, 8, 1), np.float32)
    pixels[1, 2, 3] = bad
    np.save(tmp_path / "x.npy", pixels)
    done = run(
        "fid", folder("a"), tmp_path / "x.npy", "--feature-net", "pixels", "--value-range", "0:1"
    )
    assert_one_line(done, "1")


def test_an_ambiguous_shape(run, folder, tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((5, 3, 16, 3), np.uint8))
    done = run("fid", folder("a"), tmp_path / "x.npy", "--feature-net", "pixels")
    assert done.exit_code == 2


def test_names_cannot_write_to_the_terminal(run, folder):
    fake = folder("fake")
    (fake / "\x1b[31mred.png").write_bytes(b"")
    done = run("fid", folder("real"), fake, "--feature-net", "pixels")
    assert_one_line(done, "red.png")
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--value-range", "1:0"], "range"),
        (["--value-range", "x"], "LOW:HIGH"),
        (["--channels", "a"], "--channels"),
        (["--channels", "7"], "7"),
        (["--max-images", "0"], "max_images"),
        (["--level", "1.5"], "level"),
        (["--on-error", "ignore"], "ignore"),
        (["--label-by", "nothing"], "nothing"),
        (["--device", "tpu"], "tpu"),
        (["--device", "meta"], "cannot be used"),
        (["--feature-net", "n" * 5000], "check this path"),
        (["--batch-size", "0"], "batch"),
        (["--num-workers", "-1"], "worker"),
        (["--weights", "/nope.pth"], "weights"),
    ],
)
def test_options_that_make_no_sense(run, folder, arguments, word):
    done = run("fid", folder("a"), folder("b"), "--feature-net", "pixels", *arguments)
    assert_one_line(done, word)


def test_an_unknown_net_lists_the_known(run, folder):
    done = run("fid", folder("a"), folder("b"), "--feature-net", "pixel")
    assert_one_line(done, "did you mean 'pixels'", "nets train")
