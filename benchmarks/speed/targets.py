"""How many times ganeval's seconds each peer should take at least, and why it does not."""

from typing import NamedTuple


class Target(NamedTuple):
    """One goal; the table shows it beside every line that fits."""

    case: str
    """The line's case, from its beginning."""
    peer: str
    ratio: float
    """Least number of times that the peer's seconds are ganeval's."""
    n: int | None = None
    d: int | None = None
    why: str = ""
    """The reason, where it is missed."""


_CHECKS = (
    "every row is looked at for copies, NaN and range, and hashed for the protocol: half the time "
    "of the moments of 64 features, or more for few rows"
)
_ROWS = (
    "nearly all of it are products of rows in float64, of which both compute one half, and "
    "float32 would move the value"
)
_INTERVAL = (
    "the influence of every image takes two products of all rows, in float64 since features may "
    "nearly depend on each other; where they are few, the correction, the tails of the features "
    "and the search for undeclared sets take as much again"
)
_EIGENVALUES = (
    "the eigenvalues of each pair, from which nothing can be shared, are nearly all of it"
)

_LOOKS = (
    "the codecs themselves take four fifths of it; the rest is looking at the file's structure, "
    "so that damaged files end as they do by Pillow, and the order of the axes"
)
_STARTS = "starting Python, PyTorch and the workers is not shared by more images than these"
_TORCH = (
    "starting Python and importing PyTorch and SciPy, once per command, is much of it for so few "
    "images"
)
_KERNELS = (
    "the products of all pairs in float64 are nearly all of it, and the interval needs every pair: "
    "float32 would move a value that is small beside its kernels"
)
_BALLS = (
    "pairs whose order float32 leaves open are computed once more in float64, so ties are exact"
)
_MATRICES = "the products of 512 features fill the processor, one net after another or at once"
_GUARDS = "every loss is looked at for NaN, and batches are drawn so that a run can be resumed"

TARGETS = (
    Target("decoding JPEG 32", "Pillow", 5, why=_LOOKS),
    Target("decoding JPEG 500", "Pillow", 1.3, why=_LOOKS),
    Target("decoding PNG 32", "Pillow", 2, why=_LOOKS),
    Target("decoding PNG 256", "Pillow", 1.6, why=_LOOKS),
    Target("decoding of folders", "pytorch-fid", 1),
    Target("FID of folders, inception", "pytorch-fid", 1.5),
    Target("FID of folders, inception", "torch-fidelity", 1),
    Target("FID of folders, inception", "clean-fid", 1),
    Target("FID of folders, inception", "torchmetrics", 1),
    Target("FID of folders, inception bf16", "pytorch-fid", 2.8),
    Target("FID of folders, native size", "pytorch-fid", 50, why=_TORCH),
    *(
        Target("FID from features, plain", peer, ratio, d=d, why=why)
        for d, ratio, why in ((64, 1, _CHECKS), (512, 2, _ROWS), (2048, 2, _ROWS))
        for peer in ("pytorch-fid", "torch-fidelity", "torchmetrics")
    ),
    Target("FID from features, with interval", "ganeval, plain value only", 1 / 4, why=_INTERVAL),
    Target("comparison of five models", "ganeval, plain value only", 1 / 6, why=_INTERVAL),
    Target("41 x 41 classes", "pytorch-fid, pair by pair", 12, why=_EIGENVALUES),
    Target("KID from features", "torch-fidelity", 4, n=5000, why=_KERNELS),
    Target("PRDC from features", "prdc", 3, why=_BALLS),
    Target("KDE log-likelihood, five times", "scikit-learn", 10),
    Target("C2ST by ten nets", "one after another", 1.5, why=_MATRICES),
    Target("morphology", "measuring alone", 0.8, why=_STARTS),
    Target("synthlin", "drawing alone", 0.8, why=_STARTS),
    Target("steps of", "loop by hand", 0.95, why=_GUARDS),
)


def target_of(line: dict) -> Target | None:
    """The last target that fits a line of results."""
    fitting = [
        target
        for target in TARGETS
        if line["case"].startswith(target.case)
        and line["peer"] == target.peer
        and target.n in (None, line["n"])
        and target.d in (None, line["d"])
    ]
    return fitting[-1] if fitting else None
