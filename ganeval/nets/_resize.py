"""Rules that resize images to the size a net takes; `Card.resize` names them.

A rule maps images [n, c, h, w] float32, in units of the value range, to the wanted (height,
width). It treats each image separately, so features do not depend on the batch.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

Resizer = Callable[[Tensor, tuple[int, int]], Tensor]


def bilinear(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes bilinearly without a low-pass filter, as pytorch-fid does; shrinking aliases."""
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


def bilinear_antialias(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes bilinearly with a filter that prevents aliasing; trained nets use this rule."""
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False, antialias=True)


def clean(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Applies Pillow's bicubic filter to float channels and clips to the range, as clean-fid does.

    Source: Parmar et al. 2022, arXiv:2104.11222.
    """
    height, width = size
    out = np.empty((*x.shape[:2], height, width), np.float32)
    for i, image in enumerate((x * 255).cpu().numpy()):
        for j, channel in enumerate(image):
            out[i, j] = Image.fromarray(channel).resize((width, height), Image.Resampling.BICUBIC)
    return torch.from_numpy(out.clip(0, 255)).to(x.device) / 255


def bicubic_antialias(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes bicubically with a filter against aliasing, without clipping, as EDM2 does."""
    return F.interpolate(x, size=size, mode="bicubic", align_corners=False, antialias=True)


def pillow_bicubic(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Applies Pillow's bicubic filter to 8-bit channels, which rounds twice, as dgm-eval does.

    Values are rounded to 8 bits before.
    """
    height, width = size
    out = np.empty((*x.shape[:2], height, width), np.uint8)
    for i, image in enumerate((x * 255).round().clamp(0, 255).to(torch.uint8).cpu().numpy()):
        for j, channel in enumerate(image):
            out[i, j] = Image.fromarray(channel).resize((width, height), Image.Resampling.BICUBIC)
    return torch.from_numpy(out).to(x.device, torch.float32) / 255


def square_pillow_bicubic(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Cuts the central square, then resizes as `pillow_bicubic`; so CMMD's program reads files."""
    side = min(x.shape[2:])
    top, left = ((length - side) // 2 for length in x.shape[2:])
    return pillow_bicubic(x[:, :, top : top + side, left : left + side], size)


def tensorflow1(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes on TensorFlow 1's bilinear grid, as torch-fidelity does, with no half-pixel shift."""
    for axis, wanted in ((3, size[1]), (2, size[0])):
        have = x.shape[axis]
        # The grid is computed in float32, like the original; its rounding is part of the rule.
        grid = torch.arange(wanted, dtype=torch.float32) * torch.tensor(have / wanted)
        low = grid.long().clamp_max(have - 1)
        shape = [1, 1, 1, 1]
        shape[axis] = wanted
        weight = (grid - low).reshape(shape).to(x.device)
        low = low.to(x.device)
        below = x.index_select(axis, low)
        above = x.index_select(axis, (low + 1).clamp_max(have - 1))
        x = below + (above - below) * weight
    return x


RESIZERS: Mapping[str, Resizer] = {
    "bicubic-antialias": bicubic_antialias,
    "bilinear-antialias": bilinear_antialias,
    "inception": bilinear,
    "clean": clean,
    "pillow-bicubic": pillow_bicubic,
    "square-pillow-bicubic": square_pillow_bicubic,
    "tensorflow1": tensorflow1,
}
"""Rules by name; the further name `none` means that other sizes are an error."""
