"""What every metric returns, and the registry that knows every metric."""

import functools
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, SupportsFloat, TypeAlias, TypedDict, get_type_hints

from ganeval.errors import InputError, cut
from ganeval.metrics.spine.side import Side
from ganeval.registry import Registry
from ganeval.schema import check_protocol, decode, fit
from ganeval.statistics import Estimate

Better: TypeAlias = Literal["lower", "higher"]


@dataclass(frozen=True)
class Score:
    """One number, how sure it is, and all that moved it. `float(score)` is `value`.

    Args:
        metric: entry of METRICS.
        value: the plain number, as other packages print it.
        corrected: estimate without the bias of finite n; None where the metric has none, or
            where n does not allow it.
        interval: (low, high) of the estimand: around `corrected`, or, for metrics that have no
            correction, around `value`. None where there is none to trust; where one was asked
            for, `details["no_interval"]` says why.
        level: nominal coverage of `interval`.
        std_error: of what the interval is around.
        better: `lower` or `higher`.
        n_real: real images; None where a file of statistics did not say, or no reals were given.
        n_fake: generated images, likewise.
        n_groups: independent groups (plates, patients) behind the interval; None without groups.
        details: further numbers of this metric; strict JSON.
        warnings: what a reader of the number should know.
        protocol: all that moves the number: options, net, preprocessing, precision, seed,
            versions, data; strict JSON.
        protocol_id: hash of what must be equal for two scores to be comparable.
        estimate: the influence of every image on the score; None where there is none, and for a
            score that was read from a file. Not written to JSON.
    """

    metric: str
    value: float
    corrected: float | None
    interval: tuple[float, float] | None
    level: float
    std_error: float | None
    better: Better
    n_real: int | None
    n_fake: int | None
    n_groups: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    protocol: Mapping[str, Any] = field(default_factory=dict)
    protocol_id: str = ""
    estimate: Estimate | None = field(default=None, compare=False, repr=False)

    def __float__(self) -> float:
        return self.value

    def __lt__(self, other: SupportsFloat) -> bool:
        return self.value < float(other)

    def __le__(self, other: SupportsFloat) -> bool:
        return self.value <= float(other)

    def __gt__(self, other: SupportsFloat) -> bool:
        return self.value > float(other)

    def __ge__(self, other: SupportsFloat) -> bool:
        return self.value >= float(other)

    def __round__(self, digits: int | None = None) -> float:
        return round(self.value, digits)

    def __format__(self, spec: str) -> str:
        """The value by a number's format, as in f"{score:.3f}"; the printed line without one."""
        return format(self.value, spec) if spec else str(self)

    def log_dict(self) -> dict[str, float]:
        """Flat numbers for any tracker: `<metric>`, and `/corrected`, `/low`, `/high`, `/n_…`.

        What is not defined is left out.
        """
        low, high = self.interval or (None, None)
        found = {
            self.metric: self.value,
            f"{self.metric}/corrected": self.corrected,
            f"{self.metric}/low": low,
            f"{self.metric}/high": high,
            f"{self.metric}/n_real": self.n_real,
            f"{self.metric}/n_fake": self.n_fake,
        }
        return {
            name: float(number)
            for name, number in found.items()
            if number is not None and math.isfinite(number)
        }

    def to_dict(self) -> dict[str, Any]:
        """All fields but the estimate, as strict JSON has them: None where not defined."""
        return {name: _strict(getattr(self, name)) for name in _FIELDS}

    def to_json(self) -> str:
        """One line of strict JSON: `null` where something is not defined."""
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Score":
        """Reads what `to_json` wrote, or raises InputError, which names the field at fault."""
        try:
            data = decode(text)
            if not isinstance(data, dict) or data.keys() != _FIELDS.keys():
                odd = sorted(_FIELDS.keys() ^ data.keys()) if isinstance(data, dict) else []
                raise ValueError(f"{', '.join(odd)[:200] or 'no fields'} missing or unknown")
            read: dict[str, Any] = fit(data, _form())
            score = cls(**(read | {"value": math.nan if read["value"] is None else read["value"]}))
            score._check()
        except ValueError as error:
            raise InputError(
                f"not a score of this version: {error}; wanted a line that --json or evaluate -o "
                "wrote: compute it again"
            ) from None
        return score

    def _check(self) -> None:
        """Raises ValueError for what no metric gives."""
        if not re.fullmatch(r"[\w:.-]{1,64}", self.metric):
            raise ValueError("field metric: expected a name")
        if not 0 < self.level < 1:
            raise ValueError("field level: expected a share between 0 and 1")
        if self.interval is not None and self.interval[0] > self.interval[1]:
            raise ValueError("field interval: expected [low, high]")
        for name in ("std_error", "n_real", "n_fake", "n_groups"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"field {name}: expected 0 or more")
        check_protocol(self.protocol)
        fit(self.details, _KnownDetails, at="details")

    def __str__(self) -> str:
        """The printed line; for `inception` two, of which the first is pytorch-fid's bare one."""
        label = METRICS[self.metric].label if self.metric in METRICS else self.metric
        net = (self.protocol.get("net") or {}).get("name")
        show = _number_format(self.value, self.corrected, self.std_error)
        if net == "inception":
            return f"{label}:  {show(self.value)}\n({self._beside(show)})"
        return f"{label} ({net or 'features'}):  {show(self.value)}  ({self._beside(show)})"

    def _beside(self, show: Callable[[float], str]) -> str:
        parts = []
        if self.corrected is not None:
            parts.append(f"corrected {show(self.corrected)}")
        if self.interval is not None:
            low, high = (show(end) for end in self.interval)
            parts.append(f"{100 * self.level:g} % CI {low} to {high}")
        parts.append(f"n = {self._counts()}")
        if self.n_groups is not None:
            parts.append(f"{self.n_groups} group{'s' * (self.n_groups != 1)}")
        text = ", ".join(parts)
        reason = self.details.get("no_interval")
        return text if reason is None else f"no interval: {reason}; {text}"

    def _counts(self) -> str:
        """Reals / fakes; or whose score it is, where the reals have one of their own."""
        if self.metric in METRICS and METRICS[self.metric].one_sided:
            return f"{self.n_fake} fakes"
        return " / ".join("unknown" if n is None else str(n) for n in (self.n_real, self.n_fake))


