"""`extract` turns anything that holds images into Features, and caches them."""

import functools
import json
import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias, TypedDict

import numpy as np

from ganeval.arrays import as_array, column_names, is_table, to_numpy
from ganeval.distributed import Ranks
from ganeval.errors import ImageError, InputError
from ganeval.features._base import (
    FORMAT,
    Features,
    array_fingerprint,
    json_hash,
    rows_fingerprint,
)
from ganeval.features.embed import Progress, embed
from ganeval.features.folder import (
    SUFFIX,
    RowsInFolder,
    check_name,
    is_feature_folder,
    read_folder,
)
from ganeval.features.shares import gather_features, is_empty
from ganeval.files import own_folder
from ganeval.images import (
    ImageSource,
    feature_rows,
    is_feature_array,
    iterate,
    open_images,
    positions,
)
from ganeval.nets import (
    Card,
    FeatureNet,
    check_precision,
    choose_device,
    default_net,
    fingerprint,
    in_precision,
    load_card,
    load_net,
    resized,
    shared_among,
)
from ganeval.npz import broken_as_input_error, has_arrays, read_array, read_header
from ganeval.schema import read_json
from ganeval.store import Store, default_store

NetLike: TypeAlias = Any
"""A net's name, its card or a path to it, a FeatureNet, or a torch.nn.Module of your own."""


def extract(
    source: Any,
    feature_net: NetLike = None,
    *,
    device: str | None = None,
    batch_size: int = 64,
    num_workers: int = 0,
    precision: str = "fp32",
    each_channel: bool = False,
    resize: tuple[int, int] | None = None,
    weights: str | os.PathLike[str] | None = None,
    cache: bool = True,
    verify: bool = False,
    progress: Progress | None = None,
    folder: str | os.PathLike[str] | None = None,
    process_group: Any = None,
) -> Features:
    """Embeds every image of `source` with one feature net.

    Args:
        source: anything `open_images` takes, or its result if you need its options.
        feature_net: name, card or path to one, FeatureNet or torch.nn.Module; by default 8-bit
            RGB uses `inception`, and anything else is an error that lists the nets that fit.
        device: `cpu`, `cuda`, `cuda:1`, …; by default the first GPU, if there is one.
        batch_size: images at once; changes features only by rounding.
        num_workers: processes that decode files; with 2 or more, `morphology`, given by name or
            card, runs in them instead. Scripts need no `if __name__ == "__main__"` for them.
        precision: `bf16` rounds what the net multiplies to bfloat16: two to three times as fast
            where the processor has it, and features differ by under 1 %. Scores of different
            precisions are not comparable.
        each_channel: runs a net for 1 or 3 channels on each channel and joins the features.
        resize: (height, width) in pixels to which images are resized for a net, given by name or
            card, that takes any size; see `ganeval.nets.resized`.
        weights: file of weights for nets that do not ship theirs (`inception`).
        cache: keeps features of files on disk, keyed by content; data in memory are not cached.
        verify: decodes the files again and compares them with the cache.
        progress: called after each batch.
        folder: a new folder, whose name ends in `.features`, to which features are written as they
            are computed, so that memory need not hold them; they are not cached. The same call
            again resumes a run that was killed, from its last complete block of 512 images.
        process_group: a `torch.distributed` group, of which every rank must call; `source` is
            this rank's share, such as `open_images(…).shard(rank, world_size)`, or None.

    Returns:
        Features [n, d] float32 in id order; logits if the net classifies. With `process_group`,
        every rank gets the features of all shares.

    Raises:
        InputError: the source, the net or one image does not fit; the message says what to do.
        RankError: another rank failed.
    """
    check_precision(precision)
    if folder is not None:
        check_name(folder)
        if process_group is not None:
            raise InputError(
                "folder and process_group exclude each other; give each process a shard of the "
                "images and a folder of its own, and merge them"
            )
    if process_group is not None:
        share = functools.partial(
            extract,
            source,
            feature_net,
            device=device,
            batch_size=batch_size,
            num_workers=num_workers,
            precision=precision,
            each_channel=each_channel,
            resize=resize,
            weights=weights,
            cache=cache,
            verify=verify,
            progress=progress,
        )
        whole = gather_features(
            lambda: None if is_empty(source) else share(),
            Ranks(process_group),
            role="source",
            everywhere=True,
        )
        if whole is None:
            raise InputError("no rank has an image of source; check the path and the shards")
        return whole
    images = source if isinstance(source, ImageSource) else open_images(source)
    if len(images) == 0:
        raise InputError(f"found no images in {images.name}; check the path and --channels")
    cache = cache and folder is None
    store = default_store() if cache and images.stamp is not None else None
    link = _read_link(store, images.stamp or "")
    if feature_net is None:
        kind = link.get("kind") or _kind(images)
        feature_net = default_net(*kind)
    net: FeatureNet | None = None
    if isinstance(feature_net, str | os.PathLike | Card):
        card = load_card(
            feature_net if isinstance(feature_net, str | Card) else Path(feature_net),
            weights=None if weights is None else Path(weights),
            each_channel=each_channel,
        )
        if resize is not None:
            card = resized(card, resize)
    elif resize is not None:
        raise InputError("resize is for a net by name or card; resize the images for your own net")
    else:
        net = load_net(feature_net, device=choose_device(device), each_channel=each_channel)
        card, store = net.card, None  # a module's code cannot be hashed, so it is never cached
    key = None if net is not None else _work_key(images, card, precision)
    if folder is not None and is_feature_folder(folder):
        return _finished(folder, key)

    if link and verify:
        link = {
            "fingerprint": array_fingerprint(_rehash(images, batch_size, num_workers, progress))
        }
    if link and (known := _load_cached(store, _feature_key(link, card, images, precision))):
        return replace(known, name=images.name)

    sharers = 0 if net is not None else num_workers  # a net of the caller's runs in this process
    making = nullcontext() if folder is None else own_folder(folder)
    with shared_among(card, sharers) as shared, making:
        net = in_precision(net or load_net(card, device=choose_device(device)), precision)
        result = embed(
            images,
            shared or net,
            device=choose_device(device),
            batch_size=batch_size,
            num_workers=0 if shared else num_workers,  # decoding is quick beside measuring
            precision=precision,
            progress=progress,
            rows=None if folder is None else RowsInFolder(folder, key or os.urandom(16).hex()),
        )
        if folder is not None:
            result.complete(folder, key)
    if store is not None:
        link = {"fingerprint": result.fingerprint, "kind": _kind(images)}
        key = _feature_key(link, card, images, precision)
        store.write("features", key, result.to_bytes())
        store.write("sources", images.stamp or "", json.dumps(link).encode())
    return result


