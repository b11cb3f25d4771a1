"""Which classifier judges the images, and what it looks at: features or all pixels."""

import os
from dataclasses import dataclass
from typing import Any

from ganeval.errors import InputError
from ganeval.features import Features, is_feature_file
from ganeval.images import is_feature_array
from ganeval.metrics.c2st.classifiers import CLASSIFIERS, Classifier
from ganeval.metrics.c2st.ensemble import ensemble
from ganeval.metrics.c2st.neural import fit_fresh
from ganeval.metrics.spine import Pair

ALL_PIXELS = "pixels:all"

CLASSIFIERS.add("ensemble", Classifier(ensemble, refits=True))


@dataclass(frozen=True)
class Judge:
    """A classifier, its name, and the feature net that makes what it looks at."""

    classifier: Classifier
    name: str
    feature_net: Any


def judge_of(classifier: Any, feature_net: Any, *data: Any) -> Judge:
    """The judge that `classifier` names or makes, for sides that are images or features."""
    if isinstance(classifier, str):
        net = net_for(classifier, feature_net)
        return Judge(CLASSIFIERS[classifier], classifier, net)
    if not callable(classifier):
        raise InputError(
            f"classifier is {classifier!r}; give a name ({', '.join(CLASSIFIERS)}), a "
            "torch.nn.Module, or a function that makes one"
        )
    name = getattr(classifier, "__name__", type(classifier).__name__)
    rows = all(
        isinstance(side, Features)
        or is_feature_array(side)
        or (isinstance(side, str | os.PathLike) and is_feature_file(side))
        for side in data
    )
    pixels = feature_net == ALL_PIXELS or (feature_net is None and not rows)
    net = ALL_PIXELS if pixels else feature_net
    return Judge(Classifier(fit_fresh(classifier), pixels=pixels), name, net)


def net_for(classifier: Any, feature_net: Any) -> Any:
    """The feature net that a classifier implies: those that look at pixels take all of them."""
    if not isinstance(classifier, str) or not CLASSIFIERS[classifier].pixels:
        return feature_net
    if feature_net not in (None, ALL_PIXELS):
        raise InputError(
            f"classifier {classifier!r} looks at pixels, but feature net {feature_net!r} was "
            "given; leave out one of the two"
        )
    return ALL_PIXELS


def image_shape(pair: Pair, judge: Judge) -> tuple[int, int, int] | None:
    """(c, h, w) of the images, for classifiers that look at pixels; None for the others."""
    if not judge.classifier.pixels:
        return None
    made_by = [(side.protocol.get("net") or {}).get("name") for side in pair.sides]
    if made_by != [ALL_PIXELS, ALL_PIXELS]:
        raise InputError(
            f"classifier {judge.name!r} looks at pixels, but features were given; give the images, "
            "or take classifier='logistic'"
        )
    known = pair.sides[0].protocol["preprocessing"]
    ((height, width),) = known["sizes"]
    return known["channels"], height, width
