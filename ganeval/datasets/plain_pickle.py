"""Pickles of published data sets, read as plain data only."""

import io
import pickle
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ganeval.errors import InputError


def load_plain(path: Path) -> Any:
    """Reads lists, strings, numbers and arrays from a pickle, written by Python 2 or 3.

    A pickle is a program; here it can only call functions of this file, and cannot change them.
    Arrays are read as bytes, so NumPy's unpickling code never sees the content.

    Raises:
        InputError: the file is missing or damaged, or it asks for anything else.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    try:
        return _settled(_Plain(io.BytesIO(content), encoding="latin1").load(), {})
    except InputError as error:
        raise InputError(f"{path} {error}") from None
    except Exception as error:  # a damaged pickle can raise anything
        reason = (str(error).partition("\n")[0] or type(error).__name__)[:100]
        raise InputError(
            f"{path} is not a pickle of plain data ({reason}); unpack it again"
        ) from None


_InPython: Any = pickle._Unpickler
"""The Python version; the compiled one allocates memory for any count that a file declares."""


class _Plain(_InPython):  # type: ignore[misc]
    dispatch: ClassVar[dict[int, Any]] = dict(_InPython.dispatch)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            asked = ascii(f"{module}.{name}"[:80])
            raise InputError(
                f"asks for {asked}; only arrays, lists and strings are read from a pickle"
            )
        return _KNOWN[module, name]

    def load_build(self) -> None:
        if not isinstance(self.stack[-2], _Array | _Type):
            raise InputError("changes what is not its own; only arrays, lists and strings are read")
        super().load_build()

    dispatch[pickle.BUILD[0]] = load_build


class _Type:
    """Placeholder for a dtype."""

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
    """Placeholder for an array."""

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
    """Reads numbers from bytes, or from text of one byte per letter, as Python 2 wrote them."""
    if not isinstance(raw, str | bytes | bytearray):
        raise InputError("holds an array of objects; only numbers are read")
    return np.frombuffer(raw.encode("latin1") if isinstance(raw, str) else raw, kind.dtype)


def _encode(text: str, codec: str) -> bytes:
    return text.encode("latin1")


def _nothing() -> bytes:
    """Returns `bytes()`, which Python 3 calls in files for Python 2."""
    return b""


_KNOWN = {
    ("__builtin__", "bytes"): _nothing,
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


def _settled(value: Any, done: dict[int, list[Any]]) -> Any:
    """Replaces placeholders by their arrays; each list is converted once."""
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, list | tuple):
        if id(value) not in done:
            done[id(value)] = []
            done[id(value)] += [_settled(item, done) for item in value]
        return done[id(value)]
    if isinstance(value, np.ndarray | str | bytes | bool | int | float | None):
        return value
    raise InputError(f"holds a {type(value).__name__}; only arrays, lists and strings are read")
