"""What counts as an array, conversions between arrays and tensors, and types for annotations.

An array is known by what it can do, not by its type: tensors and their subclasses, NumPy arrays and
memory maps, tables of pandas, Polars and Arrow, and whatever has `__array__` or `__dlpack__` (JAX,
CuPy, HDF5, xarray). `as_array` makes any of them a plain array, or says why it cannot.

Importing jaxtyping takes as long as NumPy, so ganeval does not: shapes in annotations are checked
if jaxtyping is loaded before ganeval, as pytest does, and are documentation otherwise.
"""

import contextlib
import functools
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Float, Float32, UInt8, UInt16
else:

    class Float:
        """Replaces jaxtyping's class: `Float[Array, "n d"]` is `Array`."""

        def __class_getitem__(cls, item: tuple[Any, str]) -> Any:
            """The array type without its shape."""
            return item[0]

    Float32 = UInt8 = UInt16 = Float

__all__ = [
    "Array",
    "Float",
    "Float32",
    "UInt8",
    "UInt16",
    "as_array",
    "column_names",
    "exact_float32",
    "float32_is_exact",
    "is_array",
    "is_table",
    "is_tensor",
    "to_float64",
    "to_numpy",
]

_LOOSE = ("tf32", "bf16")
_NUMBERS = (int, float, np.integer, np.floating)
_MARKS = re.compile(
    r"|class|labels?|target|index|id|(image|object|cell|row)(id|number|index)|unnamed:\d+"
    r"|metadata.+"
)
"""Columns of a table of features that say which image a row is, and of which class.

In lower case, without spaces, underscores and hyphens; the empty name is that of a row's number.
"""
_IN_CACHE = 2**17
"""Numbers of float64 that stay in a processor's cache: 1 MB."""

_NUMPY_FLOATS = ("torch.float16", "torch.float32", "torch.float64")

Array: TypeAlias = Any
"""A NumPy array or a torch tensor, in annotations such as `Float[Array, "n d"]`."""


def is_tensor(x: object) -> bool:
    """Whether `x` is a torch tensor or of a subclass of it, without importing torch."""
    return _has_base(x, "torch", "Tensor")


def is_array(x: object) -> bool:
    """Whether `x` is an array of any library, dense or sparse, or a table of columns."""
    if isinstance(x, type):
        return False
    if is_tensor(x) or _is_sparse(x):
        return True
    return hasattr(x, "shape") and (hasattr(x, "__array__") or hasattr(x, "__dlpack__"))


def is_table(x: object) -> bool:
    """Whether `x` has named columns, as data frames of pandas and Polars and tables of Arrow do."""
    return is_array(x) and (hasattr(x, "columns") or hasattr(x, "column_names"))


def column_names(table: Any) -> list[str]:
    """The names of a table's columns."""
    return [str(name) for name in getattr(table, "column_names", None) or table.columns]


def as_array(x: Any, *, name: str) -> Array:
    """Converts anything that `is_array` to a NumPy array or a plain tensor of real numbers.

    Nothing is copied where the memory can be shared. A tensor stays on its device.

    Args:
        x: the array.
        name: name of the array in messages.

    Raises:
        InputError: it is sparse, masked, mixed, or not of real numbers of at most 64 bits.
    """
    if _is_sparse(x):
        dense = "x.to_dense()" if is_tensor(x) else "x.toarray()"
        raise InputError(f"{name} is sparse ({type(x).__name__}); give it dense: {dense}")
    if is_tensor(x):
        return _plain_tensor(x, name)
    if isinstance(x, np.ma.MaskedArray):
        if masked := int(np.ma.getmaskarray(x).sum()):
            raise InputError(
                f"{name} has {masked} masked values of {x.size}; fill them or leave those rows out"
            )
        x = x.data
    array = _in_memory(x)
    if array.dtype.kind == "V" and array.dtype.names is None:  # bfloat16 of JAX
        with contextlib.suppress(TypeError, ValueError):
            array = array.astype(np.float32)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        if is_table(x):
            raise _mixed(x, name)
        raise InputError(
            f"{name} has values of type {array.dtype}; give real numbers of at most 64 bits, as "
            "x.astype('float64') makes them"
        )
    if is_table(x):
        _refuse_columns(x, name)
    return array


def to_numpy(x: Array) -> np.ndarray:
    """`x` as a NumPy array on the CPU, without a copy if possible."""
    if not is_tensor(x):
        return np.asarray(x)
    x = x.detach().cpu().resolve_conj().resolve_neg()
    if x.is_floating_point() and str(x.dtype) not in _NUMPY_FLOATS:
        x = x.float()  # NumPy lacks bfloat16 and floats of 8 bits
    return np.asarray(x)


def in_numpy(x: Tensor) -> Any:
    """`x` as a NumPy array of the same memory where the CPU has it, for work in one thread.

    Threads of torch would wait for those of NumPy's products, which stay awake for a while.
    """
    return to_numpy(x) if x.device.type == "cpu" else x


def to_float64(x: Array) -> Tensor:
    """`x` as a float64 tensor on its own device, or on the CPU if the device lacks float64."""
    return _tensor(x).to(torch.float64)


