"""Pickles of published data sets, of which nothing but data is let in."""

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.errors import InputError


def load_plain(path: Path) -> Any:
    """Lists, strings, numbers and arrays of a pickle, written by Python 2 or 3.

    A pickle is a program; here every name that it may call is a function of this file. Arrays
    are read as bytes, so no code of numpy's sees the content either.

    Raises:
        InputError: the file is missing or damaged, or it asks for anything else.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    try:
        return _settled(_Plain(io.BytesIO(content), encoding="latin1").load())
    except InputError as error:
        raise InputError(f"{path} {error}") from None
    except Exception as error:  # a damaged program fails in as many ways as there are
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"{path} is no pickle of plain data ({reason})") from None


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise InputError(
                f"asks for {module}.{name}; only arrays, lists and strings are read from a pickle"
            )
        return _KNOWN[module, name]


class _Type:
    """Stands for a dtype."""

    def __init__(self, name: str, align: object = None, copy: object = None) -> None:
        self.name, self.order = name, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = str(state[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        found = np.dtype(self.name)
        if found.kind not in "biuf":
            raise InputError(f"holds an array of {self.name!r}; only numbers are read")
        return found.newbyteorder("=" if self.order == "|" else self.order)  # type: ignore[arg-type]


class _Array:
    """Stands for an array."""

    value: np.ndarray

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, in_columns, raw = state
        self.value = _numbers(raw, kind).reshape(shape, order="F" if in_columns else "C")


def _new_array(kind: object, shape: object, code: object) -> _Array:
    return _Array()


def _array_of(raw: Any, kind: _Type, shape: tuple[int, ...], order: Any) -> np.ndarray:
    return _numbers(raw, kind).reshape(shape, order=order)


def _scalar(kind: _Type, raw: Any) -> Any:
    return _numbers(raw, kind)[0].item()


def _numbers(raw: Any, kind: _Type) -> np.ndarray:
    """Python 2 had no bytes: its arrays come as text of one byte per letter."""
    content = raw.encode("latin1") if isinstance(raw, str) else bytes(raw)
    return np.frombuffer(content, kind.dtype)


def _encode(text: str, codec: str) -> bytes:
    return text.encode("latin1")


_KNOWN = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _encode,
    **{
        (f"numpy.{core}.{module}", name): function
        for core in ("core", "_core")
        for module, name, function in (
            ("multiarray", "_reconstruct", _new_array),
            ("multiarray", "scalar", _scalar),
            ("numeric", "_frombuffer", _array_of),
        )
    },
}


def _settled(value: Any) -> Any:
    """The same with arrays in place of what stands for them."""
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, list | tuple):
        return [_settled(item) for item in value]
    if isinstance(value, np.ndarray | str | bytes | bool | int | float | None):
        return value
    raise InputError(f"holds a {type(value).__name__}; only arrays, lists and strings are read")
