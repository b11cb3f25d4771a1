"""Vision transformers for fluorescence microscopy: Cell-DINO, SubCell and OpenPhenom.

Each image is standardised by itself, as in their training, so that exposure counts for little.
Their weights have licences of their own and are given by path; nothing is unpickled but tensors.
"""

import functools
import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypedDict

from ganeval.errors import MissingExtraError, NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput, options_of
from ganeval.nets._weights import read_torch_file, read_weights, sha256_of, weight_bytes

_LARGE = {"patch_size": 16, "embed_dim": 1024, "depth": 24, "num_heads": 16}
_BASE = {"patch_size": 16, "embed_dim": 768, "depth": 12, "num_heads": 12}
_SMALL = {"patch_size": 16, "embed_dim": 384, "depth": 12, "num_heads": 6}


def _card(name: str, channels: int | None, size: int, dim: int, **more: Any) -> Card:
    resize = "bilinear-antialias"
    return Card(
        name, "cells", channels, input_size=(size, size), resize=resize, dim=dim,
        weights=f"{name.replace(':', '-')}.pth", **more,
    )  # fmt: skip


CARDS = (
    _card(
        "cell-dino", 4, 224, 1024,
        options={"kind": "dino", "vit": _LARGE},
        training={"data": "Human Protein Atlas, fields of view, without labels, by Meta in 2025"},
        licence="weights: FAIR non-commercial research; see facebookresearch/dinov2",
        source="Cell-DINO ViT-L/16; channels in the order of its training images",
    ),
    _card(
        "cell-dino:cell-painting", 5, 128, 384,
        options={"kind": "dino", "vit": {**_SMALL, "patch_size": 8}},
        training={"data": "Cell Painting data sets, without labels, by Meta in 2025"},
        licence="weights: FAIR non-commercial research; see facebookresearch/dinov2",
        source="Cell-DINO ViT-S/8; channels in the order of its training images",
    ),
    _card(
        "subcell", 4, 448, 1536,
        options={"kind": "subcell", "vit": _BASE},
        training={"data": "Human Protein Atlas, single cells, by CZI and KTH in 2024"},
        licence="MIT; see czi-ai/sub-cell-embed",
        source="SubCell ViT-B/16 with attention pooling; channels: microtubules, ER, DNA, protein",
    ),
    _card(
        "subcell:dna-protein", 2, 448, 1536,
        options={"kind": "subcell", "vit": _BASE},
        training={"data": "Human Protein Atlas, single cells, by CZI and KTH in 2024"},
        licence="MIT; see czi-ai/sub-cell-embed",
        source="SubCell ViT-B/16 with attention pooling; channels: DNA, protein",
    ),
    _card(
        "openphenom", None, 256, 384,
        options={"kind": "openphenom", "vit": _SMALL},
        training={"data": "RxRx3 and JUMP-CP, without labels, by Recursion in 2024"},
        licence="Recursion's, non-commercial; see recursionpharma/OpenPhenom",
        source="OpenPhenom, channel-agnostic ViT-S/16: any number of channels; mean of its tokens; "
        "Kraus et al. 2024, arXiv:2404.10242",
    ),
)  # fmt: skip


class _Options(TypedDict):
    kind: Literal["dino", "subcell", "openphenom"]
    vit: dict[str, int]


def is_suggested(card: Card) -> bool:
    """Whether messages propose this net: only where its weights are there."""
    return card.sha256 is not None