def less(rows: Array, centre: Tensor, *, least: int = 512) -> Iterator[tuple[slice, Tensor]]:
    """Rows [n, d] less `centre` [d] in float64, few at once: which ones, and the differences.

    They stay in a processor's cache, in memory that the next ones overwrite; `least` is how many
    there are at least.
    """
    step = max(least, _IN_CACHE // len(centre))
    room = centre.new_empty(min(step, len(rows)), len(centre))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        given = _tensor(rows[part]).to(centre.device)
        differences = room[: len(given)]
        own = in_numpy(differences)
        own[...] = in_numpy(given)
        own -= in_numpy(centre)
        yield part, differences


def smallest(x: np.ndarray, count: int) -> np.ndarray:
    """[n, up to count] the smallest numbers of each row [n, d], in no order."""
    if count >= x.shape[1]:
        return x
    return np.partition(x, count - 1, axis=1)[:, :count]


def _tensor(x: Array) -> Tensor:
    """`x` as a tensor on its own device, or on the CPU if the device lacks float64."""
    if is_tensor(x):
        tensor: Tensor = x.detach()
    else:
        rows: np.ndarray = np.ascontiguousarray(x, x.dtype.newbyteorder("="))
        # A single row can count as contiguous with a negative stride, which torch refuses.
        usable = rows.flags.writeable and min(rows.strides, default=0) >= 0
        tensor = torch.from_numpy(rows if usable else rows.copy())
    return tensor.cpu() if tensor.device.type == "mps" else tensor


def float32_is_exact() -> bool:
    """Whether float32 matrix products are exact; the caller may have allowed TF32 or bfloat16."""
    backends: Any = torch.backends  # its stubs are incomplete
    if not hasattr(backends, "fp32_precision"):  # torch 2.8
        return torch.get_float32_matmul_precision() == "highest"
    operations = (backends.cuda.matmul, backends.mkldnn.matmul)
    return all(operation.fp32_precision not in _LOOSE for operation in operations)


@contextlib.contextmanager
def exact_float32() -> Iterator[None]:
    """Makes float32 products exact inside the block, and restores the caller's settings."""
    backends: Any = torch.backends  # its stubs are incomplete
    if not hasattr(backends, "fp32_precision"):  # torch 2.8
        before = torch.get_float32_matmul_precision(), backends.cudnn.allow_tf32
        try:
            torch.set_float32_matmul_precision("highest")
            backends.cudnn.allow_tf32 = False
            yield
        finally:
            torch.set_float32_matmul_precision(before[0])
            backends.cudnn.allow_tf32 = before[1]
        return
    operations = (
        backends.cuda.matmul,
        *(backends.cudnn.conv, backends.cudnn.rnn),
        *(backends.mkldnn.matmul, backends.mkldnn.conv, backends.mkldnn.rnn),
    )
    # Exact ones are left alone: to set an inherited value would fix it permanently.
    loose = [(op, op.fp32_precision) for op in operations if op.fp32_precision in _LOOSE]
    try:
        for operation, _ in loose:
            operation.fp32_precision = "ieee"
        yield
    finally:
        for operation, precision in loose:
            operation.fp32_precision = precision


def _has_base(x: object, package: str, name: str) -> bool:
    """Whether a class of this package and name is among the bases of `x`'s class."""
    kind: Any = type(x)
    return _class_has_base(kind, package, name)


@functools.lru_cache(maxsize=128)
def _class_has_base(kind: type, package: str, name: str) -> bool:
    return any(
        base.__name__ == name and base.__module__.partition(".")[0] == package
        for base in kind.__mro__
    )


def _is_sparse(x: Any) -> bool:
    if is_tensor(x):
        return "strided" not in str(x.layout) and "mkldnn" not in str(x.layout)
    return hasattr(x, "toarray") and hasattr(x, "nnz")


def _plain_tensor(x: Any, name: str) -> Tensor:
    """A tensor without gradients and without its subclass's own ways, with numbers in it."""
    faults = {
        "without numbers (device meta)": x.is_meta,
        "quantized": x.is_quantized,
        "nested": x.is_nested,
        "complex": x.is_complex(),
        "distributed": hasattr(x, "full_tensor"),
    }
    if fault := next((fault for fault, found in faults.items() if found), None):
        raise InputError(f"{name} is a tensor that is {fault}; give a plain one of real numbers")
    plain: Tensor = x.detach().as_subclass(torch.Tensor)
    return plain


def _in_memory(x: Any) -> np.ndarray:
    """As NumPy: by `__array__`, or by DLPack where memory is elsewhere, as CuPy's is."""
    try:
        return np.asarray(x)
    except TypeError:
        if not hasattr(x, "__dlpack__"):
            raise
        from torch.utils.dlpack import from_dlpack

        return to_numpy(from_dlpack(x))


def _refuse_columns(table: Any, name: str) -> None:
    """Raises InputError for columns of a table of numbers that are no features."""
    names = column_names(table)
    plain = {column: re.sub(r"[\s_-]", "", column).lower() for column in names}
    if marks := [column for column in names if _MARKS.fullmatch(plain[column])]:
        shown = ", ".join(column or "''" for column in marks[:5]) + ", ..." * (len(marks) > 5)
        what = f"{shown}, which {'is no feature' if len(marks) == 1 else 'are none'}"
        raise InputError(f"{name} has columns {what}; leave out what is not a feature")
    if len(plain) < len(names):
        twice = next(column for column in names if names.count(column) > 1)
        raise InputError(f"{name} has two columns named {twice}; rename one")


def _mixed(table: Any, name: str) -> InputError:
    """The error for a table whose columns are not all numbers."""
    odd = [
        column
        for column, values in zip(column_names(table), np.asarray(table).T, strict=True)
        if any(isinstance(value, bool) or not isinstance(value, _NUMBERS) for value in values)
    ]
    shown = ", ".join(odd[:5]) + (", ..." if len(odd) > 5 else "")
    return InputError(f"{name} has columns that are not numbers ({shown}); leave them out")
