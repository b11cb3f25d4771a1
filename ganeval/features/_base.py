"""Feature vectors of one set of images, and the file they are kept in."""

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.errors import InputError

FORMAT = 1
"""Of the saved file and of cache keys: raise it when either changes meaning."""


@dataclass(frozen=True, eq=False)
class Features:
    """Feature vectors of one set of images, in id order.

    Args:
        features: [n, d], NumPy float32 from `extract`, or any array or tensor you made.
        ids: [n] unique strings; blocks of the jackknife follow them.
        logits: [n, k] where the net classifies.
        labels: [n] class names, where known.
        groups: [n] names, where known: images of a group (a plate, a dish) are not independent.
        hashes: [n, 2] uint64 hashes of the decoded pixels, where there were pixels.
        classes: names of the k logits.
        name: for messages.
        fingerprint: hash of the data behind the rows: decoded pixels, or the rows themselves.
        protocol: `net`, `preprocessing` (must agree between two sets) and `images` (need not);
            strict JSON.
        warnings: repeated in every score made from these features.
    """

    features: Array
    ids: tuple[str, ...]
    logits: Array | None = None
    labels: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    hashes: np.ndarray | None = None
    classes: tuple[str, ...] | None = None
    name: str = "features"
    fingerprint: str = ""
    protocol: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes one `.npz` without pickled objects, all of it or nothing."""
        arrays: dict[str, np.ndarray] = {"features": to_numpy(self.features)}
        for name in ("logits", "hashes"):
            if (value := getattr(self, name)) is not None:
                arrays[name] = to_numpy(value)
        texts = {
            name: getattr(self, name)
            for name in ("ids", "labels", "groups", "classes", "name", "fingerprint", "warnings")
        }
        meta = {"format": FORMAT, **texts, "protocol": dict(self.protocol)}
        arrays["meta"] = np.frombuffer(json.dumps(meta, allow_nan=False).encode(), np.uint8)
        target = Path(path)
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:  # a file, or NumPy would append .npz to the name
                np.savez(file, allow_pickle=False, **arrays)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Features":
        """Reads what `save` wrote, or raises InputError."""
        try:
            # NumPy leaves a file open that it opened and cannot read.
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            meta = json.loads(arrays.pop("meta").tobytes())
            if meta.pop("format") != FORMAT:
                raise InputError(f"{path} was saved by another version of ganeval; extract again")
            for name in ("ids", "labels", "groups", "classes", "warnings"):
                meta[name] = None if meta[name] is None else tuple(meta[name])
            return cls(**arrays, **meta)
        except InputError:
            raise
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{path} holds no features saved by ganeval ({error}); "
                "make it with: ganeval features extract DATA -o FILE.npz"
            ) from None

    def digest(self) -> str:
        """Hash of everything that can move a score."""
        parts = [self.fingerprint, self.ids, self.labels, self.groups, self.warnings]
        return json_hash(FORMAT, *parts, dict(self.protocol))


def is_saved_features(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is an `.npz` that `Features.save` wrote."""
    try:
        with zipfile.ZipFile(path) as file:
            return {"features.npy", "meta.npy"} <= set(file.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def merge_features(parts: Sequence[Features]) -> Features:
    """Joins features of disjoint sets of images made by the same net, in id order.

    Raises:
        InputError: protocols differ, an id occurs twice, or only some parts have labels,
            groups or logits.
    """
    first = parts[0]
    for part in parts[1:]:
        for key in ("net", "preprocessing"):
            if part.protocol.get(key) != first.protocol.get(key):
                raise InputError(
                    f"{part.name} and {first.name} differ in {key}; extract both the same way"
                )
        for name in ("logits", "labels", "groups", "hashes"):
            if (getattr(part, name) is None) != (getattr(first, name) is None):
                raise InputError(
                    f"only one of {first.name} and {part.name} has {name}; "
                    "extract both the same way"
                )
    ids = [id for part in parts for id in part.ids]
    if len(set(ids)) < len(ids):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise InputError(f"{twice} is in two of the files to merge; merge disjoint sets of images")
    order = np.argsort(np.array(ids), kind="stable")

    def joined(name: str) -> Any:
        if getattr(first, name) is None:
            return None
        return np.concatenate([to_numpy(getattr(part, name)) for part in parts])[order]

    def texts(name: str) -> tuple[str, ...] | None:
        if getattr(first, name) is None:
            return None
        flat = [text for part in parts for text in getattr(part, name)]
        return tuple(flat[i] for i in order)

    rows, hashes = joined("features"), joined("hashes")
    return replace(
        first,
        features=rows,
        ids=texts("ids") or (),
        logits=joined("logits"),
        labels=texts("labels"),
        groups=texts("groups"),
        hashes=hashes,
        name="+".join(part.name for part in parts),
        fingerprint=array_fingerprint(rows if hashes is None else hashes),
        warnings=tuple(dict.fromkeys(text for part in parts for text in part.warnings)),
    )


def array_fingerprint(rows: np.ndarray) -> str:
    """Hash of dtype, shape and values."""
    data = np.ascontiguousarray(rows)
    return json_hash(str(data.dtype), data.shape, hashlib.sha256(data.data).hexdigest())


def json_hash(*parts: Any) -> str:
    """Hash of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
