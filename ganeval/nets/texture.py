"""A feature net without weights: named figures of whole images, of any number of channels.

It is for fields of view, tissue and photographs, where `morphology` has no single object to
measure. Values are from 0 (black) to 1 (white), scales in pixels:

| feature | meaning |
|---|---|
| `ch0.mean`, `.spread`, `.q05` … `.q95` | mean, standard deviation and quantiles of the pixels |
| `ch0.log_skewness` | third standardised moment |
| `ch0.black`, `.white` | share of pixels at or beyond either end of the range |
| `ch0.detail_2` … `.detail_32` | root mean square of detail of 2 to 4, … 32 to 64 pixels |
| `ch0.slope` | how fast detail grows with its scale: powers of 2 per doubling of the scale |
| `ch0.grid_2`, `.grid_4` | size of a pattern that repeats every 2, or 4, pixels |
| `ch0.direction` | detail from left to right (1) or from top to bottom (-1) |
| `ch0.across`, `.down` | how much brighter the right half is, and the lower half |
| `ch0.centre` | how much brighter the middle is than the rest |
| `ch0.unevenness` | standard deviation of the means of 4 x 4 fields |
| `ch0_ch1.pearson` | correlation of the pixels of two channels |
| `ch0_ch1.detail` | correlation of their detail of 2 to 8 pixels: falls where they are shifted |
| `ch0_ch1.difference` | how much brighter the first is |

Detail is measured in the spectrum under a Hann window, so no border is invented. Patterns with a
fixed period are what upsampling by transposed convolutions leaves behind (Odena et al. 2016,
doi:10.23915/distill.00003). The finest detail holds the corners of the spectrum too.
"""

from itertools import combinations

from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput
from ganeval.nets._words import LOG, Words

PERIODS = (2, 4, 8, 16, 32)
"""Shortest period of each band of detail, in pixels; the longest is twice that."""
GRIDS = (2, 4)
"""Periods of the patterns that are looked for, in pixels."""
QUANTILES = (5, 25, 50, 75, 95)
FIELDS = 4
"""Fields along a side whose means are compared."""
_FLAT = 1e-7
"""Root mean square, of a range of 1, below which rounding decides."""

CARD = Card(
    name="texture",
    architecture="texture",
    channels=None,
    licence="none needed",
    source="figures of whole images: intensity, detail by scale, spectrum, repeated patterns, "
    "direction and layout of each channel, 23 per channel, and 3 per pair of channels",
)

CARDS = (CARD,)

_CHANNEL = {
    "mean": Words("{0} brightness (mean)", "level", less="darker", more="brighter"),
    "spread": Words("{0} contrast (standard deviation)", "amplitude"),
    **{
        f"q{q:02}": Words(
            f"{{0}} brightness ({q} % quantile)", "level", less="darker", more="brighter"
        )
        for q in QUANTILES
    },
    f"{LOG}skewness": Words("{0} skewness (bright spots on a dark ground)"),
    "black": Words("share of black pixels in {0}", "share"),
    "white": Words("share of white pixels in {0}", "share"),
    **{
        f"detail_{p}": Words(
            f"{{0}} detail of {p} to {2 * p} px", "amplitude", less="smoother", more="rougher"
        )
        for p in PERIODS
    },
    "slope": Words(
        "{0} growth of detail with its scale (spectrum)", less="flatter", more="steeper"
    ),
    **{f"grid_{p}": Words(f"{{0}} pattern that repeats every {p} px", "amplitude") for p in GRIDS},
    "direction": Words("{0} direction of detail (1 left to right, -1 top to bottom)"),
    "across": Words("{0} brightness of the right half less the left", "amplitude"),
    "down": Words("{0} brightness of the lower half less the upper", "amplitude"),
    "centre": Words("{0} brightness of the middle less the rest", "amplitude"),
    "unevenness": Words(
        "{0} unevenness (means of 4 x 4 fields)", "amplitude", less="more even", more="less even"
    ),
}

