"""The numbers that a net computes with: float32, or bfloat16 where speed matters more."""

from ganeval.errors import InputError
from ganeval.nets._base import FeatureNet

PRECISIONS = {"fp32": "float32", "bf16": "bfloat16"}
"""What the user writes, and the name that stands in a score's protocol."""

EXACT = ("pixels", "morphology")
"""Architectures that measure pixels, and gain nothing from rounding them."""


def in_precision(net: FeatureNet, precision: str) -> FeatureNet:
    """`net`, or one that does the same in bfloat16, two to three times as fast on many machines.

    Convolutions and matrix products round their inputs to 8 bits, as `torch.autocast` does; weights
    stay as they are, and features are float32 again. They differ by under 1 % in norm; what that
    does to FID is in benchmarks/speed/results-precision.jsonl.

    Args:
        net: from `load_net`.
        precision: `fp32` or `bf16`.

    Raises:
        InputError: the precision is unknown, or the net has no layers to compute with it.
    """
    check_precision(precision)
    if precision == "fp32":
        return net
    rounded = getattr(net, "in_bfloat16", None)
    if net.card.architecture in EXACT or rounded is None:
        raise InputError(
            f"net {net.card.name!r} has no layers that compute in bf16; leave precision at 'fp32'"
        )
    made: FeatureNet = rounded()
    return made


def check_precision(precision: str) -> None:
    """Raises InputError for one that is unknown."""
    if precision not in PRECISIONS:
        raise InputError(f"precision is {precision!r}; give 'fp32' or 'bf16'")
