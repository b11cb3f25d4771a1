"""Nets of the Hugging Face hub beside transformers itself: tiny models, nothing downloaded."""

import json
import shutil
import sys

import numpy as np
import pytest
import torch

from ganeval.errors import MissingExtraError, NetError
from ganeval.nets import export_net, fetch_net, load_card, load_net, nets_home, prepare

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours

VISION = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 28,
    "patch_size": 14,
}
TEXT = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": 50,
}
PROCESSOR = {
    "image_mean": [0.4, 0.5, 0.6],
    "image_std": [0.2, 0.3, 0.4],
    "do_center_crop": True,
    "crop_size": {"height": 28, "width": 28},
    "size": {"shortest_edge": 32},
    "resample": 3,
}


def tiny(kind):
    """A model of random weights and the function that says what we expect of it."""
    import transformers as hf

    torch.manual_seed(0)
    if kind == "dinov2":  # weights of 70 pixels, used at 28
        config = {**VISION, "image_size": 70}
        return hf.Dinov2Model(hf.Dinov2Config(**config)), lambda m, x: m(x).pooler_output
    if kind == "dinov3":
        return hf.DINOv3ViTModel(hf.DINOv3ViTConfig(**VISION)), lambda m, x: m(x).pooler_output
    if kind == "siglip2":
        config = hf.SiglipConfig(text_config=TEXT, vision_config=VISION)
        return hf.SiglipModel(config), lambda m, x: m.vision_model(x).pooler_output
    if kind == "clip":
        config = hf.CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=24)
        return hf.CLIPModel(config), lambda m, x: m.visual_projection(
            m.vision_model(x).pooler_output
        )
    if kind == "vit":  # a classifier, whose pooler was not trained
        config = hf.ViTConfig(**VISION, num_labels=3)
        return hf.ViTForImageClassification(config), lambda m, x: m.vit(x).last_hidden_state[:, 0]
    assert kind == "grey"
    config = hf.Dinov2Config(**VISION, num_channels=1)
    return hf.Dinov2Model(config), lambda m, x: m(x).pooler_output


def written(folder, kind, **processor):
    model, expected = tiny(kind)
    model.eval().save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({**PROCESSOR, **processor}))
    return model, expected


def images(channels=3):
    rng = np.random.default_rng(0)
    return [*rng.integers(0, 256, (3, channels, 28, 28), np.uint8)]


@pytest.mark.parametrize("kind", ["dinov2", "dinov3", "siglip2", "clip", "vit", "grey"])
def test_features_are_those_of_transformers(kind, tmp_path):
    mean = {"image_mean": [0.3], "image_std": [0.2]} if kind == "grey" else {}
    theirs, expected = written(tmp_path, kind, **mean)
    state = torch.random.get_rng_state()
    net = load_net("hf:lab/tiny", weights=tmp_path / "model.safetensors")
    assert torch.equal(torch.random.get_rng_state(), state)
    pixels = images(1 if kind == "grey" else 3)
    features = net(prepare(pixels, card=net.card)).features
    shape = (-1, 1, 1)
    mean, std = (torch.tensor(net.card.options[key]).reshape(shape) for key in ("mean", "std"))
    x = (torch.from_numpy(np.stack(pixels)).float() / 255 - mean) / std
    with torch.no_grad():
        torch.testing.assert_close(features, expected(theirs, x), rtol=1e-4, atol=1e-5)
    assert features.shape == (3, net.card.dim)
    assert net.card.input_size == (28, 28)
    assert net.card.channels == len(pixels[0])


