"""Other tools and ours from files to score, with the same random weights in both.

Images are CIFAR-10's of `$GANEVAL_DATA`, as PNG files. So few make singular covariances, of whose
rounding errors other tools take the root: their distances are a little too small.
"""

import io
import math
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter

import ganeval
from benchmarks.protocols.from_features import Pair, _cmmd, _fid
from ganeval.metrics import PROTOCOLS
from ganeval.nets import load_card, load_net, prepare

N = 32


def pairs(dinov2: str | None) -> Iterator[Pair]:
    """One for each protocol: `fid`, or the score that it has."""
    home = Path(tempfile.mkdtemp())
    real, fake = _folders(home)
    weights = _inception_weights(home)

    def ours(protocol: str) -> Callable[[], float]:
        def run() -> float:
            done = subprocess.run(
                [sys.executable, "-m", "ganeval", "fid", str(real), str(fake), "--protocol",
                 protocol, "--weights", str(weights), "--json", "--no-cache", "--quiet"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            import json

            return float(json.loads(done.stdout)["value"])

        return run

    yield Pair(
        "pytorch-fid", "fid", lambda: _pytorch_fid(real, fake, weights), ours("pytorch-fid"), True
    )
    yield Pair("clean-fid", "fid", lambda: _clean_fid(real, fake, weights), ours("clean-fid"), True)
    yield Pair(
        "torch-fidelity", "fid", lambda: _torch_fidelity(real, fake, weights),
        ours("torch-fidelity"), True,
    )  # fmt: skip
    yield Pair(
        "torchmetrics",
        "fid",
        lambda: _torchmetrics(real, fake, weights),
        ours("torchmetrics"),
        True,
    )
    for protocol in ("adm", "edm2"):
        yield Pair(
            protocol, "fid", lambda: _stylegan(real, fake, weights), ours(protocol), False,
            "resize of TensorFlow 1 by a sampling grid",
        )  # fmt: skip
    if dinov2 is not None:
        yield from _dinov2(real, fake, home, dinov2)
    yield _clip(real, fake, home)


def _folders(home: Path) -> tuple[Path, Path]:
    archive = Path(os.environ["GANEVAL_DATA"]) / "cifar10" / "test.zip"
    with zipfile.ZipFile(archive) as file:
        names = sorted(name for name in file.namelist() if name.endswith((".jpg", ".png")))
        step = len(names) // (2 * N)
        for i, name in enumerate(names[::step][: 2 * N]):
            image = Image.open(io.BytesIO(file.read(name))).convert("RGB")
            folder = home / ("fake" if i % 2 else "real")
            folder.mkdir(exist_ok=True)
            image = image.filter(ImageFilter.GaussianBlur(1)) if i % 2 else image
            image.save(folder / f"{i:04d}.png")
    return home / "real", home / "fake"


def _images(folder: Path) -> np.ndarray:
    """[n, h, w, 3] uint8."""
    return np.stack([np.asarray(Image.open(path)) for path in sorted(folder.iterdir())])


def _inception_weights(home: Path) -> Path:
    """Random weights in the form of the official ones, that keep the size of activations."""
    from ganeval.nets.inception import _empty_network

    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, empty in _empty_network().state_dict().items():
        if empty.ndim > 1:
            gain = math.sqrt(2 / empty[0].numel())
            state[name] = gain * torch.randn(empty.shape, generator=generator)
        elif name.endswith(("bn.weight", "running_var")):
            state[name] = 0.5 + torch.rand(empty.shape, generator=generator)
        elif empty.ndim == 1:
            state[name] = 0.1 * torch.randn(empty.shape, generator=generator)
        else:
            state[name] = torch.zeros((), dtype=torch.int64)
    torch.save(state, home / "random.pth")
    return home / "random.pth"


def _pytorch_fid(real: Path, fake: Path, weights: Path) -> float:
    from pytorch_fid import fid_score, inception

    state = torch.load(weights, weights_only=True)
    inception.load_state_dict_from_url = lambda *a, **k: state
    return float(
        fid_score.calculate_fid_given_paths([str(real), str(fake)], N, "cpu", 2048, num_workers=0)
    )


def _network(weights: Path):
    from ganeval.nets import inception

    network = inception._empty_network()
    network.load_state_dict(torch.load(weights, weights_only=True), assign=True)
    return network.eval()


def _clean_fid(real: Path, fake: Path, weights: Path) -> float:
    """Its files, resize and normalisation around the same layers."""
    from cleanfid.fid import fid_from_feats, get_folder_features

    from ganeval.nets import inception

    network = _network(weights)

    class Layers:
        """What its feature extractor is made of."""

        def __call__(self, x: torch.Tensor) -> torch.Tensor:
            return inception._pooled(network, (x - 128) / 128)

    with torch.no_grad():
        cpu = torch.device("cpu")
        sides = [
            get_folder_features(str(folder), Layers(), num_workers=0, device=cpu, verbose=False)
            for folder in (fake, real)
        ]
    return float(fid_from_feats(*(side.astype(np.float64) for side in sides)))


def _torch_fidelity(real: Path, fake: Path, weights: Path) -> float:
    from torch_fidelity import calculate_metrics

    return float(
        calculate_metrics(
            input1=str(fake),
            input2=str(real),
            fid=True,
            feature_extractor_weights_path=str(weights),
            cuda=False,
            cache=False,
            save_cpu_ram=True,
            verbose=False,
        )["frechet_inception_distance"]
    )


def _torchmetrics(real: Path, fake: Path, weights: Path) -> float:
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(feature=2048, feature_extractor_weights_path=str(weights))
    metric.set_dtype(torch.float64)
    metric.inception.float()
    metric.inception._dtype = torch.float32
    for folder in (real, fake):
        images = torch.from_numpy(_images(folder)).permute(0, 3, 1, 2)
        metric.update(images, real=folder == real)
    return float(metric.compute())


def _stylegan(real: Path, fake: Path, weights: Path) -> float:
    """Inception as StyleGAN's and EDM's programs run it, which translate TensorFlow's graph."""
    from ganeval.nets import inception

    network = _network(weights)
    sides = []
    for folder in (real, fake):
        x = torch.from_numpy(_images(folder)).permute(0, 3, 1, 2).float()
        theta = torch.eye(2, 3)
        theta[0, 2] += theta[0, 0] / x.shape[3] - theta[0, 0] / 299
        theta[1, 2] += theta[1, 1] / x.shape[2] - theta[1, 1] / 299
        grid = torch.nn.functional.affine_grid(
            theta[None].repeat(len(x), 1, 1), [len(x), 3, 299, 299], align_corners=False
        )
        x = torch.nn.functional.grid_sample(
            x, grid, mode="bilinear", padding_mode="border", align_corners=False
        )
        with torch.no_grad():
            sides.append(inception._pooled(network, (x - 128) / 128).double().numpy())
    return _fid(*sides)


def _score(card, real: Path, fake: Path, protocol: str, metric: str) -> float:
    net = load_net(card)
    sides = []
    for folder in (real, fake):
        images = [image.transpose(2, 0, 1) for image in _images(folder)]
        sides.append(net(prepare(images, card=card)).features.numpy())
    function = getattr(ganeval, metric)
    return float(function(*sides, **PROTOCOLS[protocol].fixed(metric)))


def _dinov2(real: Path, fake: Path, home: Path, checkout: str) -> Iterator[Pair]:
    """Meta's own code of DINOv2, small, after the resize of either tool."""
    from safetensors.torch import save_file

    sys.path.insert(0, checkout)
    from dinov2.hub.backbones import dinov2_vits14

    generator = torch.Generator().manual_seed(0)
    network = dinov2_vits14(pretrained=False).eval()
    for p in network.parameters():
        torch.nn.init.normal_(p, std=0.05, generator=generator)
    torch.nn.init.normal_(network.pos_embed, std=0.5, generator=generator)
    path = home / "dinov2.safetensors"
    state = network.state_dict()
    save_file({k: v.contiguous() for k, v in state.items() if k != "mask_token"}, path)
    mean, std = (
        torch.tensor(load_card("dinov2").options[key])[:, None, None] for key in ("mean", "std")
    )

    def theirs(resize: Callable[[np.ndarray], torch.Tensor]) -> float:
        sides = []
        for folder in (real, fake):
            x = torch.stack([resize(image) for image in _images(folder)])
            with torch.no_grad():
                sides.append(network((x / 255 - mean) / std).double().numpy())
        return _fid(*sides)

    def pillow(image: np.ndarray) -> torch.Tensor:
        resized = Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC)
        return torch.from_numpy(np.array(resized)).permute(2, 0, 1).float()

    def filtered(image: np.ndarray) -> torch.Tensor:
        x = torch.from_numpy(image).permute(2, 0, 1)[None].float()
        return torch.nn.functional.interpolate(x, size=(224, 224), mode="bicubic", antialias=True)[
            0
        ]

    for protocol, resize in (("dgm-eval", pillow), ("edm2", filtered)):
        card = load_card(f"dinov2:{protocol}", weights=path)
        options = {**card.options, "model": "vit_small_patch14_dinov2.lvd142m"}
        card = replace(card, dim=384, options=options)
        yield Pair(
            protocol, "fid (DINOv2)", lambda resize=resize: theirs(resize),
            lambda card=card, protocol=protocol: _score(card, real, fake, protocol, "fid"), True,
            "net of the repository dinov2, ViT-S/14; resize restated",
        )  # fmt: skip


def _clip(real: Path, fake: Path, home: Path) -> Pair:
    """CLIP by transformers against CLIP by open_clip would compare nets: both are open_clip's."""
    import open_clip
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32", pretrained=None, force_quick_gelu=True).eval()
    path = home / "clip.safetensors"
    state = model.state_dict()
    save_file({k: v.contiguous() for k, v in state.items() if k.startswith("visual")}, path)
    card = load_card("clip:cmmd", weights=path)
    card = replace(
        card, input_size=(224, 224), dim=512, options={**card.options, "model": "ViT-B-32"}
    )
    mean, std = (torch.tensor(card.options[key])[:, None, None] for key in ("mean", "std"))

    def theirs() -> float:
        sides = []
        for folder in (real, fake):
            resized = [
                np.asarray(Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC))
                for image in _images(folder)
            ]
            x = torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2).float() / 255
            with torch.no_grad():
                sides.append(model.encode_image((x - mean) / std, normalize=True).double().numpy())
        return _cmmd(*sides)

    return Pair(
        "cmmd", "kid", theirs, lambda: _score(card, real, fake, "cmmd", "kid"), False,
        "net of open_clip, ViT-B/32; resize restated",
    )  # fmt: skip
