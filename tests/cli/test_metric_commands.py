import json
import re

import numpy as np
import pytest

import ganeval


@pytest.fixture
def pair(folder):
    return folder("real"), folder("fake", seed=1, shift=20)


def test_fid_prints_one_line_with_an_interval(run, pair):
    done = run("fid", *pair, "--feature-net", "pixels")
    assert done.exit_code == 0, done.stderr
    number = r"-?\d+\.\d+"
    line = (
        rf"FID \(pixels\):  {number}  \(corrected {number}, "
        rf"95 % CI {number} to {number}, n = 120 / 120\)\n"
    )
    assert re.fullmatch(line, done.stdout)


@pytest.mark.parametrize("command", ["fid", "kid"])
def test_the_command_gives_the_number_of_the_function(run, pair, command):
    done = run(command, *pair, "--feature-net", "pixels", "--json", "--seed", 5, "--level", 0.9)
    score = json.loads(done.stdout)
    expected = getattr(ganeval, command)(*pair, feature_net="pixels", seed=5, level=0.9)
    assert score["value"] == pytest.approx(expected.value, rel=1e-12)
    assert score["interval"] == pytest.approx(expected.interval, rel=1e-9)
    assert score["protocol_id"] == expected.protocol_id


def test_is_takes_the_fakes_alone_or_after_the_reals(run, tmp_path):
    rng = np.random.default_rng(0)
    for name, scale in (("fake", 1.0), ("real", 4.0)):
        np.save(tmp_path / f"{name}.npy", rng.normal(size=(200, 5)) * scale)
    alone = run("is", tmp_path / "fake.npy", "--json")
    both = run("is", tmp_path / "real.npy", tmp_path / "fake.npy", "--json")
    assert alone.exit_code == both.exit_code == 0, alone.stderr + both.stderr
    assert json.loads(alone.stdout)["value"] == json.loads(both.stdout)["value"]
    assert json.loads(both.stdout)["n_real"] == 200


def test_a_seed_moves_no_interval(run, pair):
    for command in ("fid", "kid"):
        options = ("--feature-net", "pixels", "--json", "--seed")
        one, other = (json.loads(run(command, *pair, *options, s).stdout) for s in (0, 7))
        assert one["interval"] == other["interval"]


def test_a_second_run_prints_the_same(run, pair):
    first, second = (run("fid", *pair, "--feature-net", "pixels", "--json") for _ in range(2))
    assert first.stdout == second.stdout


def test_json_is_all_there_is_on_stdout(run, pair):
    done = run("kid", *pair, "--feature-net", "pixels", "--json")
    assert len(done.stdout.splitlines()) == 1
    json.loads(done.stdout, parse_constant=pytest.fail)


def test_quiet_leaves_stderr_empty(run, pair):
    assert run("fid", *pair, "--feature-net", "pixels", "--quiet").stderr == ""


def test_warnings_go_to_stderr(run, folder):
    small = folder("a", n=70), folder("b", n=70, seed=1)
    done = run("fid", *small, "--feature-net", "pixels")
    assert "Warning: 70 images for 64 features" in done.stderr
    assert "Warning" not in done.stdout


def test_groups_of_the_reals_are_counted_and_fakes_may_have_none(run, folder):
    real, fake = folder("real", n=180), folder("fake", seed=1)
    for i, path in enumerate(sorted(real.iterdir())):
        path.rename(real / f"plate{i % 12}_{path.name}")
    options = ("--feature-net", "pixels", "--group-by", r"regex:plate(\d+)")
    done = run("fid", real, fake, *options)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.endswith("n = 180 / 120, 12 groups)\n")
    assert "fits no image; taken as independent images" in done.stderr
    some = next(iter(fake.iterdir()))
    some.rename(fake / "plate1_x.png")
    half = run("fid", real, fake, *options)
    assert half.exit_code == 2
    assert "119 of 120" in half.stderr


def test_data_ranges_come_from_the_reals(run, tmp_path):
    rng = np.random.default_rng(0)
    for name, scale in (("real", 1.0), ("fake", 0.5)):
        np.save(tmp_path / f"{name}.npy", (rng.random((100, 8, 8, 1)) * scale).astype(np.float32))
    paths = tmp_path / "real.npy", tmp_path / "fake.npy"
    refused = run("fid", *paths, "--feature-net", "pixels")
    assert refused.exit_code == 2
    assert "--value-range" in refused.stderr
    pooled = run("fid", *paths, "--feature-net", "pixels", "--value-range", "data", "--json")
    score = json.loads(pooled.stdout)
    ranges = [score["protocol"]["data"][s]["images"]["value_range"] for s in ("real", "fake")]
    assert ranges[0] == ranges[1]
    assert ranges[0][0] == pytest.approx([0, 1], abs=0.01)