def with_weights(card: Card, path: Path | None) -> Card:
    """The card for the weights in `path`, whose hash makes scores comparable."""
    if path is None:
        return card
    sha256 = sha256_of(path)
    return replace(card, folder=path.parent, weights=path.name, sha256=sha256)


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns one vector [n, d] for each image.

    Raises:
        NetError: the weights are missing, changed, or of another model.
        MissingExtraError: timm is not installed.
    """
    if card.folder is None or card.sha256 is None:
        raise NetError(
            f"net {card.name!r} needs its weights; get them from its authors ({card.licence}) and "
            "name the file with --weights PATH"
        )
    options = options_of(card, _Options)
    with torch.random.fork_rng(devices=[]):  # timm draws weights before it gets ours
        vit, extra = _VITS[options["kind"]](card, options["vit"], _read(card))
    vit.to(device).float().eval().requires_grad_(False)
    extra = {name: value.to(device).float() for name, value in extra.items()}
    standardised, pooled = _STANDARDISED[options["kind"]], _POOLED[options["kind"]]

    def net(images: Tensor) -> NetOutput:
        return NetOutput(pooled(vit, standardised(images), extra), None)

    return net


def _read(card: Card) -> dict[str, Tensor]:
    if str(card.weights).endswith(".safetensors"):
        return read_weights(card)
    assert card.folder is not None and card.weights is not None
    wanted = f"the weights of {card.name}: a state dict of plain tensors"
    state = read_torch_file(card.folder / card.weights, wanted=wanted, data=weight_bytes(card))
    return {name: value for name, value in state.items() if torch.is_tensor(value)}


_Made = tuple[Any, dict[str, Tensor]]


def _dino(card: Card, shape: Mapping[str, int], state: dict[str, Tensor]) -> _Made:
    """DINOv2's network; its blocks may be stored in chunks, as `blocks.2.13.norm1.weight`."""
    vit = _timm(card).VisionTransformer(
        img_size=card.input_size, in_chans=card.channels, num_classes=0, init_values=1.0, **shape
    )
    state = {
        re.sub(r"^blocks\.\d+\.(\d+\.)", r"blocks.\1", name): value
        for name, value in state.items()
        if name != "mask_token"
    }
    return _filled(vit, state, card), {}


def _subcell(card: Card, shape: Mapping[str, int], state: dict[str, Tensor]) -> _Made:
    """A ViT of transformers, whose query, key and value timm keeps in one matrix; and a pooler."""
    norm = functools.partial(torch.nn.LayerNorm, eps=1e-12)
    vit = _timm(card).VisionTransformer(
        img_size=card.input_size, in_chans=card.channels, num_classes=0, norm_layer=norm, **shape
    )
    names = {
        "cls_token": "embeddings.cls_token",
        "pos_embed": "embeddings.position_embeddings",
        **_both("patch_embed.proj", "embeddings.patch_embeddings.projection"),
        **_both("norm", "layernorm"),
    }
    for i in range(shape["depth"]):
        block, layer = f"blocks.{i}", f"encoder.layer.{i}"
        names |= _both(f"{block}.norm1", f"{layer}.layernorm_before")
        names |= _both(f"{block}.norm2", f"{layer}.layernorm_after")
        names |= _both(f"{block}.attn.proj", f"{layer}.attention.output.dense")
        names |= _both(f"{block}.mlp.fc1", f"{layer}.intermediate.dense")
        names |= _both(f"{block}.mlp.fc2", f"{layer}.output.dense")
    try:
        found = {ours: state[f"encoder.{theirs}"] for ours, theirs in names.items()}
        for i in range(shape["depth"]):
            for part in ("weight", "bias"):
                own = f"encoder.encoder.layer.{i}.attention.attention"
                three = [state[f"{own}.{name}.{part}"] for name in ("query", "key", "value")]
                found[f"blocks.{i}.attn.qkv.{part}"] = torch.cat(three)
        # In training a dropout stood before each matrix, which shifts the numbers of the layers.
        pooler = {
            re.sub(r"_([uv])\.\d\.", r"_\1.", name.removeprefix("pool_model.")): value
            for name, value in state.items()
            if name.startswith("pool_model.")
        }
        for name in ("attention_v", "attention_u", "attention"):
            assert {f"{name}.weight", f"{name}.bias"} <= pooler.keys()
    except (KeyError, AssertionError) as error:
        raise _unfit(card, f"{error or 'no pool_model'} is missing") from None
    return _filled(vit, found, card), pooler