class Provenance(TypedDict, total=False):
    """How a score was asked for, and where it was made."""

    command: str
    sides: dict[str, str]
    options: dict[str, str | int | float | bool | list[str]]
    protocol: str
    device: str
    processor: str
    system: str
    python: str
    net: dict[str, Any] | None


class _KnownDetails(TypedDict, total=False):
    """Details that are read again; metrics have others of their own."""

    model: str
    run: str
    no_interval: str | None
    provenance: Provenance


@functools.cache
def _form() -> Any:
    """What a line of JSON has: the fields of Score, of which `value` may be null."""
    hints = get_type_hints(Score)
    return TypedDict("Line", {**{name: hints[name] for name in _FIELDS}, "value": float | None})  # type: ignore[operator]


_FIELDS = dict.fromkeys(item.name for item in fields(Score) if item.name != "estimate")


@dataclass(frozen=True)
class Metric:
    """One entry of METRICS: the function, what programs need to know of it, and what it promises.

    What it promises is what tests hold every metric to, so that a new one joins them by its entry.

    Args:
        name: of the entry and of `Score.metric`.
        command: on the command line; `ganeval.commands.SCORES` has its summary.
        label: in print.
        function: takes `real` and `fake` by name and keyword-only options; returns a Score.
        better: `lower` or `higher`.
        symmetric: promise: exchanging the two sides leaves `value` as it is.
        one_sided: whether `fake` alone is enough.
        takes_statistics: whether a side may be Moments or a file of them.
        needs_train: whether the function takes the training images of the generator as `train`.
        estimate: (real side, fake side) to an Estimate with influences, by default options, from
            which models are compared. None where differences have no interval.
        net_for: the feature net that some options imply, of the options and the net given.
        notes: further numbers in words, printed below the score.
        together: this metric and those of the same command in one pass; None where it is alone.
        needs_logits: whether images need a feature net that classifies.
        needs_labels: promise: sides without labels are refused, as it compares within classes.
        ideal: promise: `value` for fakes that are the reals; None where it depends on them.
        scale_power: promise: p where multiplying all features by s multiplies `value` by s**p.
        shift_invariant: promise: adding one vector to all features leaves `value` as it is.
        min_images: promise: so many per side (and class, where it needs labels) give a value.
        judges_quality: promise: worse images score worse; not where copies are looked for.
        notices_missing_modes: promise: fakes that each look real but lack variety score worse.
        seeded: whether `seed` may move `value`; the promise of all others is that it does not.
    """

    name: str
    command: str
    label: str
    function: Callable[..., Score]
    better: Better
    symmetric: bool
    one_sided: bool = False
    takes_statistics: bool = False
    needs_train: bool = False
    estimate: Callable[[Side, Side], Estimate] | None = None
    net_for: Callable[[Mapping[str, Any], Any], Any] = lambda options, net: net
    notes: Callable[[Score], Sequence[str]] = lambda score: ()
    together: Callable[..., tuple[Score, ...]] | None = None
    needs_logits: bool = False
    needs_labels: bool = False
    ideal: float | None = None
    scale_power: float | None = None
    shift_invariant: bool = False
    min_images: int = 2
    judges_quality: bool = True
    notices_missing_modes: bool = True
    seeded: bool = False

    @property
    def rows_stay(self) -> bool:
        """Whether features of a `process_group` stay on their rank."""
        return getattr(self.together or self.function, "rows_stay", False)

    def scores(self, **given: Any) -> tuple[Score, ...]:
        """What the command prints: this metric, or all of its command, computed at once."""
        if self.together is not None:
            return tuple(self.together(**given))
        return (self.function(**given),)

    def __reduce__(self) -> tuple[Callable[[str], "Metric"], tuple[str]]:
        return metric_of_name, (self.name,)  # its functions need no names of their own