def test_a_masked_autoencoder_drops_no_patch(tmp_path):
    import transformers as hf

    torch.manual_seed(0)
    decoder = {
        "decoder_hidden_size": 16,
        "decoder_num_hidden_layers": 1,
        "decoder_num_attention_heads": 2,
        "decoder_intermediate_size": 16,
    }
    theirs = hf.ViTMAEForPreTraining(hf.ViTMAEConfig(**VISION, **decoder, mask_ratio=0.0)).eval()
    theirs.save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    net = load_net("hf:lab/mae", weights=tmp_path / "model.safetensors")
    x = prepare(images(), card=net.card)
    mean, std = (torch.tensor(net.card.options[key]).view(3, 1, 1) for key in ("mean", "std"))
    with torch.no_grad():
        expected = theirs.vit((x - mean) / std).last_hidden_state[:, 0]
    torch.testing.assert_close(net(x).features, expected, rtol=1e-4, atol=1e-5)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub with one model, lab/tiny; returns what was asked of it."""
    import huggingface_hub

    there = tmp_path / "hub"
    there.mkdir()
    written(there, "dinov2")
    asked = []

    def download(*, repo_id, filename, local_dir, revision):
        asked.append((repo_id, filename, revision))
        local_dir.mkdir(parents=True, exist_ok=True)
        return shutil.copy(there / filename, local_dir / filename)

    class Info:
        sha, card_data = "c0ffee", {"license": "apache-2.0"}

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda self, repo, revision: Info())
    return asked


def test_fetched_at_a_commit_and_used_without_a_network(hub, monkeypatch, tmp_path):
    name = "hf:lab/tiny"
    with pytest.raises(NetError, match="ganeval nets fetch hf:lab/tiny"):
        load_card(name)
    path = fetch_net(name)
    assert {asked[2] for asked in hub} == {"c0ffee"}
    assert fetch_net(name) == path and len(hub) == 3
    assert nets_home() in path.parents
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    net = load_net(name)
    assert net.card.options["revision"] == "c0ffee" and net.card.licence == "apache-2.0"
    export_net(name, tmp_path / "sent")
    x = prepare(images(), card=net.card)
    assert torch.equal(load_net(tmp_path / "sent")(x).features, net(x).features)


def test_a_five_channel_plate_is_scored_channel_by_channel(hub, tmp_path):
    from typer.testing import CliRunner

    from ganeval.cli import main

    fetch_net("hf:lab/tiny")
    for seed, name in enumerate(("real", "fake")):
        plate = np.random.default_rng(seed).integers(0, 4096, (12, 5, 30, 30), np.uint16)
        np.save(tmp_path / f"{name}.npy", plate)
    options = ("--each-channel", "--layout", "NCHW", "--value-range", "0:4095", "--json")
    sides = [str(tmp_path / f"{name}.npy") for name in ("real", "fake")]
    done = CliRunner().invoke(main, ["kid", *sides, "--feature-net", "hf:lab/tiny", *options])
    assert done.exit_code == 0, done.output
    score = json.loads(done.stdout.splitlines()[-1])
    assert score["protocol"]["net"]["name"] == "hf:lab/tiny:each-channel"
    assert score["protocol"]["preprocessing"]["channels"] == 5


def test_what_cannot_be_trusted_is_refused_in_one_line(tmp_path, monkeypatch):
    written(tmp_path, "dinov2")
    config = tmp_path / "config.json"
    known = json.loads(config.read_text())

    def message(**changes):
        config.write_text(json.dumps({**known, **changes}))
        with pytest.raises(NetError) as raised:
            load_net("hf:lab/tiny", weights=tmp_path / "model.safetensors")
        assert "\n" not in str(raised.value)
        return str(raised.value)

    assert "code of its own, which is never run" in message(
        model_type="own", auto_map={"AutoModel": "x.Y"}
    )
    assert "does not hold the weights" in message(hidden_size=32) or "lacks" in message(
        hidden_size=32
    )
    (tmp_path / "weights.bin").write_bytes(b"x")
    with pytest.raises(NetError, match="is no .safetensors file, and nothing else is read"):
        load_card("hf:lab/tiny", weights=tmp_path / "weights.bin")
    (tmp_path / "preprocessor_config.json").unlink()
    assert "preprocessor_config.json cannot be read" in message()
    for name in ("hf:tiny", "hf:lab/../x", "hf:a/b/c", "hf:"):
        with pytest.raises(NetError, match="names no model of the Hugging Face hub"):
            load_card(name)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[hf\]'"):
        fetch_net("hf:lab/tiny")
