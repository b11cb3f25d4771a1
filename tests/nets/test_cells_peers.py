"""Nets for microscopy beside other implementations of the same networks, with random weights."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ganeval.errors import NetError
from ganeval.nets import load_card, load_net
from ganeval.nets._weights import sha256_of, write_card

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours

TINY = {"patch_size": 8, "embed_dim": 24, "depth": 2, "num_heads": 2}


@pytest.fixture(scope="module", autouse=True)
def timm():
    return pytest.importorskip("timm", reason="timm is not installed")


def tiny(name, state, path, *, size=16):
    """The card of a small network of the kind of net `name`, with these weights in a file."""
    save_file({key: value.contiguous() for key, value in state.items()}, path)
    card = load_card(name, weights=path)
    dim = card.dim * TINY["embed_dim"] // card.options["vit"]["embed_dim"]
    options = {**card.options, "vit": TINY}
    return replace(card, input_size=(size, size), dim=dim, options=options)


def randomised(module, seed=0):
    generator = torch.Generator().manual_seed(seed)
    for p in module.parameters():
        torch.nn.init.normal_(p, std=0.3, generator=generator)
    return module.eval()


def images(channels, n=3, size=16):
    return torch.rand(n, channels, size, size, generator=torch.Generator().manual_seed(1))


def hf_config(channels):
    return {
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 96,
        "image_size": 16,
        "patch_size": 8,
        "num_channels": channels,
        "layer_norm_eps": 1e-12,
    }


@pytest.mark.parametrize(("name", "channels"), [("subcell", 4), ("subcell:dna-protein", 2)])
def test_subcell_is_a_vit_of_transformers_with_gated_attention(name, channels, tmp_path):
    import transformers as hf

    vit = hf.ViTModel(hf.ViTConfig(**hf_config(channels)), add_pooling_layer=False)
    randomised(vit)
    pool = torch.nn.ModuleDict(
        {
            "attention_v": torch.nn.Linear(24, 10),
            "attention_u": torch.nn.Linear(24, 10),
            "attention": torch.nn.Linear(10, 2),
        }
    )
    randomised(pool, seed=2)
    state = {f"encoder.{key}": value for key, value in published(vit, tmp_path).items()}
    for key, value in pool.state_dict().items():
        layer, part = key.split(".")
        number = "" if layer == "attention" else ".1"  # behind a dropout
        state[f"pool_model.{layer}{number}.{part}"] = value
    card = tiny(name, state, tmp_path / "w.safetensors")
    x = images(channels)
    features = load_net(card)(x).features
    low, high = x.amin((1, 2, 3), keepdim=True), x.amax((1, 2, 3), keepdim=True)
    with torch.no_grad():
        tokens = vit((x - low) / (high - low + 1e-6)).last_hidden_state
        gate = pool["attention_v"](tokens).tanh()
        gate = gate * torch.nn.functional.gelu(pool["attention_u"](tokens))
        weights = pool["attention"](gate).permute(0, 2, 1).softmax(-1)
        expected = torch.bmm(weights, tokens).reshape(3, -1)
    torch.testing.assert_close(features, expected, rtol=1e-4, atol=1e-4)
    assert features.shape == (3, card.dim)


def published(model, folder):
    """The weights under the names that transformers gives them in files."""
    from safetensors.torch import load_file

    model.save_pretrained(folder / "hf")
    return load_file(folder / "hf" / "model.safetensors")


@pytest.mark.parametrize("chunks", [False, True])
def test_cell_dino_is_metas_network(chunks, tmp_path):
    import transformers as hf

    theirs = randomised(hf.Dinov2Model(hf.Dinov2Config(**{**hf_config(5), "layer_norm_eps": 1e-6})))
    given = published(theirs, tmp_path)
    state = {
        "cls_token": given["embeddings.cls_token"],
        "mask_token": given["embeddings.mask_token"],
        "pos_embed": given["embeddings.position_embeddings"],
    }
    for part in ("weight", "bias"):
        state[f"patch_embed.proj.{part}"] = given[f"embeddings.patch_embeddings.projection.{part}"]
        state[f"norm.{part}"] = given[f"layernorm.{part}"]
        for i in range(2):
            ours, layer = f"blocks.{i}.{i}" if chunks else f"blocks.{i}", f"encoder.layer.{i}"
            own = f"{layer}.attention.attention"
            state[f"{ours}.attn.qkv.{part}"] = torch.cat(
                [given[f"{own}.{name}.{part}"] for name in ("query", "key", "value")]
            )
            state[f"{ours}.attn.proj.{part}"] = given[f"{layer}.attention.output.dense.{part}"]
            for name in ("norm1", "norm2", "mlp.fc1", "mlp.fc2"):
                state[f"{ours}.{name}.{part}"] = given[f"{layer}.{name}.{part}"]
    for i in range(2):
        ours = f"blocks.{i}.{i}" if chunks else f"blocks.{i}"
        for name, scale in (("ls1", "layer_scale1"), ("ls2", "layer_scale2")):
            state[f"{ours}.{name}.gamma"] = given[f"encoder.layer.{i}.{scale}.lambda1"]
    card = tiny("cell-dino:cell-painting", state, tmp_path / "w.safetensors")
    x = images(5)
    flat = x.double().flatten(2).numpy()
    z = (flat - flat.mean(2, keepdims=True)) / flat.std(2, keepdims=True)
    with torch.no_grad():
        expected = theirs(torch.from_numpy(z).float().reshape(x.shape)).pooler_output
    torch.testing.assert_close(load_net(card)(x).features, expected, rtol=1e-3, atol=1e-3)


def openphenom(path):
    """A tiny net of OpenPhenom's kind, and the network of timm whose weights it has."""
    from timm.models import vision_transformer

    from ganeval.nets.cells import _sines

    vit = vision_transformer.VisionTransformer(
        img_size=16, in_chans=1, num_classes=0, init_values=1.0, qkv_bias=False, qk_norm=True,
        block_fn=vision_transformer.ParallelScalingBlock, global_pool="avg", **TINY,
    )  # fmt: skip
    randomised(vit)
    places = torch.cat([torch.zeros(1, 24), _sines((2, 2), 24)])
    vit.pos_embed.data.copy_(places[None])
    state = {f"encoder.vit_backbone.{key}": value for key, value in vit.state_dict().items()}
    return tiny("openphenom", state, path), vit