def _openphenom(card: Card, shape: Mapping[str, int], state: dict[str, Tensor]) -> _Made:
    """One projection of patches for all channels; the encoder of a masked autoencoder."""
    timm = _timm(card)
    vit = timm.VisionTransformer(
        img_size=card.input_size,
        in_chans=1,
        num_classes=0,
        init_values=1e-4,
        block_fn=timm.ParallelScalingBlock,
        qkv_bias=False,
        qk_norm=True,
        global_pool="avg",  # which puts the last norm behind the mean, where it is not used
        **shape,
    )
    prefix = "encoder.vit_backbone."
    own = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    # Fixed sines of the place alone, repeated for each channel: made anew for any number of them.
    own["pos_embed"] = vit.pos_embed.detach()
    return _filled(vit, own, card), {}


_VITS: Mapping[str, Callable[..., _Made]] = {
    "dino": _dino,
    "subcell": _subcell,
    "openphenom": _openphenom,
}


def _by_channel(images: Tensor) -> Tensor:
    """Each channel of each image to mean 0 and standard deviation 1."""
    spread = images.std((-2, -1), correction=0, keepdim=True)
    return (images - images.mean((-2, -1), keepdim=True)) / (spread + 1e-7)


def _by_range(images: Tensor) -> Tensor:
    """Each image, all channels together, to 0 at its darkest and 1 at its brightest value."""
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    return (images - low) / (high - low + 1e-6)


def _by_instance(images: Tensor) -> Tensor:
    return torch.nn.functional.instance_norm(images)


_STANDARDISED = {"dino": _by_channel, "subcell": _by_range, "openphenom": _by_instance}


def _first_token(vit: Any, images: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
    return torch.as_tensor(vit.forward_features(images)[:, 0])


def _attention(vit: Any, images: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
    """Gated attention: each head is a weighted mean of all tokens."""
    from torch.nn import functional as F

    tokens = vit.forward_features(images)
    v, u, out = (
        (extra[f"{name}.weight"], extra[f"{name}.bias"])
        for name in ("attention_v", "attention_u", "attention")
    )
    gated = torch.tanh(F.linear(tokens, *v)) * F.gelu(F.linear(tokens, *u))
    weights = F.linear(gated, *out).softmax(1)
    return torch.as_tensor((weights.mT @ tokens).flatten(1))


def _mean_token(vit: Any, images: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
    """Patches of every channel are tokens, which see each other; the mean of all but the first."""
    n, channels = images.shape[:2]
    patches = torch.cat([vit.patch_embed(images[:, i : i + 1]) for i in range(channels)], 1)
    places = _sines(vit.patch_embed.grid_size, patches.shape[2]).to(images)
    tokens = torch.cat([vit.cls_token.expand(n, -1, -1), patches + places.repeat(channels, 1)], 1)
    return torch.as_tensor(vit.norm(vit.blocks(vit.norm_pre(tokens)))[:, 1:].mean(1))


_POOLED = {"dino": _first_token, "subcell": _attention, "openphenom": _mean_token}


def _sines(grid: tuple[int, int], d: int) -> Tensor:
    """[rows · columns, d] sines and cosines of the row, then of the column."""
    rates = 10_000.0 ** -(torch.arange(d // 4) / (d // 4))
    rows, columns = torch.meshgrid(*(torch.arange(float(k)) for k in grid), indexing="ij")
    angles = [torch.outer(axis.flatten(), rates) for axis in (rows, columns)]
    return torch.cat([wave(angle) for angle in angles for wave in (torch.sin, torch.cos)], 1)


def _both(ours: str, theirs: str) -> dict[str, str]:
    return {f"{ours}.{part}": f"{theirs}.{part}" for part in ("weight", "bias")}


def _filled(vit: Any, state: dict[str, Tensor], card: Card) -> Any:
    try:
        vit.load_state_dict(state)
    except RuntimeError as error:
        raise _unfit(card, " ".join(str(error).split())[:200]) from None
    return vit


def _unfit(card: Card, problem: str) -> NetError:
    return NetError(
        f"{card.weights} does not hold the weights of {card.name} ({problem}); get the file that "
        "its authors published"
    )


def _timm(card: Card) -> Any:
    try:
        return importlib.import_module("timm.models.vision_transformer")
    except ImportError:
        raise MissingExtraError(
            "timm", extra="timm", purpose=f"feature net {card.name!r}"
        ) from None
