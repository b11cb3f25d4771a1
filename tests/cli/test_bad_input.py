"""Whatever is wrong with the input: one line, exit code 2, no traceback."""

import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from ganeval.metrics import METRICS

COMMANDS = sorted({METRICS[name].command for name in METRICS})
NEED_TRAIN = {METRICS[name].command for name in METRICS if METRICS[name].needs_train}


def sides(command, folder, suffix=""):
    """Arguments of a metric's command, in its order."""
    names = ("real", "fake")
    train = ("--train", folder / f"train{suffix}") if command in NEED_TRAIN else ()
    return (*(folder / f"{name}{suffix}" for name in names), *train)


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
        (["--max-images", "0"], "--max-images"),
        (["--level", "1.5"], "level"),
        (["--on-error", "ignore"], "ignore"),
        (["--label-by", "nothing"], "nothing"),
        (["--device", "tpu"], "tpu"),
        (["--device", "meta"], "cannot be used"),
        (["--feature-net", "n" * 5000], "check this path"),
        (["--batch-size", "0"], "--batch-size"),
        (["--num-workers", "-1"], "--num-workers"),
        (["--weights", "/nope.pth"], "weights"),
    ],
)
def test_options_that_make_no_sense(run, folder, arguments, word):
    done = run("fid", folder("a"), folder("b"), "--feature-net", "pixels", *arguments)
    assert_one_line(done, word)


@pytest.mark.parametrize(
    "typed",
    ["verify b.zip", "bundle s.jsonl -o b.zip", "compare s.jsonl", "report s.jsonl", "kid a b"],
)
def test_a_device_that_is_not_here_is_told_before_anything_is_opened(run, typed):
    assert_one_line(run(*typed.split(), "--device", "tpu"), "device 'tpu' cannot be used here")


def test_an_unknown_net_lists_the_known(run, folder):
    done = run("fid", folder("a"), folder("b"), "--feature-net", "pixel")
    assert_one_line(done, "did you mean 'pixels'", "nets train")


def test_a_model_may_have_the_name_of_a_side(run, folder, tmp_path):
    real, first, second = folder("real"), folder("m/real", seed=1), folder("n/train", seed=2)
    few = ("--feature-net", "pixels", "--metrics", "kid")
    done = run("evaluate", real, first, second, *few)
    assert done.exit_code == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == ["real", "train", "reals"]
    done = run("compare", real, first, second, "--feature-net", "pixels", "--metric", "kid")
    assert done.exit_code == 0, done.stderr
    done = run("evaluate", real, f"reals={first}", *few)
    assert_one_line(done, "cannot be named 'reals'")
    done = run("matrix", real, f"reals={first}", "--feature-net", "pixels")
    assert_one_line(done, "cannot be named 'reals'")


# What a user may give by mistake, for every metric: (kind of rows, or of images).
ODD_ROWS = {
    "one image": lambda rng: rng.standard_normal((1, 6)),
    "no image": lambda rng: np.zeros((0, 6)),
    "other width": lambda rng: rng.standard_normal((40, 5)),
    "not a number": lambda rng: np.where(np.arange(240).reshape(40, 6) == 7, np.nan, 1.0),
    "text": lambda rng: np.full((40, 6), "x"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ODD_ROWS)
def test_rows_that_no_metric_can_use_are_one_line(run, tmp_path, command, kind):
    rng = np.random.default_rng(0)
    for name in ("real", "train"):
        np.save(tmp_path / f"{name}.npy", rng.standard_normal((40, 6)))
    np.save(tmp_path / "fake.npy", ODD_ROWS[kind](rng))
    done = run(command, *sides(command, tmp_path, ".npy"))
    if command == "is" and kind == "other width":
        return  # the classes of the reals' logits are not the fakes'; each has its own score
    assert_one_line(done)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_without_images_or_of_one_is_one_line(run, folder, tmp_path, command):
    for name in ("real", "train"):
        folder(name, n=30)
    (tmp_path / "fake").mkdir()
    net = ("--feature-net", "mnist" if command == "is" else "pixels")
    assert_one_line(run(command, *sides(command, tmp_path), *net), "found no image")
    folder("fake/x", n=1)
    assert_one_line(run(command, *sides(command, tmp_path), *net), "at least 2 images")


@pytest.mark.parametrize("command", [name for name in COMMANDS if not name.startswith("intra")])
def test_odd_images_give_a_finite_score_or_one_line_and_no_interval_of_width_0(
    run, folder, tmp_path, command
):
    """One-pixel images; a single picture again and again; all images of one group."""
    net = ("--feature-net", "mnist" if command == "is" else "pixels")
    for i, options in enumerate(({"size": (1, 1)}, {"n": 12}, {"n": 12})):
        at = tmp_path / str(i)
        for seed, name in enumerate(("real", "fake", "train")):
            folder(f"{i}/{name}", seed=seed, **{"n": 40, **options})
        if i == 1:
            for path in (at / "fake").iterdir():
                path.write_bytes((at / "fake" / "0000.png").read_bytes())
        grouped = ("--group-by", r"regex:(\d)\d\d\d") if i == 2 else ()
        done = run(command, *sides(command, at), *net, *grouped, "--json")
        if done.exit_code:
            assert_one_line(done)
            continue
        for line in done.stdout.splitlines():
            score = json.loads(line)
            assert np.isfinite(score["value"]), line
            if score["interval"] is not None:
                assert i < 2, line  # one group says nothing of others
                assert np.ptp(score["interval"]) > 0, line
