"""Net without weights that describes texture: energies of wavelets, for any number of channels.

Per channel a stationary Haar transform: at level j, differences and means of pixels 2^j apart along
both axes. Only places where all pixels are inside the image count, so that no border is invented.
As in a scattering transform (Bruna & Mallat 2013, arXiv:1203.1513), the sizes of the differences of
one level are looked at by the coarser levels once more.
"""

from itertools import combinations

from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput

MOST_LEVELS = 5
"""Wavelets of up to 32 pixels."""

_FLAT = 1e-6
"""Root mean square of differences, of a range of 1, below which channels have no correlation."""

CARDS = (
    Card(
        name="wavelet",
        architecture="wavelet",
        channels=None,
        licence="none needed",
        source="stationary Haar wavelets of each channel: mean and spread, size and energy of each "
        "level and direction, how their sizes vary at coarser levels, and correlations of channels "
        "at each level",
    ),
)


def _levels_of(height: int, width: int) -> int:
    """Levels for images of this size: a wavelet of all levels covers half of a side at most."""
    side = min(height, width)
    return max(j for j in range(MOST_LEVELS + 1) if j == 0 or 2 * (2**j - 1) <= side)


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net of images [n, c, h, w] of any size.

    Its features are, in this order,

    - the mean and the standard deviation of each channel, [2 c];
    - per level, the mean size and the root mean square of differences down, across and diagonal,
      [6 c], and for each coarser level the mean size of the differences of those sizes, [3 c];
    - per level, the correlation of differences between each two channels, [c (c - 1) / 2].
    """

    def net(images: Tensor) -> NetOutput:
        x = images.double()  # so that the size of a batch moves no digit of float32
        levels = _levels_of(*images.shape[2:])
        found = [x.mean((2, 3)), x.std((2, 3), correction=0)]
        for level in range(levels):
            x, details = _split(x, 2**level)
            sizes = [each.abs() for each in details]
            found += [size.mean((2, 3)) for size in sizes]
            found += [each.square().mean((2, 3)).sqrt() for each in details]
            for size in sizes:
                coarse = size
                for above in range(level + 1, levels):
                    coarse, rest = _split(coarse, 2**above)
                    found.append(torch.stack([each.abs().mean((2, 3)) for each in rest]).mean(0))
            found.append(_correlations(details))
        return NetOutput(torch.cat(found, 1).float(), None)

    return net


def _split(x: Tensor, apart: int) -> tuple[Tensor, list[Tensor]]:
    """Means [n, c, h - apart, w - apart] of pixels this far apart; and their differences.

    Those are down, across and both; the four together have the energy of the pixels.
    """
    low, high = _along(x, 2, apart)
    means, across = _along(low, 3, apart)
    down, both = _along(high, 3, apart)
    return means, [down, across, both]


def _along(x: Tensor, axis: int, apart: int) -> tuple[Tensor, Tensor]:
    count = x.shape[axis] - apart
    first, second = x.narrow(axis, 0, count), x.narrow(axis, apart, count)
    return (first + second) / 2, (second - first) / 2


def _correlations(details: list[Tensor]) -> Tensor:
    """[n, c (c - 1) / 2] of all differences of a level; 0 where a channel is flat."""
    rows = torch.cat([each.flatten(2) for each in details], 2)
    products = rows @ rows.transpose(1, 2) / rows.shape[2]
    spread = products.diagonal(dim1=1, dim2=2).sqrt()
    pairs = list(combinations(range(rows.shape[1]), 2))
    if not pairs:
        return spread[:, :0]
    first, second = torch.tensor(pairs, device=rows.device).T
    both = spread[:, first] * spread[:, second]
    found = products[:, first, second] / both.clamp(min=_FLAT**2)
    return torch.where((spread[:, first] > _FLAT) & (spread[:, second] > _FLAT), found, 0.0)