def _work_key(images: ImageSource, card: Card, precision: str) -> str | None:
    """Hash of all that makes the features of some files what they are; None for other images."""
    if images.stamp is None:
        return None
    return _feature_key({"fingerprint": images.stamp}, card, images, precision)


def _finished(folder: str | os.PathLike[str], key: str | None) -> Features:
    """The features of a folder that an earlier call with this key completed, or InputError."""
    if key is None or read_folder(folder)[1].get("key") != key:
        raise InputError(
            f"{folder} holds features of other images or of another net; name a new folder, or "
            "remove it"
        )
    return Features.load(folder)


def as_features(data: Any, feature_net: NetLike = None) -> Features:
    """Converts anything that a metric takes to Features.

    Args:
        data: Features, rows [n, d], a file of either, or images.
        feature_net: embeds images; not needed for features.
    """
    if isinstance(data, Features):
        made_by = (data.protocol.get("net") or {}).get("name")
        if isinstance(feature_net, str) and made_by not in (None, feature_net):
            raise InputError(
                f"{data.name} are features of net {made_by!r}, but feature_net is {feature_net!r}; "
                "leave it out, or give the images"
            )
        if data.fingerprint:
            return data
        return replace(data, fingerprint=rows_fingerprint(to_numpy(data.features)))
    if is_feature_array(data):
        return features_from_array(data, name="features")
    if isinstance(data, str | os.PathLike) and is_feature_file(data):
        path = Path(data)
        if (rows := feature_rows(data)) is not None:
            return features_from_array(rows.read(), name=str(path))
        if path.suffix in (".npz", SUFFIX):
            return as_features(Features.load(path), feature_net)
        return features_from_array(_npy(path), name=str(path))
    return extract(data, feature_net)


