"""Features of the same images by several nets, each image decoded once."""

import json
from collections.abc import Mapping
from dataclasses import replace

from ganeval.errors import InputError
from ganeval.features._base import Features
from ganeval.features.embed import Progress, embed_by_all
from ganeval.features.extract import _feature_key, _kind, _load_cached, _read_link
from ganeval.images import ImageSource
from ganeval.nets import Card, FeatureNet, choose_device, in_precision, load_net
from ganeval.store import default_store


def extract_by_all(
    images: ImageSource,
    nets: Mapping[str, Card | FeatureNet],
    *,
    device: str | None = None,
    batch_size: int = 64,
    num_workers: int = 0,
    precision: str = "fp32",
    cache: bool = True,
    progress: Progress | None = None,
) -> dict[str, Features]:
    """Embeds every image by every net; what the cache has of a net is not computed again.

    Args:
        images: from `open_images`.
        nets: name to the card of each net, or to a net that is loaded; the latter are never cached.
        device: as for `extract`, like all that follow.
        batch_size: images at once.
        num_workers: processes that decode files.
        precision: of the nets.
        cache: whether features of files are kept on disk.
        progress: called after each batch.

    Returns:
        Features by the names of `nets`, the same as `extract` gives for each net alone.

    Raises:
        InputError: there are no images, or they do not fit one of the nets.
    """
    if len(images) == 0:
        raise InputError(f"found no images in {images.name}; check the path and --channels")
    store = default_store() if cache and images.stamp is not None else None
    link = _read_link(store, images.stamp or "")
    cards = {name: net for name, net in nets.items() if isinstance(net, Card)}
    found: dict[str, Features] = {}
    if link:
        for name, card in cards.items():
            known = _load_cached(store, _feature_key(link, card, images, precision))
            if known is not None:
                found[name] = replace(known, name=images.name)
    missing = {name: net for name, net in nets.items() if name not in found}
    if missing:
        where = choose_device(device)
        loaded = [in_precision(load_net(net, device=where), precision) for net in missing.values()]
        results = embed_by_all(
            images,
            loaded,
            device=where,
            batch_size=batch_size,
            num_workers=num_workers,
            precision=precision,
            progress=progress,
        )
        found |= dict(zip(missing, results, strict=True))
        if store is not None:
            link = {"fingerprint": results[0].fingerprint, "kind": _kind(images)}
            for name, result in zip(missing, results, strict=True):
                if name in cards:
                    key = _feature_key(link, cards[name], images, precision)
                    store.write("features", key, result.to_bytes())
            store.write("sources", images.stamp or "", json.dumps(link).encode())
    return {name: found[name] for name in nets}
