"""Changes that damage or forge a file: its bytes, its JSON, or the arrays in it."""

import copy
import io
import json
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

Change = Callable[[bytes, Random], bytes]

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 3, 1 << 40, 10**25, 0.5, -2.0, 1e-320, 1e200, "", "x", "../x", "a\nb",
    "\x1b[2J", [], [1, 2], [[0, 1]], {}, {"name": 3}, {"n": "x"}, [None], [{}], "lower", "1e999",
)  # fmt: skip
"""What a field is replaced by."""


def change_bytes(data: bytes, random: Random) -> bytes:
    """Flips, cuts, repeats, moves or overwrites some bytes."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        at, size = random.randrange(len(changed) + 1), random.choice((1, 2, 4, 8, 64, 512))
        kind = random.randrange(6)
        if kind == 0:
            del changed[at : at + size]
        elif kind == 1:
            changed[at:at] = changed[random.randrange(len(changed) + 1) :][:size]
        elif kind == 2:
            changed[at : at + size] = bytes(
                random.choice((0, 0x7F, 0x80, 0xFF)) for _ in range(size)
            )
        elif kind == 3:
            changed[at : at + size] = random.randbytes(size)
        elif kind == 4:
            del changed[at:]
        elif at < len(changed):
            changed[at] ^= 1 << random.randrange(8)
    return bytes(changed)


def change_json(data: bytes, random: Random) -> bytes:
    """Replaces, removes, adds, moves or nests one value of a JSON text."""
    text = data.decode()
    try:
        whole = [json.loads(text)]
    except ValueError:
        return change_bytes(data, random)
    for _ in range(random.choice((1, 1, 2, 4))):
        _change_one(whole, random)
    changed = json.dumps(whole[0])
    if random.random() < 0.1:
        number = random.choice(("NaN", "1e999", "-Infinity", "1" * 400, "[" * 2000, '"\\ud800"'))
        changed = changed.replace(random.choice(("null", "0", "1", '"')), number, 1)
    return changed.encode()


def _change_one(whole: list[Any], random: Random) -> None:
    places: list[tuple[Any, Any]] = []
    left: list[Any] = [whole]
    while left:
        parent = left.pop()
        items = parent.items() if isinstance(parent, dict) else enumerate(parent)
        for key, value in items:
            places.append((parent, key))
            if isinstance(value, dict | list):
                left.append(value)
    parent, key = random.choice(places)
    kind = random.randrange(6)
    if kind == 0 and parent is not whole:
        del parent[key]
    elif kind == 1 and isinstance(parent, dict):
        parent[f"{key}_"] = parent.pop(key)
    elif kind == 2:
        other, place = random.choice(places)
        parent[key] = copy.deepcopy(other[place])
    elif kind == 3:
        for _ in range(random.choice((1, 3, 100))):
            parent[key] = [parent[key]]
    else:
        parent[key] = copy.deepcopy(random.choice(VALUES))


def change_arrays(data: bytes, random: Random) -> bytes:
    """Replaces, removes, adds or reshapes an array of an `.npz`, or changes the JSON in one."""
    with np.load(io.BytesIO(data)) as file:
        arrays = {name: file[name] for name in file.files if f"{name}.npy" in file.zip.namelist()}
    name = random.choice(sorted(arrays))
    array = arrays[name]
    if array.dtype == np.uint8 and array.ndim == 1 and random.random() < 0.8:
        arrays[name] = np.frombuffer(change_json(array.tobytes(), random), np.uint8)
        return _npz(arrays)
    kind = random.randrange(8)
    if kind == 0:
        del arrays[name]
    elif kind == 1:
        arrays[random.choice((f"{name}_", "x"))] = array
    elif kind == 2:
        arrays[name] = arrays[random.choice(sorted(arrays))]
    elif kind == 3:
        part = random.choice((np.s_[:0], np.s_[:1], np.s_[1:], np.s_[None], np.s_[..., :1]))
        arrays[name] = array[part] if array.ndim else array[None]
    elif kind == 4:
        arrays[name] = array.T if random.random() < 0.5 else array.ravel()
    elif kind == 5:
        wanted = random.choice(
            ("f2", "f4", ">f8", "g", "c16", "i1", "u8", "?", "U3", "S2", "M8[s]")
        )
        with np.errstate(all="ignore"):
            arrays[name] = array.astype(wanted) if array.dtype.kind in "fiub" else array
    elif array.dtype.kind in "fiu" and array.size:
        changed = array.copy()
        number = random.choice((np.nan, np.inf, -1, 1e30, 1e200, 1e-310, 0, 7))
        at = random.choice((..., tuple(random.randrange(side) for side in array.shape)))
        with np.errstate(all="ignore"):
            changed[at] = np.asarray(number).astype(array.dtype)
        arrays[name] = changed
    return _npz(arrays)


def _npz(arrays: dict[str, np.ndarray]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def any_of(*changes: Change) -> Change:
    """One of several changes, by chance; bytes are changed where a text or a file is broken."""

    def change(data: bytes, random: Random) -> bytes:
        try:
            return random.choice(changes)(data, random)
        except (ValueError, LookupError, OSError, TypeError, OverflowError):
            return change_bytes(data, random)

    return change
