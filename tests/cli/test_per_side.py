"""Every option of images exists for each side and each model, by one rule."""

import json
from dataclasses import fields

import numpy as np
import pytest

from ganeval.cli.options import ImageOptions
from ganeval.cli.per_side import SIDES, SideImages
from ganeval.errors import InputError

BYTES = np.random.default_rng(0).integers(0, 256, (3, 60, 9, 8, 3), dtype=np.uint8)
NET = ("--feature-net", "pixels")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Reals [n, h, w, c] of 8 bits; the same fakes as they are, and as a network gives them."""
    monkeypatch.chdir(tmp_path)
    np.save("real.npy", BYTES[0])
    np.save("plain.npy", BYTES[1])
    np.save("first.npy", BYTES[1].transpose(0, 3, 1, 2))
    np.save("tanh.npy", (BYTES[1].transpose(0, 3, 1, 2) / 127.5 - 1).astype(np.float32))
    return tmp_path


def value(done):
    assert done.exit_code == 0, done.stderr or done.exception
    return json.loads(done.stdout.splitlines()[0])["value"]


def test_every_option_of_images_has_one_for_each_side():
    names = {parameter.name for parameter in SideImages.parameters()}
    for item in fields(ImageOptions):
        assert {item.name, *(f"{side}_{item.name}" for side in SIDES)} <= names


def test_an_option_of_a_model_comes_before_that_of_all_and_both_before_the_shared():
    images = SideImages(
        ImageOptions(layout="NHW", axes="CYX"),
        {"fake_layout": ("NHWC", "A=NCHW"), "train_max_images": ("7",), "real_axes": ("ZYX",)},
        models=("A", "B[1]", "B[2]"),
    )
    assert images.of("fake", "A").layout == "NCHW"
    assert images.of("fake", "B[1]").layout == "NHWC"
    assert images.of("real").layout == "NHW"
    assert images.of("real").axes == "ZYX"
    assert images.of("train").max_images == 7
    runs = SideImages(own={"fake_value_range": ("B=0:1", "0:2")}, models=("A", "B[1]", "B[2]"))
    assert runs.of("fake", "B[2]").value_range == "0:1"
    assert runs.of("fake", "A").value_range == "0:2"
    labels = SideImages(own={"fake_label_by": ("regex:(?P<label>=.)",)}, models=("A",))
    assert labels.of("fake", "A").label_by == "regex:(?P<label>=.)"


def test_a_name_that_is_no_model_s_is_refused_with_the_names_of_the_models():
    runs = SideImages(own={"fake_value_range": ("C=0:1",)}, models=("A", "B[1]", "B[2]"))
    with pytest.raises(InputError, match="names 'C', which is no model; the models are A, B$"):
        runs.of("fake", "A")


def test_fakes_of_another_layout_and_range_score_as_the_same_pixels_do(run, files):
    expected = value(run("kid", "real.npy", "plain.npy", *NET, "--json"))
    ways = (
        ("first.npy", "--layout", "NCHW"),
        ("first.npy", "--fake-layout", "NCHW"),
        ("tanh.npy", "--fake-layout", "NCHW", "--fake-range=-1:1"),
        ("tanh.npy", "--layout", "NCHW", "--value-range=-1:1"),
        ("tanh.npy", "--fake-layout", "NCHW", "--fake-value-range=-1:1"),
    )
    for fake, *options in ways:
        done = run("kid", "real.npy", fake, *NET, "--json", *options)
        assert value(done) == pytest.approx(expected, rel=1e-3)


def test_models_of_two_formats_are_compared_as_the_same_images(run, files):
    done = run(
        "compare", "real.npy", "A=tanh.npy", "B=plain.npy", *NET, "--metric", "kid", "--json",
        "--fake-layout", "A=NCHW", "--fake-range", "A=-1:1",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    gap = json.loads(done.stdout)["differences"][0]["estimate"]
    assert gap == pytest.approx(0, abs=1e-8)


def test_a_layout_of_all_sides_yields_where_the_shape_is_clear_and_one_s_own_does_not(run, files):
    shared = run("kid", "real.npy", "first.npy", *NET, "--layout", "NCHW")
    assert "real.npy: its axes are clearly NHWC, so --layout NCHW is left aside" in shared.stderr
    own = run("kid", "real.npy", "plain.npy", *NET, "--real-layout", "NCHW")
    assert own.exit_code == 2 and "channels" in own.stderr


def test_an_option_of_a_side_without_images_is_refused(run, files):
    np.save("rows.npy", np.random.default_rng(0).normal(size=(60, 5)))
    done = run("kid", "rows.npy", "rows.npy", "--fake-layout", "NCHW")
    assert done.exit_code == 2
    assert "--fake-layout cannot be used: fake has no images here" in done.stderr


@pytest.mark.parametrize("side", ["real", "train"])
def test_a_model_named_in_an_option_of_another_side_is_refused(side):
    images = SideImages(own={f"{side}_max_images": ("m=4",)}, models=("m",))
    with pytest.raises(InputError, match=f"--{side}-max-images is 'm=4', but models make fakes"):
        images.of(side)
    assert images.of("fake", "m").max_images is None


def test_a_number_of_thousands_of_digits_is_refused(run, files):
    done = run("kid", "real.npy", "plain.npy", *NET, "--fake-max-images", "9" * 5000)
    assert done.exit_code == 2 and "wanted a number from 1" in done.stderr
    assert len(done.stderr) < 300


def test_a_number_of_one_side_is_checked(run, files):
    done = run("kid", "real.npy", "plain.npy", *NET, "--fake-max-images", "0")
    assert done.exit_code == 2 and "--fake-max-images is '0'" in done.stderr


def test_the_help_states_the_rule_and_lists_no_option_of_a_side(run):
    done = run("evaluate", "--help")
    assert "For one side put its name before the option's" in " ".join(done.stdout.split())
    assert "--fake-stack-by" not in done.stdout


def test_sizes_that_differ_are_told_before_any_side_is_embedded(run, files, monkeypatch):
    np.save("small.npy", BYTES[1][:, :6, :6])
    with monkeypatch.context() as patch:
        patch.setattr("ganeval.cli.sides.extract", pytest.fail)
        done = run("kid", "real.npy", "small.npy", *NET)
    assert done.exit_code == 2
    assert "real has images of 9 x 8 pixels and fake of 6 x 6 (small.npy: image 00)" in done.stderr
    resized = run("kid", "real.npy", "small.npy", *NET, "--resize", "6,6", "--json")
    score = json.loads(resized.stdout)
    assert score["protocol"]["preprocessing"]["sizes"] == [[6, 6]]
    assert score["protocol"]["preprocessing"]["resize"] == "bilinear-antialias"


def test_features_of_another_net_are_told_before_images_are_embedded(run, files, monkeypatch):
    assert run("stats", "save", "real.npy", "-o", "s.npz", *NET).exit_code == 0
    monkeypatch.setattr("ganeval.cli.sides.extract", pytest.fail)
    done = run("fid", "s.npz", "plain.npy", "--protocol", "clean-fid")
    assert done.exit_code == 2 and "s.npz was made by net 'pixels'" in done.stderr


@pytest.mark.parametrize(
    ("command", "options", "word"),
    [
        ("kid", ("--batch-size", "0"), "--batch-size"),
        ("kid", ("--num-workers", "-1"), "--num-workers"),
        ("kid", ("--device", "tpu"), "tpu"),
        ("kid", ("--device", ""), "device"),
        ("kid", ("--seed", "-1"), "--seed"),
        ("kid", ("--seed", "9" * 30), "--seed"),
        ("kid", ("--subset-size", "0"), "subset-size"),
        ("kid", ("--subset-size", "9999"), "subsets"),
        ("kid", ("--bandwidth", "inf"), "bandwidth"),
        ("kid", ("--level", "nan"), "level"),
        ("kid", ("--resize", "1000000,1000000"), "--resize"),
        ("kid", ("--channels", "x" * 5000), "--channels"),
        ("kid", ("--value-range", "x" * 5000), "range"),
        ("swd", ("--directions", "1000000000000"), "directions"),
        ("c2st", ("--repeats", "-1"), "repeats"),
        ("rke", ("--bandwidth", "inf"), "bandwidth"),
    ],
)
def test_an_option_out_of_its_bounds_is_refused_although_the_answer_is_known(
    run, files, command, options, word
):
    assert run("features", "extract", "real.npy", "-o", "r.npz", *NET).exit_code == 0
    done = run(command, "real.npy", "real.npy", *NET, *options)
    assert done.exit_code == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ") and word in line and len(line) < 400
