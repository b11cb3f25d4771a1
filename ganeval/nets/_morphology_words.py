"""The features of `morphology` in plain words."""

from collections.abc import Mapping
from itertools import combinations

from ganeval.nets._measure import AXIAL_BINS, CHANNEL, EDGE_BINS, QUANTILES, SHAPE
from ganeval.nets._words import Words

_SHAPE = {
    "area": Words("area", "area", less="smaller", more="larger"),
    "length": Words("length", "length", less="shorter", more="longer"),
    "width": Words("width", "length", less="narrower", more="wider"),
    "eccentricity": Words("elongation (eccentricity)", less="rounder", more="more elongated"),
    "bending": Words("bending", less="straighter", more="more bent"),
}

_FINE = ("under 1 px", "1 to 2 px", "2 to 4 px")


def _level(name: str) -> Words:
    return Words(f"{{0}} brightness {name}".strip(), "level", less="darker", more="brighter")


def _of_channel() -> Mapping[str, Words]:
    found = {
        "mean": _level("(mean)"),
        "spread": Words("{0} contrast (standard deviation)", "amplitude"),
        **{f"q{q:02}": _level(f"({q} % quantile)") for q in QUANTILES},
        "skewness": Words("{0} skewness (bright spots on a dark ground)"),
        **{
            f"texture_{i}": Words(
                f"{{0}} detail of {scale}", "amplitude", less="smoother", more="rougher"
            )
            for i, scale in enumerate(_FINE, 1)
        },
        "spots": Words("number of {0} spots", "count"),
        "asymmetry": Words("{0} difference between the two halves"),
    }
    for i in range(1, AXIAL_BINS + 1):
        place = {1: "in the middle", AXIAL_BINS: "at the ends"}.get(
            i, f"at {i} of {AXIAL_BINS} from the middle to the ends"
        )
        found[f"axial_{i}"] = _level(place)
    for i in range(1, EDGE_BINS + 1):
        place = {1: "at the rim", EDGE_BINS: "farthest from the rim"}.get(
            i, f"at {i} of {EDGE_BINS} from the rim inwards"
        )
        found[f"edge_{i}"] = _level(place)
    return found


def feature_words(channels: int, *, offsets: bool = False) -> tuple[Words, ...]:
    """One entry per column for images of this many channels, in the order of `feature_names`."""
    of_channel = _of_channel()
    words = [_SHAPE[name] for name in SHAPE]
    words += [of_channel[name]._replace(channels=(c,)) for c in range(channels) for name in CHANNEL]
    pairs = list(combinations(range(channels), 2))
    for a, b in pairs:
        words += [
            Words("correlation of {0} and {1}", channels=(a, b)),
            Words("share of bright {0} that lies on bright {1}", "share", (a, b)),
            Words("share of bright {0} that lies on bright {1}", "share", (b, a)),
        ]
    if offsets:
        name = "distance between the outlines of {0} and {1}"
        words += [Words(name, "length", pair, "closer", "farther apart") for pair in pairs]
    return tuple(words)
