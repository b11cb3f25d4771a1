"""Nets without weights: pixel values averaged over the cells of a grid, or all pixels."""

from typing import TypedDict

from ganeval.errors import NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput, options_of

GRID = 8
"""Cells along each side."""

FINE_GRID = 32
"""Cells along each side of a grid that still shows the content of an image."""

MAX_GRID = 4096
"""More cells along a side than any image needs; a card of more is damaged."""

_COARSE = Card(
    name="pixels",
    architecture="pixels",
    channels=None,
    options={"grid": GRID},
    licence="none needed",
    source="mean value of each cell of an 8 x 8 grid, per channel; images of up to 8 pixels along "
    "a side keep their pixels; 64 features per channel from 8 x 8 pixels on",
)

_FINE = Card(
    name=f"pixels:{FINE_GRID}",
    architecture="pixels",
    channels=None,
    options={"grid": FINE_GRID},
    licence="none needed",
    source="mean value of each cell of a 32 x 32 grid, per channel; images of up to 32 pixels "
    "along a side keep their pixels",
)

_ALL = Card(
    name="pixels:all",
    architecture="pixels",
    channels=None,
    options={"grid": None},
    licence="none needed",
    source="every pixel is a feature, channel by channel: for classifiers that look at pixels",
)

CARDS = (_COARSE, _FINE, _ALL)


class _Options(TypedDict):
    """Settings in the card."""

    grid: int | None
    """Cells along a side; None keeps all pixels."""


def is_suggested(card: Card) -> bool:
    """Whether the net is the coarse grid; finer ones serve pixel classifiers and neighbours."""
    return card.options.get("grid") == GRID


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns area means [n, c * min(h, g) * min(w, g)], or all pixels.

    Features are ordered channel by channel, row by row. The cells tile the image exactly: a pixel
    on a border counts in each cell in proportion to its area there, so the mean of the features
    is the mean of the image.
    """
    grid = options_of(card, _Options)["grid"]
    if grid is not None and not 1 <= grid <= MAX_GRID:
        raise NetError(
            f"net {card.name!r} has a grid of {grid} cells along a side; wanted 1 to {MAX_GRID}"
        )

    def net(images: Tensor) -> NetOutput:
        if grid is None:  # all pixels
            return NetOutput(images.flatten(1), None)
        rows, columns = (_area_means(side, grid, device) for side in images.shape[2:])
        return NetOutput((rows @ images @ columns.T).flatten(1), None)

    return net


def _area_means(pixels: int, grid: int, device: "torch.device | str") -> Tensor:
    """Weights [cells, pixels]; row i averages the interval from i to i + 1 cells of the side."""
    cells = min(pixels, grid)
    edges = torch.arange(cells + 1, dtype=torch.float64) * pixels / cells
    pixel = torch.arange(pixels, dtype=torch.float64)
    overlap = torch.minimum(edges[1:, None], pixel + 1) - torch.maximum(edges[:-1, None], pixel)
    return (overlap.clamp_min(0) * cells / pixels).to(device, torch.float32)
