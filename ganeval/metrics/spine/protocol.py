"""All that moved a score, written down and hashed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.lazy import torch
from ganeval.metrics.spine.sides import Side, count, fingerprint_of, name_of, protocol_of


@dataclass(frozen=True)
class Described:
    """`protocol` and `protocol_id` of a score."""

    protocol: dict[str, Any]
    protocol_id: str


def describe(
    metric: str,
    *,
    real: Side | None,
    fake: Side,
    options: Mapping[str, Any],
    seed: int,
    compare_reals: bool = True,
    at_this_n: bool = False,
) -> Described:
    """All that moved a score, and the hash of what makes two scores comparable.

    Args:
        metric: entry of METRICS.
        real: None where the metric works without.
        fake: the generated side.
        options: those that move `value`.
        seed: of blocks, splits and subsets.
        compare_reals: whether scores against other reals are other scores.
        at_this_n: whether the score is biased by the number of images and has no correction, so
            that only scores of as many images are comparable.
    """
    from ganeval import __version__

    known = protocol_of(real) if real is not None and protocol_of(real) else protocol_of(fake)
    sides = {"real": real, "fake": fake}
    data: dict[str, dict[str, Any]] = {
        role: {
            "name": name_of(side),
            "n": count(side),
            "fingerprint": fingerprint_of(side) or None,
            "images": dict(protocol_of(side).get("images") or {}),
        }
        for role, side in sides.items()
        if side is not None
    }
    net, preprocessing = known.get("net"), known.get("preprocessing")
    protocol = {
        "metric": metric,
        "options": dict(options),
        "net": net,
        "preprocessing": preprocessing,
        "precision": "float64",
        "seed": seed,
        "versions": {
            "ganeval": __version__,
            "torch": str(torch.__version__),
            "numpy": np.__version__,
        },
        "data": data,
    }
    same: dict[str, Any] = {
        "metric": metric,
        "options": dict(options),
        # A net that was renamed or exported is still the same net.
        "net": {key: value for key, value in (net or {}).items() if key != "name"},
        "preprocessing": preprocessing,
    }
    if compare_reals:
        images = data["real"]["images"]
        same["real"] = [data["real"]["fingerprint"], images.get("value_range")]
    if at_this_n:
        same["n"] = {role: count(side) for role, side in sides.items() if side is not None}
    text = json.dumps(same, sort_keys=True, allow_nan=False)
    return Described(protocol, hashlib.sha256(text.encode()).hexdigest()[:16])