_PAIR = {
    "pearson": Words("correlation of {0} and {1}"),
    "detail": Words("correlation of the detail of {0} and {1}"),
    "difference": Words("{0} brightness less that of {1}", "amplitude"),
}


def feature_names(card: Card, channels: int) -> tuple[str, ...]:
    """Names of the columns for images of this many channels."""
    names = [f"ch{c}.{name}" for c in range(channels) for name in _CHANNEL]
    names += [f"ch{a}_ch{b}.{name}" for a, b in combinations(range(channels), 2) for name in _PAIR]
    return tuple(names)


def feature_words(card: Card, channels: int) -> tuple[Words, ...]:
    """The columns in plain words."""
    words = [w._replace(channels=(c,)) for c in range(channels) for w in _CHANNEL.values()]
    words += [
        w._replace(channels=pair)
        for pair in combinations(range(channels), 2)
        for w in _PAIR.values()
    ]
    return tuple(words)


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net of images [n, c, h, w] of any size that returns [n, 23 c + 3 c (c - 1) / 2]."""

    def net(images: Tensor) -> NetOutput:
        x = images.double()  # so that the size of a batch moves no digit of float32
        bands, share = _bands(x)
        per_channel = [*_intensity(x), *_detail(bands), *_grids(x), *_layout(x)]
        rows = torch.stack(per_channel, 2).flatten(1)
        return NetOutput(torch.cat([rows, _pairs(x, share)], 1).float(), None)

    return net


def _intensity(x: Tensor) -> list[Tensor]:
    """Mean, spread, quantiles, skewness, and shares at the ends of the range; each [n, c]."""
    flat = x.flatten(2)
    mean, spread = flat.mean(2), flat.std(2, correction=0)
    standard = (flat - mean[..., None]) / spread.clamp(min=_FLAT)[..., None]
    skewness = standard.pow(3).mean(2)
    return [
        mean,
        spread,
        *_quantiles(flat),
        skewness.sign() * skewness.abs().log1p(),
        (flat <= 0).double().mean(2),
        (flat >= 1).double().mean(2),
    ]


def _quantiles(flat: Tensor) -> list[Tensor]:
    """Each of QUANTILES, [n, c], of pixels [n, c, m]; torch's own take few pixels at once."""
    order = flat.sort(2).values
    found = []
    for q in QUANTILES:
        place = q / 100 * (flat.shape[2] - 1)
        low, share = int(place), place % 1
        high = min(low + 1, flat.shape[2] - 1)
        found.append(order[..., low] * (1 - share) + order[..., high] * share)
    return found


def _bands(x: Tensor) -> tuple[Tensor, Tensor]:
    """Energy [n, c, bands] of each octave, and the spectrum [n, c, ...] of detail of 2 to 8 px.

    Source of the window and its norm: Welch 1967, doi:10.1109/TAU.1967.1161901.
    """
    h, w = x.shape[2:]
    hann = [
        torch.hann_window(side + 2, periodic=False, dtype=x.dtype, device=x.device)[1:-1]
        for side in (h, w)
    ]
    window = hann[0][:, None] * hann[1]
    centred = x - ((x * window).sum((2, 3)) / window.sum())[..., None, None]
    spectrum = torch.fft.fft2(centred * window)
    energy = spectrum.abs().square() / (h * w * window.square().sum())
    down = torch.fft.fftfreq(h, dtype=x.dtype, device=x.device)
    across = torch.fft.fftfreq(w, dtype=x.dtype, device=x.device)
    frequency = (down[:, None].square() + across.square()).sqrt()
    tops = (torch.inf, *(1 / p for p in PERIODS[1:]))
    within = [
        (frequency > 1 / (2 * p)) & (frequency <= top) for p, top in zip(PERIODS, tops, strict=True)
    ]
    fine = within[0] | within[1]
    return torch.stack([energy[:, :, band].sum(2) for band in within], 2), spectrum[:, :, fine]


