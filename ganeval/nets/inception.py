"""The Inception v3 of 2015 that FID is defined by, with the resizing of three packages."""

import importlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.errors import MissingExtraError, NetError
from ganeval.files import whole
from ganeval.lazy import Tensor, torch
from ganeval.nets._architectures import Download
from ganeval.nets._base import Card, Function, NetOutput
from ganeval.nets._home import nets_home
from ganeval.nets._weights import read_torch_file, read_weights, sha256_of, weight_bytes

FILE = "pt_inception-2015-12-05-6726825d.pth"
"""Official name of the weights; as usual with PyTorch, the last digits begin their SHA-256."""
URL = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{FILE}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"

OTHER = ", other weights"
"""Ends the name of a net whose weights are not the official ones."""

_OFFICIAL = Card(
    name="inception",
    architecture="inception",
    channels=3,
    input_size=(299, 299),
    resize="inception",
    dtype="uint8",
    dim=2048,
    classes=tuple(f"{i:04d}" for i in range(1008)),
    options={"normalisation": "2x-1"},
    training={"data": "ImageNet (ILSVRC 2012), by Google in 2015"},
    licence="Apache-2.0",
    source=f"{URL}; network, weights and resize of pytorch-fid; logits without bias",
    weights=FILE,
    sha256=SHA256,
)

CARDS = (
    _OFFICIAL,
    replace(
        _OFFICIAL,
        name="inception:clean",
        resize="clean",
        options={"normalisation": "(255x-128)/128"},
        source=f"{URL}; resize and normalisation of clean-fid (mode clean); logits without bias",
    ),
    replace(
        _OFFICIAL,
        name="inception:torch-fidelity",
        resize="tensorflow1",
        options={"normalisation": "(255x-128)/128"},
        source=f"{URL}; resize and normalisation of torch-fidelity; logits without bias",
    ),
    replace(
        _OFFICIAL,
        name="inception:torchmetrics",
        resize="bilinear-antialias",
        options={"normalisation": "(255x-128)/128"},
        source=f"{URL}; resize and normalisation of torchmetrics; logits without bias",
    ),
    replace(
        _OFFICIAL,
        name="inception:spatial",
        resize="tensorflow1",
        dim=7 * 17 * 17,
        classes=None,
        options={"normalisation": "(255x-128)/128", "layer": "Mixed_6d.branch1x1", "maps": 7},
        source=f"{URL}; the first 7 maps of mixed_6/conv, 17 x 17 places, as in ADM's sFID; resize "
        "of TensorFlow 1",
    ),
)


DOWNLOADS = (Download("inception", "inception 91 MB"),)


def is_suggested(card: Card) -> bool:
    """Whether its features describe whole images; those of places serve sFID alone."""
    return "layer" not in card.options


def with_weights(card: Card, path: Path | None) -> Card:
    """The card for the weights in `path`, or for the official ones if they are on this machine.

    If the weights are not the official ones, the card's name and source say so.
    """
    if path is None:
        return _with_local_weights(card)
    sha256 = sha256_of(path)
    if sha256 != SHA256:
        source = f"weights of your own, {path.name}, not the official ones; {card.source}"
        name = card.name if card.name.endswith(OTHER) else f"{card.name}{OTHER}"
        card = replace(card, name=name, source=source)
    return replace(card, folder=path.parent, weights=path.name, sha256=sha256)


def warnings_about(card: Card, features: np.ndarray) -> list[str]:
    """Says that the weights are not those that FID is defined by."""
    if card.sha256 == SHA256:
        return []
    return [
        f"the weights of net 'inception' are {card.weights}, not the official ones, so that scores "
        "cannot be compared with published ones"
    ]


def _with_local_weights(card: Card) -> Card:
    """Adds the folder that has the official file: ours, or PyTorch's download cache."""
    torch_home = os.environ.get("TORCH_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "torch"
    )
    for folder in (nets_home() / "inception", Path(torch_home) / "hub" / "checkpoints"):
        if (folder / FILE).is_file():
            return replace(card, folder=folder)
    return card


