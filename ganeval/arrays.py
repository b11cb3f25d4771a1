"""Conversions between NumPy arrays and torch tensors, and types for shapes in annotations.

Importing jaxtyping takes as long as NumPy, so ganeval does not: shapes in annotations are checked
if jaxtyping is loaded before ganeval, as pytest does, and are documentation otherwise.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

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
    "exact_float32",
    "float32_is_exact",
    "is_tensor",
    "to_float64",
    "to_numpy",
]

_LOOSE = ("tf32", "bf16")

Array: TypeAlias = Any
"""A NumPy array or a torch tensor, in annotations such as `Float[Array, "n d"]`."""


def is_tensor(x: object) -> bool:
    """Whether `x` is a torch tensor, without importing torch."""
    return type(x).__module__.partition(".")[0] == "torch" and hasattr(x, "detach")


def to_numpy(x: Array) -> np.ndarray:
    """`x` as a NumPy array on the CPU, without a copy if possible."""
    if not is_tensor(x):
        return np.asarray(x)
    x = x.detach().cpu()
    return np.asarray(x.float() if str(x.dtype) == "torch.bfloat16" else x)  # NumPy lacks it


def to_float64(x: Array) -> Tensor:
    """`x` as a float64 tensor on its own device, or on the CPU if the device lacks float64."""
    if is_tensor(x):
        tensor: Tensor = x.detach()
    else:
        rows: np.ndarray = np.ascontiguousarray(x, x.dtype.newbyteorder("="))
        # A single row can count as contiguous with a negative stride, which torch refuses.
        usable = rows.flags.writeable and min(rows.strides, default=0) >= 0
        tensor = torch.from_numpy(rows if usable else rows.copy())
    if tensor.device.type == "mps":
        tensor = tensor.cpu()
    return tensor.to(torch.float64)


def float32_is_exact() -> bool:
    """Whether float32 matrix products are exact; the caller may have allowed TF32 or bfloat16."""
    backends: Any = torch.backends  # its stubs are incomplete
    if not hasattr(backends, "fp32_precision"):  # torch 2.8
        return torch.get_float32_matmul_precision() == "highest"
    operations = (backends.cuda.matmul, backends.mkldnn.matmul)
    return all(operation.fp32_precision not in _LOOSE for operation in operations)


@contextmanager
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