def _detail(energy: Tensor) -> list[Tensor]:
    """Root mean square of each octave, and the slope of its logarithm; each [n, c]."""
    sizes = energy.sqrt()
    octaves = torch.arange(len(PERIODS), dtype=energy.dtype, device=energy.device)
    there = sizes > _FLAT
    weights = there / there.sum(2, keepdim=True).clamp(min=1)
    logs = torch.where(there, sizes.clamp(min=_FLAT).log2(), 0.0)
    centred = (octaves - (weights * octaves).sum(2, keepdim=True)) * there
    squares = centred.square().sum(2)
    slope = (centred * logs).sum(2) / squares.clamp(min=1)
    return [*sizes.unbind(2), torch.where(squares > 0, slope, 0.0)]


def _grids(x: Tensor) -> list[Tensor]:
    """Standard deviation [n, c] of the mean over all blocks of p x p pixels, for each period p."""
    found = []
    for p in GRIDS:
        rows, columns = x.shape[2] // p, x.shape[3] // p
        if not rows or not columns:
            found.append(torch.zeros_like(x[:, :, 0, 0]))
            continue
        blocks = x[:, :, : rows * p, : columns * p].reshape(*x.shape[:2], rows, p, columns, p)
        pattern = blocks.mean((2, 4))
        found.append(pattern.std((2, 3), correction=0))
    return found


def _layout(x: Tensor) -> list[Tensor]:
    """Direction of detail, and how brightness is spread over the image; each [n, c]."""
    h, w = x.shape[2:]
    across = x.diff(dim=3).square().sum((2, 3)) / max(h * (w - 1), 1)
    down = x.diff(dim=2).square().sum((2, 3)) / max((h - 1) * w, 1)
    both = across + down
    middle = x[:, :, h // 4 : h - h // 4, w // 4 : w - w // 4]
    n_rest = h * w - middle.shape[2] * middle.shape[3]
    rest = (x.sum((2, 3)) - middle.sum((2, 3))) / n_rest if n_rest else middle.mean((2, 3))
    fields = torch.nn.functional.adaptive_avg_pool2d(x, (min(FIELDS, h), min(FIELDS, w)))
    return [
        torch.where(both > _FLAT**2, (across - down) / both.clamp(min=_FLAT**2), 0.0),
        _mean(x[..., (w + 1) // 2 :]) - _mean(x[..., : w // 2]),
        _mean(x[:, :, (h + 1) // 2 :]) - _mean(x[:, :, : h // 2]),
        middle.mean((2, 3)) - rest,
        fields.flatten(2).std(2, correction=0),
    ]


def _mean(x: Tensor) -> Tensor:
    """[n, c]; 0 for no pixels."""
    return x.sum((2, 3)) / max(x.shape[2] * x.shape[3], 1)


def _pairs(x: Tensor, fine: Tensor) -> Tensor:
    """[n, 3 c (c - 1) / 2] of all pairs of channels."""
    flat = x.flatten(2)
    mean = flat.mean(2)
    centred = flat - mean[..., None]
    found = []
    for a, b in combinations(range(x.shape[1]), 2):
        found += [
            _correlation(centred[:, a], centred[:, b]),
            _correlation(fine[:, a], fine[:, b]),
            mean[:, a] - mean[:, b],
        ]
    return torch.stack(found, 1) if found else flat[:, 0, :0]


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    """[n] of rows [n, m] of mean 0, or of spectra; 0 where one of them is flat."""
    sizes = [each.abs().square().sum(1).sqrt() for each in (a, b)]
    product = (a * b.conj()).sum(1).real if a.is_complex() else (a * b).sum(1)
    least = _FLAT * max(a.shape[1], 1) ** 0.5
    there = (sizes[0] > least) & (sizes[1] > least)
    return torch.where(there, product / (sizes[0] * sizes[1]).clamp(min=least**2), 0.0)
