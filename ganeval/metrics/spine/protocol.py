"""All that moved a score, written down and hashed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.lazy import torch
from ganeval.metrics.spine.pair import Pair
from ganeval.version import __version__

UNCERTAINTY = "influence"
"""How corrections and intervals are made; scores of another way are not comparable."""


@dataclass(frozen=True)
class Described:
    """`protocol` and `protocol_id` of a score."""

    protocol: dict[str, Any]
    protocol_id: str


def describe(
    metric: str,
    pair: Pair,
    *,
    options: Mapping[str, Any],
    seed: int,
    compare_reals: bool = True,
    at_this_n: bool = False,
) -> Described:
    """All that moved a score, and the hash of what makes two scores comparable.

    Args:
        metric: entry of METRICS.
        pair: the sides.
        options: those that move `value`.
        seed: of splits and subsets.
        compare_reals: whether scores against other reals are other scores.
        at_this_n: whether the score is biased by the number of images and has no correction, so
            that only scores of as many images are comparable.
    """
    sides = [side for side in (pair.real, pair.fake) if side is not None]
    known = next((side.protocol for side in sides if side.protocol), {})
    data: dict[str, dict[str, Any]] = {
        side.role: {
            "name": side.name,
            "n": side.n,
            "fingerprint": side.fingerprint or None,
            "images": dict(side.protocol.get("images") or {}),
            "observed": side.protocol.get("observed"),  # what pixels span; not in protocol_id
        }
        for side in sides
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
        "uncertainty": UNCERTAINTY,
    }
    if compare_reals:
        images = data["real"]["images"]
        same["real"] = [data["real"]["fingerprint"], images.get("value_range")]
    if at_this_n:
        same["n"] = {role: side["n"] for role, side in data.items()}
    text = json.dumps(same, sort_keys=True, allow_nan=False)
    return Described(protocol, hashlib.sha256(text.encode()).hexdigest()[:16])
