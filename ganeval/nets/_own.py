"""A module or function of the user's as a feature net: whatever it takes and returns."""

import functools
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ganeval.arrays import as_array, is_array, is_tensor
from ganeval.errors import InputError, NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput

EMBEDDINGS = ("features", "embeddings", "embedding", "image_embeds", "pooler_output")
"""Names of one vector per image in dictionaries and model outputs, the first that is there."""


def card_of(function: Any) -> Card:
    """A card for a function, with the hash of the weights if it is a module."""
    if not callable(function):
        raise NetError(
            f"a feature net cannot be a {type(function).__name__}; give a name, a path of a card, "
            "a torch.nn.Module or a function of images"
        )
    is_module = isinstance(function, torch.nn.Module)
    return Card(
        name=getattr(function, "__name__", type(function).__name__),
        architecture="module" if is_module else "function",
        channels=None,
        options={"class": f"{type(function).__module__}.{type(function).__qualname__}"},
        source="given as a Python object",
        sha256=_sha256_of_module(function) if is_module else _identity(function),
    )


def own_function(function: Any, card: Card, device: "torch.device | str") -> Function:
    """Makes a net of a function; a module is moved to `device` and runs in evaluation mode.

    A module gets images of the dtype of its weights, and others float32.
    """
    module = function if isinstance(function, torch.nn.Module) else None
    if module is not None:
        module.to(device)

    def net(images: Tensor) -> NetOutput:
        given = images if module is None else images.to(_dtype_of(module))
        with _evaluation_mode(module):
            try:
                out = function(given)
            except Exception as error:  # the user's code can raise anything
                raise failed(card.name, given, error) from error
        return _output(out, card.name, len(images))

    return net


def failed(name: str, images: Tensor, error: Exception) -> NetError:
    """The error for a net that raised `error`, on one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    reason = lines[-1] if "TorchScript" in lines[0] else lines[0]  # its reason is the last line
    dtype = str(images.dtype).removeprefix("torch.")
    hint = "; give a smaller batch_size" if "out of memory" in reason else ""
    return NetError(
        f"feature net {name!r} failed on {dtype} images {list(images.shape)}: "
        f"{type(error).__name__}: {reason}{hint}"
    )


def _output(out: Any, name: str, n: int) -> NetOutput:
    """Features [n, d] float32 and logits [n, k], from whatever a net returned."""
    given, logits = _taken_apart(out, name, n)
    features = _numbers(given, name, "features", n)
    if features.ndim == 0 or len(features) != n:
        squeezed = "; keep the axis of the images" if n == 1 and features.ndim == 1 else ""
        raise _unfit(name, f"features of shape {list(features.shape)}", n, squeezed)
    if features.numel() == 0:
        raise _unfit(name, f"features of shape {list(features.shape)}", n)
    features = features.reshape(n, -1).float()
    if bad := int((~features.isfinite()).any(1).sum()):
        raise NetError(
            f"feature net {name!r} gave NaN or Inf for {bad} of {n} images; it should give numbers "
            "for any image"
        )
    if logits is None:
        return NetOutput(features, None)
    scores = _numbers(logits, name, "logits", n)
    if scores.ndim != 2 or len(scores) != n:
        raise _unfit(name, f"logits of shape {list(scores.shape)}", n)
    return NetOutput(features, scores.float())


def _taken_apart(out: Any, name: str, n: int) -> tuple[Any, Any]:
    """(features, logits or None) of an array, a tuple, a dictionary or a model's output."""
    if is_array(out):
        return out, None

    def part(key: str) -> Any:
        return out.get(key) if isinstance(out, Mapping) else getattr(out, key, None)

    logits = part("logits")
    for key in EMBEDDINGS:
        if part(key) is not None:
            return part(key), logits
    tokens = part("last_hidden_state")
    if tokens is None and isinstance(out, tuple | list) and out and is_array(out[0]):
        tokens = out[0] if len(out[0].shape) == 3 else None
    if tokens is not None:
        raise NetError(
            f"feature net {name!r} gave vectors {list(tokens.shape)}, several for each image; "
            "choose one, as in lambda images: net(images).last_hidden_state[:, 0]"
        )
    if logits is not None:
        return logits, logits
    if isinstance(out, tuple | list) and len(out) in (1, 2):
        return out[0], out[1] if len(out) == 2 else None
    keys = f" with {', '.join(map(str, out))}" if isinstance(out, Mapping) else ""
    raise _unfit(name, f"a {type(out).__name__}{keys}", n)


def _numbers(values: Any, name: str, what: str, n: int) -> Tensor:
    """A tensor of real numbers, or NetError."""
    if not is_array(values):
        raise _unfit(name, f"{what} that are a {type(values).__name__}", n)
    try:
        array = as_array(values, name=f"what feature net {name!r} gave as {what}")
    except InputError as error:
        raise NetError(str(error)) from None
    return array if is_tensor(array) else torch.from_numpy(array.copy())


def _unfit(name: str, came: str, n: int, hint: str = "") -> NetError:
    return NetError(
        f"feature net {name!r} gave {came} for {n} images; it must return features [n, d], or a "
        f"pair of features and logits [n, k]{hint}"
    )


def _dtype_of(module: "torch.nn.Module") -> "torch.dtype":
    """The dtype of a module's first weights that are floats; float32 if it has none."""
    for tensor in _weights(module):
        if tensor.is_floating_point() and tensor.element_size() > 1:
            return tensor.dtype
    return torch.float32


def _weights(module: "torch.nn.Module") -> Iterator[Tensor]:
    """Parameters, buffers and, of frozen TorchScript, the constants that they have become."""
    yield from module.parameters()
    yield from module.buffers()
    if isinstance(module, torch.jit.ScriptModule):
        graph: Any = module.inlined_graph  # its stubs are incomplete
        for node in graph.findAllNodes("prim::Constant", True):
            if node.hasAttribute("value") and node.kindOf("value") == "t":
                yield node.t("value")


def _sha256_of_module(module: "torch.nn.Module") -> str:
    digest = hashlib.sha256(str(module).encode())
    for key, value in sorted(module.state_dict().items()):
        _add(digest, key, value)
    if isinstance(module, torch.jit.ScriptModule) and not module.state_dict():
        for position, value in enumerate(_weights(module)):
            _add(digest, str(position), value)
    return digest.hexdigest()


def _add(digest: Any, key: str, value: Tensor) -> None:
    digest.update(f"{key} {value.dtype} {tuple(value.shape)}".encode())
    digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())


def _identity(function: Any) -> str:
    """A hash that is the same only for the same function object in this process.

    Its code and what it closes over cannot be hashed, so scores of two runs are not comparable.
    """
    return hashlib.sha256(f"{_process()} {id(function)}".encode()).hexdigest()


@functools.cache
def _process() -> str:
    """A random text that differs between processes."""
    return os.urandom(8).hex()


@contextmanager
def _evaluation_mode(module: "torch.nn.Module | None") -> Iterator[None]:
    """Sets the whole module to evaluation mode, and every part back to its own mode at the end."""
    parts = [] if module is None else list(module.modules())
    training = [part for part in parts if getattr(part, "training", False)]
    try:
        for part in training:
            part.training = False
        yield
    finally:
        for part in training:
            part.training = True
