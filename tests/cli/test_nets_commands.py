import json

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """Grey discs and bars in class folders."""
    folder = tmp_path_factory.mktemp("data") / "shapes"
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-1:1:16j, -1:1:16j]
    for label, inside in {"disc": x**2 + y**2 < 0.4, "bar": np.abs(y) < 0.3}.items():
        (folder / label).mkdir(parents=True)
        for i in range(40):
            image = (inside * 150 + rng.integers(0, 60, (16, 16))).astype(np.uint8)
            Image.fromarray(image).save(folder / label / f"{i:02d}.png")
    return folder


def test_list_shows_what_each_net_takes(run):
    done = run("nets", "list")
    assert done.exit_code == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert {"inception", "inception:clean", "mnist", "pixels"} <= lines.keys()
    assert "1 channel," in lines["mnist"] and "64 features" in lines["mnist"]


def test_show_prints_the_card(run):
    done = run("nets", "show", "mnist")
    assert done.exit_code == 0
    for word in ("accuracy", "sha256", "licence"):
        assert word in done.stdout
    card = json.loads(run("nets", "show", "mnist", "--json").stdout)
    assert card["dim"] == 64


def test_a_net_is_trained_used_exported_and_used_again(run, shapes, tmp_path):
    trained = run("nets", "train", shapes, "--name", "shapes", "--epochs", 3, "--dim", 4, "--quiet")
    assert trained.exit_code == 0, trained.stderr
    assert "accuracy" in trained.stdout
    assert "yours" in next(
        line for line in run("nets", "list").stdout.splitlines() if line.startswith("shapes")
    )
    pair = shapes / "disc", shapes / "bar"
    by_name = run("fid", *pair, "--feature-net", "shapes", "--json", "--quiet")
    assert by_name.exit_code == 0, by_name.stderr
    assert json.loads(by_name.stdout)["value"] > 0
    exported = run("nets", "export", "shapes", tmp_path / "send")
    assert exported.exit_code == 0, exported.stderr
    by_path = run("fid", *pair, "--feature-net", tmp_path / "send", "--json", "--quiet")
    assert json.loads(by_path.stdout)["protocol_id"] == json.loads(by_name.stdout)["protocol_id"]

    weights = next((tmp_path / "send").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    tampered = run("fid", *pair, "--feature-net", tmp_path / "send", "--no-cache")
    assert tampered.exit_code == 2
    assert "SHA-256" in tampered.stderr

    again = run("nets", "train", shapes, "--name", "shapes", "--epochs", 2)
    assert again.exit_code == 2
    assert "shapes" in again.stderr


def test_images_without_labels_train_a_net_too(run, shapes):
    done = run("nets", "train", shapes / "disc", "--name", "x", "--epochs", 1, "--dim", 2)
    assert done.exit_code == 0, done.stderr
    assert "no labels found" in done.stderr and "--label-by" in done.stderr
    assert done.stdout.startswith("x: trained without labels, loss ")
    assert run("nets", "show", "x").stdout.count("VICReg") == 1
    assert run("kid", shapes / "disc", shapes / "bar", "--feature-net", "x").exit_code == 0
    refused = run("is", shapes / "disc", "--feature-net", "x")
    assert refused.exit_code == 2


def test_reals_that_the_net_was_trained_on_are_a_warning(run, shapes):
    run("nets", "train", shapes, "--name", "shapes", "--epochs", 1, "--dim", 2, "--quiet")
    done = run("fid", shapes / "disc", shapes / "bar", "--feature-net", "shapes")
    assert "are among the training images of net 'shapes'" in done.stderr


def test_fetch_says_which_nets_have_weights_to_fetch(run):
    done = run("nets", "fetch", "resnet")
    assert done.exit_code == 2
    assert "wanted hf:OWNER/MODEL, inception, clip" in done.stderr
    assert "siglip2 or timm:MODEL, as in hf:facebook/dinov2-base" in done.stderr
