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


TARGETS = (
    Target("decoding JPEG 32", "Pillow", 5),
    Target("decoding JPEG 500", "Pillow", 1.3),
    Target("decoding PNG 32", "Pillow", 2),
    Target("decoding PNG 256", "Pillow", 1.6),
    Target("decoding of folders", "pytorch-fid", 1),
    Target("FID of folders, inception", "pytorch-fid", 1.5),
    Target("FID of folders, inception", "torch-fidelity", 1),
    Target("FID of folders, inception", "clean-fid", 1),
    Target("FID of folders, inception", "torchmetrics", 1),
    Target("FID of folders, inception bf16", "pytorch-fid", 2.8),
    Target("FID of folders, native size", "pytorch-fid", 50),
    Target("FID from features, plain", "pytorch-fid", 1),
    Target("FID from features, plain", "torch-fidelity", 1),
    Target("FID from features, plain", "torchmetrics", 1),
    Target("FID from features, plain", "pytorch-fid", 2, d=512),
    Target("FID from features, plain", "torch-fidelity", 2, d=512),
    Target("FID from features, plain", "torchmetrics", 2, d=512),
    Target("FID from features, plain", "pytorch-fid", 2, d=2048),
    Target("FID from features, plain", "torch-fidelity", 2, d=2048),
    Target("FID from features, plain", "torchmetrics", 2, d=2048),
    Target("FID from features, with interval", "ganeval, plain value only", 1 / 4),
    Target("comparison of five models", "ganeval, plain value only", 1 / 6),
    Target("41 x 41 classes", "pytorch-fid, pair by pair", 12),
    Target("KID from features", "torch-fidelity", 4, n=5000),
    Target("PRDC from features", "prdc", 3),
    Target("KDE log-likelihood, five times", "scikit-learn", 10),
    Target("C2ST by ten nets", "one after another", 1.5),
    Target("morphology", "measuring alone", 0.8),
    Target("synthlin", "drawing alone", 0.8),
    Target("steps of", "loop by hand", 0.95),
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
