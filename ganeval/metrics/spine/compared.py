"""Reals and several models for one comparison: taken, checked, and alike in all that matters."""

from collections.abc import Mapping
from typing import Any

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics.spine.legacy import SAME_IMAGES, examine
from ganeval.metrics.spine.legacy import check_pair, take_features


def compared_features(
    real: Any, models: Mapping[str, Any], *, feature_net: Any, metric: str
) -> tuple[Features, list[Features], list[str]]:
    """Features of the reals, of every model in order, and warnings.

    Raises:
        InputError: as for one pair; two models that are the same images, or a model that is the
            reals or shares many images with them.
    """
    side = take_features(real, feature_net, role="real", metric=metric)
    fakes: list[Features] = []
    warnings: list[str] = []
    seen: dict[str, str] = {}
    for name, given in models.items():
        fake = take_features(given, feature_net, role=name, metric=metric)
        check_pair(side, fake)
        own, dependence = examine(side, fake)
        if dependence == SAME_IMAGES:
            raise InputError(f"{name} holds the reals themselves; give generated images")
        if dependence:
            raise InputError(
                f"{name}: {dependence}; leave the copies out, or give reals that it was not "
                "trained on"
            )
        if (twin := seen.setdefault(fake.fingerprint, name)) != name:
            raise InputError(f"{name} and {twin} are the same images; give each model its own")
        warnings += [f"{name}: {text}" for text in own]
        fakes.append(fake)
    return side, fakes, list(dict.fromkeys(warnings))