def test_each_side_may_have_its_own_range(run, tmp_path):
    pixels = np.random.default_rng(0).random((100, 8, 8, 1)).astype(np.float32)
    np.save(tmp_path / "real.npy", pixels)
    np.save(tmp_path / "fake.npy", pixels * 2 - 1)
    done = run(
        "fid", tmp_path / "real.npy", tmp_path / "fake.npy", "--feature-net", "pixels", "--json",
        "--real-range", "0:1", "--fake-range=-1:1",
    )  # fmt: skip
    assert json.loads(done.stdout)["value"] == pytest.approx(0, abs=1e-5)


def test_statistics_stand_in_for_images(run, pair, tmp_path):
    real, fake = pair
    saved = run("stats", "save", real, "-o", tmp_path / "real.npz", "--feature-net", "pixels")
    assert saved.exit_code == 0, saved.stderr
    options = ("--feature-net", "pixels", "--json")
    from_statistics = json.loads(run("fid", tmp_path / "real.npz", fake, *options).stdout)
    from_images = json.loads(run("fid", real, fake, *options).stdout)
    assert from_statistics["value"] == pytest.approx(from_images["value"], rel=1e-9)
    # Of 120 images a hundred blocks are left, which know the error a little worse.
    assert from_statistics["std_error"] == pytest.approx(from_images["std_error"], rel=0.2)
    near = 0.2 * from_images["std_error"]
    assert from_statistics["corrected"] == pytest.approx(from_images["corrected"], abs=near)


def test_statistics_of_parts_merge_into_those_of_the_whole(run, pair, tmp_path):
    real, fake = pair
    for i in range(2):
        part = tmp_path / f"part{i}"
        part.mkdir()
        for path in sorted(real.iterdir())[i::2]:
            (part / path.name).write_bytes(path.read_bytes())
        run("stats", "save", part, "-o", tmp_path / f"{i}.npz", "--feature-net", "pixels")
    merged = run("stats", "merge", tmp_path / "0.npz", tmp_path / "1.npz", "-o", tmp_path / "m.npz")
    assert "120 images" in merged.stdout, merged.stderr
    options = ("--feature-net", "pixels", "--json")
    score = json.loads(run("fid", tmp_path / "m.npz", fake, *options).stdout)
    whole = json.loads(run("fid", real, fake, *options).stdout)
    assert score["value"] == pytest.approx(whole["value"], rel=1e-9)
    assert score["interval"] is not None


def test_features_can_be_extracted_scored_and_merged(run, pair, tmp_path):
    real, fake = pair
    for side, path in (("real", real), ("fake", fake)):
        run("features", "extract", path, "-o", tmp_path / f"{side}.npz", "--feature-net", "pixels")
    kid = run("kid", tmp_path / "real.npz", tmp_path / "fake.npz", "--json")
    direct = run("kid", real, fake, "--feature-net", "pixels", "--json")
    assert json.loads(kid.stdout)["value"] == pytest.approx(json.loads(direct.stdout)["value"])
    twice = run("features", "merge", tmp_path / "real.npz", tmp_path / "real.npz", "-o", "x.npz")
    assert twice.exit_code == 2
    assert "two of the files" in twice.stderr


def test_a_protocol_fixes_the_net(run, pair):
    done = run("fid", *pair, "--protocol", "pytorch-fid", "--feature-net", "pixels")
    assert done.exit_code == 2
    assert "protocol pytorch-fid fixes the feature net" in done.stderr
    assert "known: adm, clean-fid" in run("fid", *pair, "--protocol", "pytorchfid").stderr


def test_c2st_takes_a_classifier_of_features_or_of_pixels(run, pair, tmp_path):
    on_features = run("c2st", *pair, "--feature-net", "pixels", "--classifier", "knn")
    assert on_features.stdout.startswith("C2ST AUC (pixels):  ")
    on_pixels = run(
        "c2st", *pair, "--classifier", "conv", "--iterations", 5, "--repeats", 2, "--json"
    )
    score = json.loads(on_pixels.stdout)
    assert score["protocol"]["net"]["name"] == "pixels:all"
    assert score["details"]["learning_curves"]["iterations"] == [1, 2, 3, 4, 5]
    refused = run("c2st", *pair, "--classifier", "conv", "--feature-net", "mnist")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "looks at pixels" in refused.stderr


def test_statistics_of_the_same_images_have_no_interval(run, folder, tmp_path):
    real, out = folder("real", n=200, size=(3, 3)), tmp_path / "real-stats.npz"
    assert run("stats", "save", real, "-o", out, "--feature-net", "pixels").exit_code == 0
    for pair in ((out, out), (out, real)):
        done = run("fid", *pair, "--feature-net", "pixels")
        assert done.exit_code == 0, done.stderr
        assert "no interval: real and fake are the same images" in done.stdout
