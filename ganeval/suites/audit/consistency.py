"""Would other halves of the images, or other nets, say the same?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ganeval.suites.audit.halves import Halves
from ganeval.suites.audit.responses import Response, responses, strongest
from ganeval.suites.audit.seen import Seen
from ganeval.suites.audit.steps import FAULTS, SHIFT

HALVINGS = 4
"""Ways to halve the images that are compared."""


@dataclass(frozen=True)
class Stability:
    """What several ways to halve the images have in common.

    Args:
        metric: entry of METRICS.
        halvings: how many.
        correlation: the smallest rank correlation of responses between two of them; None where
            responses do not vary.
        always: faults that are noticed at full strength in all of them.
        sometimes: faults that are noticed in some of them only.
    """

    metric: str
    halvings: int
    correlation: float | None
    always: tuple[str, ...]
    sometimes: tuple[str, ...]


def stability(
    seen: Seen, first: Sequence[Response], metric: str, *, level: float, seed: int
) -> Stability:
    """Halves the images in other ways; `first` are the responses in halves of `seed`."""
    asked = (*FAULTS, SHIFT)
    all_ = [[one for one in first if one.metric == metric and one.fault in asked]]
    for i in range(1, HALVINGS):
        halves = Halves(seen, seed + i)
        all_.append(responses(halves, level=level, metrics=[metric], faults=asked)[0])
    counts = {
        fault: sum(bool((last := strongest(of, metric, fault)) and last.noticed) for of in all_)
        for fault in FAULTS
    }
    found = [rank_correlation(one, other, metric) for one, other in combinations(all_, 2)]
    known = [value for value in found if value is not None]
    return Stability(
        metric,
        HALVINGS,
        min(known) if len(known) == len(found) else None,
        tuple(fault for fault, count in counts.items() if count == HALVINGS),
        tuple(fault for fault, count in counts.items() if 0 < count < HALVINGS),
    )


def agreement(by_net: Mapping[str, Sequence[Response]], metric: str) -> dict[str, dict[str, float]]:
    """By net and other net the rank correlation of responses; left out where they do not vary."""
    found: dict[str, dict[str, float]] = {net: {} for net in by_net}
    for one, other in combinations(by_net, 2):
        value = rank_correlation(by_net[one], by_net[other], metric)
        if value is not None:
            found[one][other] = found[other][one] = value
    return found


def rank_correlation(
    first: Sequence[Response], second: Sequence[Response], metric: str
) -> float | None:
    """Spearman's, of the responses to all faults and the shift that both have; None for none."""
    from scipy.stats import rankdata

    a, b = (
        {
            (one.fault, one.strength): one.difference
            for one in side
            if one.metric == metric and one.fault in (*FAULTS, SHIFT) and one.difference is not None
        }
        for side in (first, second)
    )
    both = [key for key in a if key in b]
    if len(both) < 3:
        return None
    ranks = [rankdata([side[key] for key in both]) for side in (a, b)]
    if min(np.ptp(of) for of in ranks) == 0:
        return None
    return float(np.corrcoef(ranks)[0, 1])
