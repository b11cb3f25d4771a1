"""Files of our own are checked against a form before anything in them is believed.

A form is a TypedDict or a dataclass: its annotations say what each field must be. What does not
fit raises ValueError, which names the field, what came and what was wanted; who opened the file
adds its name and what to do.
"""

import itertools
import re
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, TypeVar

T = TypeVar("T")

MAX_DEPTH = 64
"""Lists in lists, objects in objects: no file of ours comes near it."""

_LARGEST = 1 << 64
"""No whole number of ours has more bits, and not every reader of JSON could take one that has."""


class NetForm(TypedDict, total=False):
    """The net that made features."""

    name: str
    fingerprint: str
    sha256: str | None


class ObservedForm(TypedDict):
    """What the pixels of a set span."""

    range: tuple[tuple[float, float], ...]
    values: int
    outside: int
    below: NotRequired[int]
    depths: NotRequired[tuple[tuple[int, int, int], ...]]


class ImagesForm(TypedDict, total=False):
    """How images were read."""

    value_range: tuple[tuple[float, float], ...] | None


class SideForm(TypedDict, total=False):
    """One side of a score."""

    name: str
    n: int | None
    fingerprint: str | None
    images: ImagesForm | None
    observed: ObservedForm | None


class ProtocolForm(TypedDict, total=False):
    """How features, statistics or a score were made; more than this may stand beside it."""

    net: NetForm | None
    preprocessing: dict[str, Any] | None
    images: ImagesForm | None
    observed: ObservedForm | None
    options: dict[str, Any] | None
    data: dict[str, SideForm]


def read_json(text: str | bytes, form: type[T]) -> T:
    """The value of strict JSON of this form.

    Fields that a TypedDict does not name are left out; `dict[str, Any]` keeps all.

    Raises:
        ValueError: no strict JSON (NaN, a number beyond float64, half a surrogate), a field that is
            missing or of another type, or lists and objects nested deeper than MAX_DEPTH.
    """
    return fit(decode(text), form)


def decode(text: str | bytes) -> Any:
    """The value of strict JSON of any form, or ValueError; see `read_json`."""
    import msgspec

    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ValueError(f"not strict JSON: {_in_words(error)}") from None
    except RecursionError:
        raise ValueError(f"lists or objects nested more than {MAX_DEPTH} deep") from None
    _check_depth_and_size(value)
    return value


def fit(value: Any, form: type[T], *, at: str = "") -> T:
    """The value as `form` has it, or ValueError; `at` is the field that holds it."""
    import msgspec

    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        raise ValueError(_in_words(error, at)) from None


def fit_fields(
    values: Mapping[str, Any], hints: Mapping[str, Any], *, at: str = ""
) -> dict[str, Any]:
    """The values whose names have a type among `hints`, each of that type; or ValueError."""
    form: Any = TypedDict("form", {name: hints[name] for name in values if name in hints})  # type: ignore[misc]
    return dict(fit(dict(values), form, at=at))


def check_protocol(protocol: Mapping[str, Any]) -> None:
    """Raises ValueError for a protocol whose parts have other types than those we read."""
    fitted = fit(protocol, ProtocolForm, at="protocol")
    sides = {f"protocol.data.{name}": side for name, side in fitted.get("data", {}).items()}
    for at, side in (("protocol", fitted), *sides.items()):
        _check_observed(side.get("observed"), (side.get("images") or {}).get("value_range"), at=at)


def _check_observed(
    observed: ObservedForm | None, declared: tuple[tuple[float, float], ...] | None, *, at: str
) -> None:
    """Raises ValueError for ranges and counts that no images have."""
    if declared is not None and not (declared and all(low < high for low, high in declared)):
        raise ValueError(f"field {at}.images.value_range: expected pairs that rise")
    if observed is None:
        return
    spans, values = observed["range"], observed["values"]
    if not spans or not all(low <= high for low, high in spans):
        raise ValueError(f"field {at}.observed.range: expected a pair that rises per channel")
    if declared is not None and len(declared) not in (1, len(spans)):
        raise ValueError(
            f"field {at}.images.value_range: expected 1 or {len(spans)} pairs, got {len(declared)}"
        )
    counts = (observed["outside"], observed.get("below", 0))
    if values < 1 or not all(0 <= count <= values for count in counts):
        raise ValueError(f"field {at}.observed: expected counts from 0 to values, and values")


def _check_depth_and_size(value: Any) -> None:
    """Raises ValueError where a value is nested too deep, or a whole number has too many digits."""
    level = [value]
    for depth in itertools.count():
        if any(isinstance(item, int) and not -_LARGEST < item < _LARGEST for item in level):
            raise ValueError("a whole number of more than 64 bits")
        inside = [item for item in level if isinstance(item, dict | list)]
        if not inside:
            return
        if depth == MAX_DEPTH:
            raise ValueError(f"lists or objects nested more than {MAX_DEPTH} deep")
        values = (item.values() if isinstance(item, dict) else item for item in inside)
        level = list(itertools.chain.from_iterable(values))


def _in_words(error: Exception, at: str = "") -> str:
    """`field interval[1]: expected float, got str`, of what msgspec says."""
    text = str(error).replace("`", "")
    said, _, place = text.partition(" - at $")
    field = f"{at}{place}".lstrip(".")
    said = re.sub(r"^[A-Z](?=[a-z])", lambda first: first[0].lower(), said)
    return said if field in ("", "[...]") else f"field {field}: {said}"
