"""Nets of timm beside timm itself: random weights in safetensors files, nothing downloaded."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ganeval.errors import NetError
from ganeval.nets import export_net, fetch_net, load_card, load_net, nets_home, prepare

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours

MODELS = ["test_vit.r160_in1k", "test_efficientnet.r160_in1k", "test_resnet.r160_in1k"]


@pytest.fixture(scope="module")
def timm():
    return pytest.importorskip("timm", reason="timm is not installed")


def random_weights(timm, model, path, **options):
    """A file in the form of the official one, and the model that it came from."""
    generator = torch.Generator().manual_seed(0)
    network = timm.create_model(model, pretrained=False, **options).eval()
    for p in network.parameters():
        torch.nn.init.normal_(p, std=0.05, generator=generator)
    save_file(network.state_dict(), path)
    return network


def images(n=3, size=(160, 160), seed=0):
    return [*np.random.default_rng(seed).integers(0, 256, (n, 3, *size), np.uint8)]


@pytest.mark.parametrize("model", MODELS)
def test_features_and_logits_are_timms(timm, model, tmp_path):
    path = tmp_path / "w.safetensors"
    theirs = random_weights(timm, model, path)
    state = torch.random.get_rng_state()
    net = load_net(f"timm:{model}", weights=path)
    assert torch.equal(torch.random.get_rng_state(), state)
    features, logits = net(prepare(images(), card=net.card))
    config = timm.data.resolve_model_data_config(theirs)
    mean, std = (torch.tensor(config[key])[:, None, None] for key in ("mean", "std"))
    x = (torch.from_numpy(np.stack(images())).float() / 255 - mean) / std
    with torch.no_grad():
        expected = theirs(x)
        pooled = theirs.forward_head(theirs.forward_features(x), pre_logits=True)
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(features, pooled, rtol=1e-5, atol=1e-5)
    assert features.shape == (3, net.card.dim)
    assert len(net.card.classes) == logits.shape[1]
    assert net.card.input_size == tuple(config["input_size"][1:])


def test_a_transformer_of_another_size_gets_timms_position_embedding(timm, tmp_path):
    """As for DINOv2, whose weights are of 518 pixels and which judges at 224."""
    path, model = tmp_path / "w.safetensors", MODELS[0]
    random_weights(timm, model, path)
    card = load_card(f"timm:{model}", weights=path)
    card = type(card)(**{**vars(card), "input_size": (64, 64)})
    tensors = {"state_dict": load_net_tensors(path), "custom_load": False}
    theirs = timm.create_model(
        model, pretrained=True, img_size=64, pretrained_cfg_overlay=tensors
    ).eval()
    net = load_net(card)
    x = prepare(images(size=(64, 64)), card=card)
    mean, std = (torch.tensor(card.options[key])[:, None, None] for key in ("mean", "std"))
    with torch.no_grad():
        torch.testing.assert_close(net(x).logits, theirs((x - mean) / std), rtol=1e-5, atol=1e-5)


def load_net_tensors(path):
    from safetensors.torch import load_file

    return load_file(path)


def test_dinov2_is_stein_and_colleagues_network(timm):
    card = load_card("dinov2")
    with torch.device("meta"):
        network = timm.create_model(card.options["model"], num_classes=0, img_size=224)
    known = timm.get_pretrained_cfg(card.options["model"])
    assert (network.head_hidden_size, network.patch_embed.patch_size) == (1024, (14, 14))
    assert [*known.mean, *known.std] == [*card.options["mean"], *card.options["std"]]
    assert (known.hf_hub_id, known.interpolation) == (card.options["hub"], "bicubic")
    assert network.global_pool == "token"


def test_fetched_once_used_by_name_and_exported(timm, tmp_path, monkeypatch):
    import huggingface_hub

    asked = []

    def download(*, repo_id, filename, local_dir):
        asked.append((repo_id, filename))
        local_dir.mkdir(parents=True)
        random_weights(timm, MODELS[2], local_dir / filename)
        return str(local_dir / filename)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    name = f"timm:{MODELS[2]}"
    with pytest.raises(NetError, match=f"ganeval nets fetch {name}"):
        load_net(name)
    path = fetch_net(name)
    assert fetch_net(name) == path
    assert asked == [("timm/test_resnet.r160_in1k", "model.safetensors")]
    assert path.parent.parent == nets_home() / "timm"
    net = load_net(name)
    export_net(name, tmp_path / "sent")
    other = load_net(tmp_path / "sent")
    x = prepare(images(), card=net.card)
    assert torch.equal(net(x).features, other(x).features)
    assert json.loads((tmp_path / "sent" / "card.json").read_text())["architecture"] == "timm"


def test_no_connection_is_one_line(timm, monkeypatch):
    import huggingface_hub

    def download(**options):
        raise huggingface_hub.errors.LocalEntryNotFoundError("no connection\nat all")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(NetError, match=r"could not be downloaded \(no connection\); .*--weights"):
        fetch_net("dinov2")


@pytest.mark.parametrize(
    "name", ["timm:resnet1888", "timm:resnet18.x", "timm:hf-hub:x/y", "timm:", "timm:a/b"]
)
def test_an_unknown_model_is_refused_and_nothing_is_asked_for(timm, name):
    with pytest.raises(NetError, match=r"timm has no model .*; timm.list_models\(\)|did you mean"):
        load_card(name)


def test_weights_of_another_model_are_refused_in_one_line(timm, tmp_path):
    path = tmp_path / "w.safetensors"
    random_weights(timm, MODELS[2], path)
    with pytest.raises(NetError, match=r"w.safetensors does not hold the weights of timm's") as e:
        load_net(f"timm:{MODELS[1]}", weights=path)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("name", ["dinov3", "siglip2"])
def test_cards_are_timms_own(timm, name):
    card = load_card(name)
    known = timm.get_pretrained_cfg(card.options["model"])
    assert (known.hf_hub_id, known.interpolation) == (card.options["hub"], "bicubic")
    assert [*known.mean, *known.std] == [*card.options["mean"], *card.options["std"]]
    assert known.input_size == (card.channels, *card.input_size)
    with torch.device("meta"):
        network = timm.create_model(card.options["model"], num_classes=0)
    assert network.head_hidden_size == card.dim


@pytest.mark.parametrize("name", ["dinov2:dgm-eval", "dinov2:edm2"])
def test_position_embeddings_are_resized_as_in_metas_code(timm, name, tmp_path):
    """Bicubic without a filter, by the ratio of (patches + 0.1), which moves every grid point."""
    from ganeval.nets.timm import _as_meta

    card = load_card(name)
    assert card.options["position"] == "dinov2"
    n, patches = 37, 16
    rng = np.random.default_rng(0)
    grid = rng.normal(size=(n, n))
    embedding = torch.cat([torch.full((1, 1, 1), 7.0), torch.tensor(grid).reshape(1, -1, 1)], 1)
    found = _as_meta(embedding.float(), card)[0, :, 0]
    assert found[0] == 7 and found.shape == (1 + patches**2,)

    def weights(at):
        """Keys' cubic with a = -0.75 around a place, for whole numbers beyond the edge too."""
        first = int(np.floor(at)) - 1
        t = np.abs(at - (first + np.arange(4)))
        near = 1.25 * t**3 - 2.25 * t**2 + 1
        far = -0.75 * (t**3 - 5 * t**2 + 8 * t - 4)
        return np.clip(first + np.arange(4), 0, n - 1), np.where(t <= 1, near, far)

    scale = n / (patches + 0.1)
    places = [weights((i + 0.5) * scale - 0.5) for i in range(patches)]
    expected = [
        [wy @ grid[np.ix_(rows, columns)] @ wx for columns, wx in places] for rows, wy in places
    ]
    torch.testing.assert_close(
        found[1:].reshape(patches, patches), torch.tensor(expected).float(), rtol=1e-4, atol=1e-4
    )
    assert _as_meta(embedding[:, : 1 + patches**2], card) is not None


def test_variants_of_a_net_share_the_fetched_weights(timm):
    from ganeval.nets._timm_cards import DINOV2
    from ganeval.nets._weights import sha256_of, write_card

    folder = nets_home() / "timm" / "dinov2"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    sha256 = sha256_of(folder / "model.safetensors")
    write_card(folder / "card.json", type(DINOV2)(**{**vars(DINOV2), "sha256": sha256}))
    for name in ("dinov2", "dinov2:dgm-eval", "dinov2:edm2"):
        card = load_card(name)
        assert (card.name, card.folder, card.sha256) == (name, folder, sha256)
