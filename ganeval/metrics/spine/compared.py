"""Reals and several models for one comparison: taken, checked, and alike in all that matters."""

from collections.abc import Mapping
from typing import Any

from ganeval.errors import InputError
from ganeval.metrics.spine.pair import Pair
from ganeval.metrics.spine.side import take


def compared_pairs(
    real: Any, models: Mapping[str, Any], *, feature_net: Any, metric: str
) -> tuple[dict[str, Pair], list[str]]:
    """Takes the reals once and pairs them with every model, in order; and the warnings.

    Class sizes of the reals count as chosen only if they do beside every model, so that the reals
    are sampled alike in all pairs.

    Raises:
        InputError: as for one pair; two models that are the same images, or a model that is the
            reals or shares many images with them.
    """
    side = take(real, feature_net, role="real", metric=metric)
    pairs: dict[str, Pair] = {}
    warnings: list[str] = []
    seen: dict[str, str] = {}
    for name, given in models.items():
        pair = Pair.of(side, take(given, feature_net, role=name, metric=metric))
        if pair.odd.same:
            raise InputError(f"{name} holds the reals themselves; give generated images")
        if pair.odd.dependence:
            raise InputError(f"{name} cannot be compared: {pair.odd.dependence}")
        if (twin := seen.setdefault(pair.fake.fingerprint, name)) != name:
            raise InputError(f"{name} and {twin} are the same images; give each model its own")
        warnings += [f"{name}: {text}" for text in pair.odd.warnings]
        pairs[name] = pair
    if any(pair.sides[0].sampling.classes is None for pair in pairs.values()):
        pairs = {
            name: pair.with_real(side.sampled(None, pair.fake)) for name, pair in pairs.items()
        }
    return pairs, list(dict.fromkeys(warnings))
