"""Feature vectors of one set of images, and the file they are kept in."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.errors import InputError
from ganeval.features.folder import SUFFIX, finish, read_folder, write_folder
from ganeval.images import Positions
from ganeval.moments import joined_protocol
from ganeval.npz import broken_as_input_error, from_bytes, read_arrays, to_bytes, write_arrays
from ganeval.schema import check_protocol, decode, fit

FORMAT = 2
"""Version of the saved file and of cache keys; raise it when either changes meaning."""


class _Meta(TypedDict):
    """What a file says beside its arrays."""

    ids: tuple[str, ...]
    labels: tuple[str, ...] | None
    groups: tuple[str, ...] | None
    classes: tuple[str, ...] | None
    columns: NotRequired[tuple[str, ...]]
    name: str
    fingerprint: str
    protocol: dict[str, Any]
    warnings: tuple[str, ...]
    content: dict[str, str]
    """Hashes of the arrays, by name: rows that were edited are not those of the fingerprint."""


@dataclass(frozen=True, eq=False)
class Features:
    """Feature vectors of one set of images, in id order.

    Args:
        features: [n, d], NumPy float32 from `extract`, or any array or tensor you made.
        ids: [n] unique strings, by which images are drawn and dealt, wherever they stand.
        logits: [n, k], if the net classifies.
        labels: [n] class names, if known.
        groups: [n] names, if known; images of a group (a plate, a dish) are not independent.
        hashes: [n, 2] uint64 hashes of the decoded pixels, if there were pixels.
        classes: names of the k logits.
        columns: names of the d features, where they came in a table with names; two sides with
            names are matched by them, wherever their columns stand.
        name: name of the set in messages.
        fingerprint: hash of the data behind the rows: decoded pixels, or the rows themselves.
        protocol: `net`, `preprocessing` (must agree between two sets) and `images` (need not);
            strict JSON.
        warnings: repeated, after the name, in every score made from these features.
    """

    features: Array
    ids: tuple[str, ...]
    logits: Array | None = None
    labels: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    hashes: np.ndarray | None = None
    classes: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None
    name: str = "features"
    fingerprint: str = ""
    protocol: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.features)
        for name in ("ids", "logits", "labels", "groups", "hashes"):
            value = getattr(self, name)
            if value is not None and len(value) != n:
                raise InputError(
                    f"{self.name} has {n} rows of features but {len(value)} {name}; "
                    "give one per image, in the same order"
                )
        if self.columns is not None and len(self.columns) != self.features.shape[1]:
            raise InputError(
                f"{self.name} has {self.features.shape[1]} features per image but "
                f"{len(self.columns)} columns; give a name for each"
            )
        if not isinstance(self.ids, Positions) and len(set(self.ids)) < n:
            raise InputError(f"ids of {self.name} occur twice; give each image its own")

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        n, d = self.features.shape
        extras = [
            name for name in ("logits", "labels", "groups") if getattr(self, name) is not None
        ]
        return f"Features({', '.join([repr(self.name), f'{n} images', f'{d} features', *extras])})"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes one `.npz` without pickled objects, completely or not at all.

        To a path that ends in `.features` it writes a folder of `.npy` files instead, which `load`
        opens without reading the rows.
        """
        arrays = self.to_arrays()
        if Path(path).suffix != SUFFIX:
            write_arrays(path, arrays)
        else:
            write_folder(path, arrays, decode(arrays.pop("meta").tobytes()))

    def complete(self, folder: str | os.PathLike[str], key: str | None) -> None:
        """Says in a folder that has the rows already that they are complete, and what is known."""
        finish(folder, {**decode(self.to_arrays()["meta"].tobytes()), "key": key})

    @classmethod
    def from_batches(cls, batches: Iterable[Mapping[str, Any]]) -> "Features":
        """The features of rows that an `Embedder` made, in id order, however they were cut.

        Raises:
            InputError: no rows, an image that occurs twice, or rows not made in the same way.
        """
        from ganeval.features.batches import from_batches

        return from_batches(batches)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Features":
        """Reads what `save` wrote, or raises InputError.

        Of a folder the rows stay on the disk until they are used, so that only an `.npz` is checked
        against the hashes of what was saved.
        """
        with _as_saved(path):
            if Path(path).suffix == SUFFIX:
                arrays, meta = read_folder(path)
                return cls._rebuilt(arrays, meta, checked=("hashes",))
            return cls.from_arrays(read_arrays(path))

    def to_bytes(self) -> bytes:
        """What `save` writes."""
        return to_bytes(self.to_arrays())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Features":
        """Reads what `to_bytes` made, or raises InputError."""
        with _as_saved("the data"):
            return cls.from_arrays(from_bytes(data))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Returns everything as plain arrays; one of them holds all texts as JSON."""
        arrays: dict[str, np.ndarray] = {"features": to_numpy(self.features)}
        for name in ("logits", "hashes"):
            if (value := getattr(self, name)) is not None:
                arrays[name] = to_numpy(value)
        texts = {
            name: getattr(self, name)
            for name in ("ids", "labels", "groups", "classes", "name", "fingerprint", "warnings")
        }
        meta = {"format": FORMAT, **texts, "protocol": dict(self.protocol)}
        if self.columns is not None:
            meta["columns"] = self.columns
        meta["content"] = self._content()
        arrays["meta"] = np.frombuffer(json.dumps(meta, allow_nan=False).encode(), np.uint8)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Features":
        """Rebuilds the Features from what `to_arrays` returned; ValueError for anything else."""
        given = {name: array for name, array in arrays.items() if name != "meta"}
        return cls._rebuilt(given, decode(arrays["meta"].tobytes()), checked=tuple(_ARRAYS))

    @classmethod
    def _rebuilt(
        cls, given: Mapping[str, np.ndarray], meta: Any, *, checked: Sequence[str]
    ) -> "Features":
        if not isinstance(meta, dict) or meta.get("format") != FORMAT:
            raise ValueError("they were saved by another version of ganeval")
        texts = fit(meta, _Meta)
        check_protocol(texts["protocol"])
        _check_arrays(given, texts["classes"])
        known: dict[str, Any] = {**given, **texts}
        del known["content"]
        try:
            found = cls(**known)
        except InputError as error:  # who reads them adds where they are from
            raise ValueError(error) from None
        known_hashes = {name: texts["content"].get(name) for name in checked if name in given}
        if found._content(checked) != known_hashes or given.keys() != texts["content"].keys():
            raise ValueError("its arrays are not those that were saved: they were edited")
        return found

    def _content(self, names: Iterable[str] | None = None) -> dict[str, str]:
        """Hashes of the arrays, or of some of them, by name."""
        arrays = {name: getattr(self, name) for name in names or _ARRAYS}
        return {
            name: array_fingerprint(to_numpy(array))
            for name, array in arrays.items()
            if array is not None
        }

    def take(self, indices: np.ndarray, *, name: str | None = None) -> "Features":
        """Returns the images at `indices`, in that order, with a new fingerprint."""
        names = ("features", "ids", "logits", "labels", "groups", "hashes")
        part = {key: _taken(getattr(self, key), indices) for key in names}
        return replace(
            self,
            **part,
            name=self.name if name is None else name,
            fingerprint=json_hash(self.fingerprint, part["ids"]),
        )

    def digest(self) -> str:
        """Hash of all that can change a score: the rows themselves, and what is known of them."""
        known = [self.fingerprint, self.name, self.ids, self.labels, self.groups, self.classes]
        columns = () if self.columns is None else (self.columns,)
        protocol = dict(self.protocol)
        return json_hash(FORMAT, self._content(), *known, self.warnings, protocol, *columns)


def _taken(value: Any, indices: np.ndarray) -> Any:
    """The values at `indices`, of an array or a tuple; None for none."""
    if value is None:
        return None
    return tuple(value[i] for i in indices) if isinstance(value, tuple) else value[indices]


_ARRAYS = {"features": "fiub", "logits": "fiub", "hashes": "u"}
"""Arrays of a file, with the kinds of number that each may hold."""


def _as_saved(path: str | os.PathLike[str]) -> AbstractContextManager[None]:
    return broken_as_input_error(
        f"{path} holds no features saved by ganeval that can be read",
        "make it with: ganeval features extract DATA -o FILE.npz",
    )


def _check_arrays(arrays: Mapping[str, np.ndarray], classes: Sequence[str] | None) -> None:
    """Raises ValueError for arrays of other names, shapes or kinds than a file has."""
    if unknown := sorted(arrays.keys() - _ARRAYS.keys()):
        raise ValueError(f"array {unknown[0]} is none of {', '.join(_ARRAYS)}")
    widths = {"hashes": 2, **({} if classes is None else {"logits": len(classes)})}
    for name, array in arrays.items():
        if array.ndim != 2 or array.dtype.kind not in _ARRAYS[name] or array.dtype.itemsize > 8:
            raise ValueError(f"array {name} is {array.dtype} of shape {array.shape}")
        if name in widths and array.shape[1] != widths[name]:
            raise ValueError(f"array {name} has {array.shape[1]} columns, not {widths[name]}")


def merge_features(parts: Sequence[Features]) -> Features:
    """Joins features of disjoint sets of images made the same way, in id order.

    Raises:
        InputError: net, preprocessing or the reading of the pixels differ, an id occurs twice, or
            only some parts have labels, groups or logits.
    """
    counts = Counter(id for part in parts for id in part.ids)
    if twice := next((id for id, count in counts.items() if count > 1), None):
        raise InputError(f"{twice} is in two of the files to merge; merge disjoint sets of images")
    return join_features(parts, ids=tuple(counts))


def join_features(parts: Sequence[Features], *, ids: tuple[str, ...]) -> Features:
    """Joins the rows of all parts under `ids`, given in the order of the parts; sorts by id.

    Raises:
        InputError: the parts were not made in the same way.
    """
    first = parts[0]
    for part in parts[1:]:
        check_alike(first, part)

    order = np.argsort(np.array(ids), kind="stable")

    def rows(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else np.concatenate([to_numpy(v) for v in values])[order]

    def texts(name: str) -> tuple[str, ...] | None:
        values = [getattr(part, name) for part in parts]
        if values[0] is None:
            return None
        flat = [text for value in values for text in value]
        return tuple(flat[i] for i in order)

    features, hashes = rows("features"), rows("hashes")
    return Features(
        features=features,
        ids=tuple(ids[i] for i in order),
        logits=rows("logits"),
        labels=texts("labels"),
        groups=texts("groups"),
        hashes=hashes,
        classes=first.classes,
        columns=first.columns,
        name="+".join(dict.fromkeys(part.name for part in parts)),
        fingerprint=rows_fingerprint(features) if hashes is None else array_fingerprint(hashes),
        protocol=joined_protocol([part.protocol for part in parts]),
        warnings=tuple(dict.fromkeys(text for part in parts for text in part.warnings)),
    )


def check_alike(first: Features, part: Features) -> None:
    check_widths(*((side.name, int(side.features.shape[1])) for side in (part, first)))
    check_columns((part.name, part.columns), (first.name, first.columns))
    for key in ("net", "preprocessing", "images"):
        if _comparable(part, key) != _comparable(first, key):
            raise InputError(
                f"{part.name} and {first.name} differ in {key}; extract both the same way"
            )
    for name in ("logits", "labels", "groups", "hashes"):
        if (getattr(part, name) is None) != (getattr(first, name) is None):
            raise InputError(
                f"only one of {first.name} and {part.name} has {name}; extract both the same way"
            )


def check_widths(part: tuple[str, int], first: tuple[str, int]) -> None:
    """Raises InputError where two parts, by (name, features per image), differ in width."""
    if part[1] != first[1]:
        raise InputError(
            f"{part[0]} has {part[1]} features per image but {first[0]} has {first[1]}; "
            "extract both with the same feature net"
        )


def check_columns(part: tuple[str, Any], first: tuple[str, Any]) -> None:
    """Raises InputError where two parts, by (name, names of columns), have other columns."""
    if part[1] != first[1]:
        raise InputError(
            f"{part[0]} and {first[0]} differ in the names of their columns, or in the order; "
            "give all parts the same"
        )


def _comparable(part: Features, key: str) -> Any:
    """How one part was made, except for the choice of images."""
    known = part.protocol.get(key) or {}
    return {name: value for name, value in known.items() if name not in ("max_images", "seed")}


def array_fingerprint(rows: np.ndarray) -> str:
    """Hash of dtype, shape and values."""
    data = np.ascontiguousarray(rows)
    return json_hash(str(data.dtype), data.shape, hashlib.sha256(data.data).hexdigest())


def rows_fingerprint(rows: np.ndarray) -> str:
    """The same of plain rows, which nobody is handed by others: a fast hash, not a secure one.

    It follows from a key of each row, so that processes that have some of the rows can tell it.
    """
    return keys_fingerprint(row_keys(rows), rows.dtype.str, rows.shape)


def keys_fingerprint(keys: np.ndarray, dtype: str, shape: Sequence[int]) -> str:
    """`rows_fingerprint` from the keys [n] of all rows, in order."""
    return json_hash(dtype, list(shape), hashlib.sha256(keys.tobytes()).hexdigest())


def row_keys(rows: np.ndarray) -> np.ndarray:
    """[n] uint64 sums of each row's words of at most 32 bits, times odd numbers, modulo 2⁶⁴.

    Longer words would lose the sign of a number: the highest bit of a word meets the lowest of a
    factor only.
    """
    data = np.ascontiguousarray(rows)
    words = data.view(np.dtype(f"u{min(data.itemsize, 4)}"))
    factors = np.random.default_rng(0).integers(2**63, size=words.shape[1], dtype=np.uint64) * 2 + 1
    keys = np.empty(len(rows), np.uint64)
    step = max(1, 2**16 // words.shape[1])
    for start in range(0, len(rows), step):
        part = words[start : start + step].astype(np.uint64)
        np.einsum("ij,j->i", part, factors, out=keys[start : start + step])
    return keys


def json_hash(*parts: Any) -> str:
    """Hash of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
