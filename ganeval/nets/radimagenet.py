"""RadImageNet's ResNet-50, trained on radiological images, as FIDs of medical images take it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganeval.errors import NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput
from ganeval.nets._weights import read_torch_file, read_weights, sha256_of, weight_bytes

FILE = "RadImageNet-ResNet50_notop.pth"
MEAN_BGR = (0.406, 0.456, 0.485)
"""Of the values in [0, 1], by channel in reverse."""

CARDS = (
    Card(
        name="radimagenet",
        architecture="radimagenet",
        channels=3,
        input_size=(224, 224),
        resize="bilinear-antialias",
        dim=2048,
        options={"mean_bgr": list(MEAN_BGR)},
        training={"data": "RadImageNet: 1.35 million CT, MR and ultrasound images, in 2022"},
        licence="weights: by request, for research; see BMEII-AI/RadImageNet",
        source="Mei et al. 2022, doi:10.1148/ryai.210315; network and weights of "
        "Warvito/radimagenet-models, channels reversed and centred as by MONAI's tutorials; the "
        "mean over places",
        weights=FILE,
    ),
)


def is_suggested(card: Card) -> bool:
    """Whether messages propose this net: only where its weights are there."""
    return card.sha256 is not None


def with_weights(card: Card, path: Path | None) -> Card:
    """The card for the weights in `path`, whose hash makes scores comparable."""
    if path is None:
        return card
    return replace(card, folder=path.parent, weights=path.name, sha256=sha256_of(path))


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns features [n, 2048], the mean of the last layer over all places.

    Raises:
        NetError: the weights are missing, changed, or of another network.
    """
    if card.folder is None or card.sha256 is None:
        raise NetError(
            f"net {card.name!r} needs its weights, {FILE}; get them from its authors "
            "(Warvito/radimagenet-models) and name the file with --weights PATH"
        )
    network = _resnet50()
    try:
        network.load_state_dict(_read(card))
    except RuntimeError as error:
        problem = " ".join(str(error).split())[:200]
        raise NetError(
            f"{card.weights} does not hold the weights of {card.name} ({problem}); give {FILE}"
        ) from None
    network.to(device).float().eval().requires_grad_(False)
    mean = torch.tensor(MEAN_BGR, device=device).view(-1, 1, 1)

    def net(images: Tensor) -> NetOutput:
        return NetOutput(network(images.flip(1) - mean).mean((2, 3)), None)

    return net


def _read(card: Card) -> dict[str, Tensor]:
    if str(card.weights).endswith(".safetensors"):
        return read_weights(card)
    assert card.folder is not None and card.weights is not None
    wanted = f"the weights of {card.name}: a state dict of plain tensors"
    return read_torch_file(card.folder / card.weights, wanted=wanted, data=weight_bytes(card))


def _resnet50() -> Any:
    """Keras's ResNet-50 without its head: convolutions have biases, and the first one strides."""
    from torch import nn

    def convolution(inner: int, outer: int, side: int, stride: int = 1) -> nn.Conv2d:
        return nn.Conv2d(inner, outer, side, stride=stride, padding=side // 2)

    def norm(width: int) -> nn.BatchNorm2d:
        return nn.BatchNorm2d(width, eps=1.001e-5)

    class Bottleneck(nn.Module):
        """Three convolutions beside a shortcut."""

        def __init__(self, inner: int, width: int, stride: int, *, resized: bool) -> None:
            super().__init__()
            self.conv1, self.bn1 = convolution(inner, width, 1, stride), norm(width)
            self.conv2, self.bn2 = convolution(width, width, 3), norm(width)
            self.conv3, self.bn3 = convolution(width, 4 * width, 1), norm(4 * width)
            self.downsample = (
                nn.Sequential(convolution(inner, 4 * width, 1, stride), norm(4 * width))
                if resized
                else None
            )

        def forward(self, x: Tensor) -> Tensor:
            y = self.bn1(self.conv1(x)).relu()
            y = self.bn2(self.conv2(y)).relu()
            y = self.bn3(self.conv3(y))
            return torch.as_tensor(
                (y + (x if self.downsample is None else self.downsample(x))).relu()
            )

    class ResNet(nn.Module):
        """Four stages behind one convolution and one pooling."""

        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.bn1 = convolution(3, 64, 7, 2), norm(64)
            self.maxpool = nn.MaxPool2d(3, 2, padding=1)
            self.layer1 = _stage(Bottleneck, 64, 64, 3, 1)
            self.layer2 = _stage(Bottleneck, 256, 128, 4, 2)
            self.layer3 = _stage(Bottleneck, 512, 256, 6, 2)
            self.layer4 = _stage(Bottleneck, 1024, 512, 3, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.maxpool(self.bn1(self.conv1(x)).relu())
            return torch.as_tensor(self.layer4(self.layer3(self.layer2(self.layer1(x)))))

    with torch.random.fork_rng(devices=[]):
        return ResNet()


def _stage(block: Callable[..., Any], inner: int, width: int, depth: int, stride: int) -> Any:
    from torch import nn

    first = block(inner, width, stride, resized=True)
    return nn.Sequential(
        first, *(block(4 * width, width, 1, resized=False) for _ in range(depth - 1))
    )
