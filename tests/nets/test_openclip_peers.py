"""Nets of open_clip beside open_clip itself: random weights, nothing downloaded."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ganeval.errors import NetError
from ganeval.nets import fetch_net, load_card, load_net, prepare

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours

MODEL = "ViT-S-32-alt"


@pytest.fixture(scope="module")
def model():
    open_clip = pytest.importorskip("open_clip", reason="open_clip is not installed")
    torch.manual_seed(0)
    return open_clip.create_model(MODEL, pretrained=None, force_quick_gelu=True).eval()


@pytest.fixture(scope="module")
def weights(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("openclip") / "w.safetensors"
    state = model.state_dict()
    save_file({k: v.contiguous() for k, v in state.items() if k.startswith("visual")}, path)
    return path


@pytest.mark.parametrize("name", ["clip", "clip:cmmd"])
def test_features_are_those_of_open_clip(name, model, weights):
    card = load_card(name, weights=weights)
    card = replace(card, input_size=(224, 224), options={**card.options, "model": MODEL})
    pixels = [*np.random.default_rng(0).integers(0, 256, (2, 3, 224, 224), np.uint8)]
    state = torch.random.get_rng_state()
    features = load_net(card)(prepare(pixels, card=card)).features
    assert torch.equal(torch.random.get_rng_state(), state)
    mean, std = (torch.tensor(card.options[key])[:, None, None] for key in ("mean", "std"))
    x = (torch.from_numpy(np.stack(pixels)).float() / 255 - mean) / std
    with torch.no_grad():
        expected = model.encode_image(x, normalize=name == "clip:cmmd")
    torch.testing.assert_close(features, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["clip", "clip:cmmd"])
def test_the_cards_are_those_of_open_clips_tables(model, name):
    import open_clip

    card = load_card(name)
    known = open_clip.get_pretrained_cfg(card.options["model"], "openai")
    config = open_clip.get_model_config(card.options["model"])
    assert card.options["hub"] == known["hf_hub"].strip("/")
    assert (tuple(card.options["mean"]), tuple(card.options["std"])) == (
        known["mean"],
        known["std"],
    )
    assert card.options["quick_gelu"] is known["quick_gelu"]
    side = config["vision_cfg"]["image_size"]
    assert (card.input_size, card.dim) == ((side, side), config["embed_dim"])


def test_any_model_by_name(model):
    card = load_card("openclip:ViT-B-32/openai")
    assert (card.input_size, card.dim, card.options["quick_gelu"]) == ((224, 224), 512, True)
    with pytest.raises(NetError, match="ganeval nets fetch openclip:ViT-B-32/openai"):
        load_net(card)
    with pytest.raises(NetError, match="open_clip has no model 'ViT-B-3'; did you mean ViT-B-32"):
        load_card("openclip:ViT-B-3/openai")
    with pytest.raises(NetError, match="no weights 'mine' of ViT-B-32; wanted .* with one of"):
        load_card("openclip:ViT-B-32/mine")


def test_no_connection_is_one_line(model, monkeypatch):
    import huggingface_hub

    def download(**options):
        raise huggingface_hub.errors.LocalEntryNotFoundError("no connection\nat all")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(NetError, match=r"could not be downloaded \(no connection\); .*--weights"):
        fetch_net("clip")


def test_weights_of_another_model_are_refused_in_one_line(model, weights):
    card = load_card("clip", weights=weights)
    with pytest.raises(NetError, match="w.safetensors does not hold the weights of") as raised:
        load_net(replace(card, options={**card.options, "model": "ViT-B-32"}))
    assert "\n" not in str(raised.value)