def is_feature_file(path: str | os.PathLike[str]) -> bool:
    """Whether `path` holds features: what `Features.save` wrote, or an array of two axes.

    Such an array is an `.npy`, or one that `FILE::NAME` names in an `.npz` or another container.
    """
    if feature_rows(path) is not None:
        return True
    path = Path(path)
    if path.suffix == SUFFIX:
        return is_feature_folder(path)
    if path.suffix == ".npz":
        return has_arrays(path, "features", "meta")
    return path.suffix == ".npy" and path.is_file() and _npy_ndim(path) == 2


def features_from_array(rows: Any, *, name: str) -> Features:
    """Makes Features of plain rows [n, d]: ids are positions, the fingerprint hashes the values.

    A table's names of columns are kept, unless they are the numbers that a library gives columns
    without names.

    Args:
        rows: an array or tensor of any library, or a table of numbers.
        name: name of the set in messages.

    Raises:
        InputError: it is sparse, masked, or not all real numbers.
    """
    columns = tuple(column_names(rows)) if is_table(rows) else None
    rows = as_array(rows, name=name)
    if 0 in rows.shape:
        raise InputError(
            f"{name} has shape {list(rows.shape)}: no image or no feature; give [n, d] with both"
        )
    if columns and columns in (_numbered(rows, "{}"), _numbered(rows, "column_{}")):
        columns = None  # of pandas, of Polars
    return Features(
        features=rows,
        ids=positions(len(rows)),
        columns=columns,
        name=name,
        fingerprint=rows_fingerprint(to_numpy(rows)),
    )


def _numbered(rows: Any, form: str) -> tuple[str, ...]:
    return tuple(form.format(place) for place in range(rows.shape[-1]))


def _kind(images: ImageSource) -> tuple[int, str]:
    """(channels, dtype) of the first image that can be read."""
    for index in range(len(images)):
        try:
            pixels = images.read(index)
        except ImageError:
            if images.on_error == "fail":
                raise
            continue
        return pixels.shape[0], str(pixels.dtype)
    raise InputError(f"none of the {len(images)} images of {images.name} could be read")


def _rehash(
    images: ImageSource, batch_size: int, num_workers: int, progress: Progress | None
) -> np.ndarray:
    """Hashes of all images, decoded again."""
    hashes, done = [], 0
    for batch in iterate(images, batch_size=batch_size, num_workers=num_workers):
        hashes.append(batch.hashes)
        done += len(batch.indices) + len(batch.failures)
        if progress is not None:
            progress(done, len(images))
    return np.concatenate(hashes)


EMBEDDING = 5
"""Version of how images become features; raise it when cached ones would differ from new ones."""


def _feature_key(link: Mapping[str, Any], card: Card, images: ImageSource, precision: str) -> str:
    return json_hash(
        FORMAT,
        EMBEDDING,
        link["fingerprint"],
        fingerprint(card),
        images.ids,
        images.labels,
        images.groups,
        images.value_range,
        images.on_error,
        images.protocol,
        precision,
    )


def _load_cached(store: Store | None, key: str) -> Features | None:
    if store is None or (data := store.read("features", key)) is None:
        return None
    try:
        return Features.from_bytes(data)
    except InputError:
        store.drop("features", key)
        return None


class _Link(TypedDict):
    """What is known of images that had a stamp before."""

    fingerprint: str
    kind: tuple[int, str]
    """Channels and dtype of the first image."""


def was_embedded(images: ImageSource) -> bool:
    """Whether these files, unchanged, were embedded before on this machine, by whatever net."""
    return images.stamp is not None and bool(_read_link(default_store(), images.stamp))


def _read_link(store: Store | None, stamp: str) -> dict[str, Any]:
    """Fingerprint and kind of the images that had this stamp before; empty if unknown."""
    if store is None or (data := store.read("sources", stamp)) is None:
        return {}
    try:
        return dict(read_json(data, _Link))
    except ValueError:
        store.drop("sources", stamp)
        return {}


def _npy(path: Path) -> np.ndarray:
    with broken_as_input_error(f"{path} is no NumPy file that can be read", "write it again"):
        return read_array(path)


def _npy_ndim(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return len(read_header(file)[0])
    except (OSError, ValueError):
        return 0  # open_images will say what is wrong with it