METRICS: Registry[Metric] = Registry("metric")


def metric_of_name(name: str) -> Metric:
    """The metric of this name, or InputError."""
    return METRICS[name]


def metrics_named(name: str) -> list[Metric]:
    """The metric of this name, or all metrics of the command of this name (`prdc` has four).

    Raises:
        InputError: neither a metric nor a command.
    """
    if name in METRICS:
        return [METRICS[name]]
    command = metric_commands()[name].command
    return [entry for entry in map(METRICS.__getitem__, METRICS) if entry.command == command]


def names_of_metrics(given: object) -> list[str]:
    """The names of metrics in a sequence.

    Raises:
        InputError: none is named, or not in a sequence.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(
            f"metrics is {cut(repr(given))}; wanted a list of names, as ['fid', 'kid']"
        )
    if not (names := list(given)):
        raise InputError("no metrics were named; name at least one")
    return names


def metric_commands() -> Registry[Metric]:
    """One entry of METRICS for each command, by its name; `scores` gives all of the command."""
    commands: Registry[Metric] = Registry("metric")
    for metric in map(METRICS.__getitem__, METRICS):
        if metric.command not in commands:
            commands.add(metric.command, metric)
    return commands


def _number_format(*numbers: float | None) -> Callable[[float], str]:
    """Four digits of the largest number, at least three decimals, the same for all."""
    size = max(abs(number) for number in numbers if number is not None)
    if 1e9 <= size < math.inf:
        return lambda number: f"{number:.4g}"
    decimals = 3
    if 1e-9 < size < 1:  # below, it is a zero with rounding error
        decimals = 3 - math.floor(math.log10(size))
    # + 0.0: no -0.000
    return lambda number: (
        f"{round(number, decimals) + 0.0:.{decimals}f}" if math.isfinite(number) else "undefined"
    )


def _strict(value: Any) -> Any:
    """`value` with None for what JSON cannot say, and plain types for NumPy's."""
    if isinstance(value, Mapping):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if hasattr(value, "tolist"):
        return _strict(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