def test_openphenom_of_one_channel_is_timms_network_on_a_standardised_image(tmp_path):
    card, vit = openphenom(tmp_path / "w.safetensors")
    x = images(1)
    z = torch.nn.InstanceNorm2d(1)(x)
    with torch.no_grad():
        expected = vit.forward_features(z)[:, 1:].mean(1)
    torch.testing.assert_close(load_net(card)(x).features, expected, rtol=1e-4, atol=1e-4)


def test_openphenom_takes_any_channels_in_any_order_and_exposure(tmp_path):
    net = load_net(openphenom(tmp_path / "w.safetensors")[0])
    x = images(7)
    features = net(x).features
    assert features.shape == (3, 24)
    torch.testing.assert_close(net(x[:, [3, 1, 0, 2, 6, 5, 4]]).features, features)
    exposed = x * torch.linspace(0.5, 1, 7)[:, None, None]
    torch.testing.assert_close(net(exposed).features, features, rtol=1e-2, atol=1e-2)
    assert not torch.allclose(net(x[:, :5]).features, features, atol=1e-2)


def test_a_five_channel_plate_of_16_bits_is_scored_without_python(tmp_path):
    from typer.testing import CliRunner

    from ganeval.cli import main

    card, _ = openphenom(tmp_path / "openphenom.safetensors")
    write_card(tmp_path / "card.json", replace(card, sha256=sha256_of(tmp_path / card.weights)))
    for seed, name in enumerate(("real", "fake")):
        plate = np.random.default_rng(seed).integers(0, 60000, (9, 5, 20, 20), np.uint16)
        np.save(tmp_path / f"{name}.npy", plate)
    sides = [str(tmp_path / f"{name}.npy") for name in ("real", "fake")]
    options = ("--feature-net", str(tmp_path), "--layout", "NCHW", "--json")
    done = CliRunner().invoke(main, ["kid", *sides, *options])
    assert done.exit_code == 0, done.output
    score = json.loads(done.stdout.splitlines()[-1])
    assert score["protocol"]["preprocessing"]["channels"] == 5
    assert score["protocol"]["net"]["name"] == "openphenom"


@pytest.mark.parametrize("name", ["cell-dino", "subcell", "openphenom"])
def test_without_its_own_weights_a_net_says_what_to_do(name, tmp_path):
    with pytest.raises(NetError, match="get them from its authors .* name the file with --weights"):
        load_net(name)
    path = tmp_path / "w.pth"
    torch.save({"x": torch.zeros(1)}, path)
    with pytest.raises(NetError, match="w.pth does not hold the weights of") as raised:
        load_net(name, weights=path)
    assert "\n" not in str(raised.value)
