"""Some images and all their altered versions, as each net sees them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.features import Features, Progress, extract_by_all
from ganeval.images import ImageSource
from ganeval.nets import Card, FeatureNet, choose_device, load_card, load_net
from ganeval.suites.audit.alterations import Alteration
from ganeval.suites.audit.altered import altered, version_id

Nets = Mapping[str, Card | FeatureNet]
"""Nets by name."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What one net makes of n images and their versions.

    Args:
        net: its name.
        plain: the images as they are.
        versions: by alteration, the altered images in the order of `plain`; an alteration that
            changes no image is left out.
    """

    net: str
    plain: Features
    versions: Mapping[Alteration, Features]

    @property
    def unusable(self) -> str | None:
        """Why nothing can be asked of this net; None where it can."""
        for rows in (self.plain.features, *(each.features for each in self.versions.values())):
            if not np.isfinite(to_numpy(rows)).all():
                return "it gives features that are not finite"
        rows = to_numpy(self.plain.features)
        return "it gives all images the same features" if (rows == rows[0]).all() else None


def nets_named(feature_net: Any, *, device: str | None, each_channel: bool = False) -> Nets:
    """Nets by name, of whatever names one or several of them.

    Args:
        feature_net: a net, or a list of nets, in any form that `extract` takes; or a mapping from
            the names that the audit is to use to nets.
        device: where a module of the caller's runs.
        each_channel: as for `extract`.

    Raises:
        InputError: no net, or two of one name.
        NetError: a name that no net has.
    """
    if isinstance(feature_net, Mapping):
        given = list(feature_net.items())
    else:
        several = isinstance(feature_net, list | tuple)
        given = [(None, net) for net in (feature_net if several else [feature_net])]
    if not given:
        raise InputError("feature_net names no net; name one or several, as in ['lin41', 'pixels']")
    found: dict[str, Card | FeatureNet] = {}
    for name, net in given:
        made: Card | FeatureNet
        if isinstance(net, str | os.PathLike | Card):
            made = load_card(
                net if isinstance(net, str | Card) else Path(net), each_channel=each_channel
            )
            name = name or (str(net) if not isinstance(net, Card) else net.name)
        else:
            made = load_net(net, device=choose_device(device), each_channel=each_channel)
            name = name or made.card.name
        if name in found:
            raise InputError(
                f"two nets are named {name!r}; give names of your own: {{'NAME': net, …}}"
            )
        found[name] = made
    return found


def see(
    images: ImageSource,
    alterations: Sequence[Alteration],
    nets: Nets,
    *,
    seed: int,
    progress: Progress | None = None,
    **options: Any,
) -> list[Seen]:
    """Embeds the images by every net, and then all their versions in one pass."""
    plain = extract_by_all(images, nets, progress=progress, **options)
    changed = extract_by_all(
        altered(images, alterations, seed=seed), nets, progress=progress, **options
    )
    return [Seen(net, plain[net], _versions(plain[net], changed[net], alterations)) for net in nets]


def _versions(
    plain: Features, changed: Features, alterations: Sequence[Alteration]
) -> dict[Alteration, Features]:
    """By alteration; images that could not be read are in neither."""
    place = {id: row for row, id in enumerate(changed.ids)}
    found = {}
    for alteration in alterations:
        rows = np.array([place[version_id(alteration, id)] for id in plain.ids])
        version = changed.take(rows, name=f"{plain.name} ({alteration.name})")
        if not np.array_equal(to_numpy(version.hashes), to_numpy(plain.hashes)):
            found[alteration] = replace(
                version, ids=plain.ids, labels=plain.labels, groups=plain.groups, warnings=()
            )
    return found