def fetch(name: str, *, url: str = URL, sha256: str = SHA256) -> Path | None:
    """Downloads the official weights (91 MB) of `inception` into the user's nets folder.

    Nothing is downloaded if the file is there and intact. An interrupted download leaves no file.

    Returns:
        The weights file, or None if `name` is another net.

    Raises:
        NetError: there is no connection, or the file at `url` has another SHA-256.
    """
    if name != _OFFICIAL.name:
        return None
    import urllib.request  # slow to import, and rarely needed

    target = nets_home() / "inception" / FILE
    if target.is_file() and sha256_of(target) == sha256:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole(target) as beside:
        with beside.open("wb") as file:
            try:
                with urllib.request.urlopen(url, timeout=60) as response:
                    shutil.copyfileobj(response, file)
            except OSError as error:  # URLError is one
                raise NetError(
                    f"{url} could not be downloaded ({error}); download it elsewhere and name the "
                    "file with --weights PATH"
                ) from None
        if (found := sha256_of(beside)) != sha256:
            raise NetError(
                f"{url} gave a file with SHA-256 {found}, wanted {sha256}; nothing was installed, "
                "try again or name a file of yours with --weights PATH"
            )
    return target


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns features [n, 2048] of the last pooling, and logits [n, 1008].

    The logits omit the bias, as in TensorFlow's original Inception Score and torch-fidelity's.

    Raises:
        NetError: the weights are missing, changed, or of another network.
        MissingExtraError: pytorch-fid is not installed.
    """
    from torch.nn import functional as F

    from ganeval.nets._fold import channels_last, fold_batch_norms

    state = _read(card)
    network = _empty_network()
    try:
        network.load_state_dict(state, assign=True)
    except RuntimeError as error:
        problem = str(error).splitlines()[1].strip()[:200]
        raise NetError(
            f"{card.weights} does not hold the weights of pytorch-fid's Inception ({problem}); "
            f"give {FILE} or one made like it"
        ) from None
    network.to(device).float().eval().requires_grad_(False)
    fold_batch_norms(network)
    channels_last(network)
    symmetric = card.options.get("normalisation") == "2x-1"
    spatial = "layer" in card.options

    def net(images: Tensor) -> NetOutput:
        x = 2 * images - 1 if symmetric else (255 * images - 128) / 128
        if spatial:
            return NetOutput(
                _places(network, x.contiguous(memory_format=torch.channels_last)), None
            )
        features = _pooled(network, x.contiguous(memory_format=torch.channels_last))
        with torch.autocast(features.device.type, enabled=False):
            return NetOutput(features, F.linear(features, network.fc.weight))

    return net


_TO_THE_PLACES = ("5b", "5c", "5d", "6a", "6b", "6c")
_FROM_THERE = ("6d", "6e", "7a", "7b", "7c")
"""Blocks before and after the layer of sFID."""


def _pooled(network: Any, x: Tensor) -> Tensor:
    """Runs the layers in torchvision's order, without its dropout and last layer."""
    from torch.nn import functional as F

    x = _before_the_places(network, x)
    for block in _FROM_THERE:
        x = getattr(network, f"Mixed_{block}")(x)
    return F.adaptive_avg_pool2d(x.float(), 1).flatten(1)


def _places(network: Any, x: Tensor) -> Tensor:
    """[n, 2023] the first 7 maps of mixed_6/conv, place by place as in TensorFlow."""
    maps: Tensor = network.Mixed_6d.branch1x1(_before_the_places(network, x))[:, :7]
    return maps.float().permute(0, 2, 3, 1).flatten(1)


def _before_the_places(network: Any, x: Tensor) -> Tensor:
    from torch.nn import functional as F

    x = network.Conv2d_2b_3x3(network.Conv2d_2a_3x3(network.Conv2d_1a_3x3(x)))
    x = F.max_pool2d(x, kernel_size=3, stride=2)
    x = network.Conv2d_4a_3x3(network.Conv2d_3b_1x1(x))
    x = F.max_pool2d(x, kernel_size=3, stride=2)
    for block in _TO_THE_PLACES:
        x = getattr(network, f"Mixed_{block}")(x)
    return x


def _empty_network() -> Any:
    """Makes torchvision's Inception with pytorch-fid's blocks, not yet with memory for weights.

    pytorch-fid's own constructor would download weights. The meta device draws no random numbers.
    """
    try:
        blocks = importlib.import_module("pytorch_fid.inception")
        torchvision = importlib.import_module("torchvision")
    except ImportError:
        raise MissingExtraError(
            "pytorch-fid", extra="inception", purpose="feature net 'inception'"
        ) from None
    with torch.device("meta"):
        network = torchvision.models.inception_v3(
            num_classes=1008, aux_logits=False, init_weights=False, weights=None
        )
        network.Mixed_5b = blocks.FIDInceptionA(192, pool_features=32)
        network.Mixed_5c = blocks.FIDInceptionA(256, pool_features=64)
        network.Mixed_5d = blocks.FIDInceptionA(288, pool_features=64)
        network.Mixed_6b = blocks.FIDInceptionC(768, channels_7x7=128)
        network.Mixed_6c = blocks.FIDInceptionC(768, channels_7x7=160)
        network.Mixed_6d = blocks.FIDInceptionC(768, channels_7x7=160)
        network.Mixed_6e = blocks.FIDInceptionC(768, channels_7x7=192)
        network.Mixed_7b = blocks.FIDInceptionE_1(1280)
        network.Mixed_7c = blocks.FIDInceptionE_2(2048)
    return network


def _read(card: Card) -> dict[str, Tensor]:
    if card.folder is None:
        raise NetError(
            f"net {card.name!r} needs its weights, {FILE}, and they are not on this machine; run "
            f"ganeval nets fetch inception, or download {URL} and name it with --weights PATH, or "
            "choose another net: --feature-net NAME (ganeval nets list)"
        )
    if (card.weights or "").endswith(".safetensors"):
        return read_weights(card)
    wanted = f"a state dict of plain tensors; give {FILE} or a .safetensors file"
    path = card.folder / (card.weights or "")
    return read_torch_file(path, wanted=wanted, data=weight_bytes(card))
