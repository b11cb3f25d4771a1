"""The influences behind a score as arrays of a file, checked before a comparison rests on them."""

from collections.abc import Mapping
from typing import get_args

import numpy as np

from ganeval.metrics import Score
from ganeval.statistics import Estimate, Judged, Part, Sampling, Scale

_SCALES: dict[str, Scale] = {name: name for name in get_args(Scale)}

_LARGEST = 1e100
"""No influence comes near it, and its third power is a number still."""


def to_arrays(estimate: Estimate) -> dict[str, np.ndarray]:
    """Influences with their sampling, and what an interval needs."""
    arrays = {
        "numbers": np.array(
            [estimate.value, estimate.centre, estimate.second_order, estimate.widest]
        ),
        "limits": np.array(estimate.limits),
        "scale": np.array(estimate.scale),
    }
    for i, part in enumerate(estimate.parts):
        arrays |= _of_part(f"part{i}", part)
    if (judged := estimate.judged) is not None:
        assumed = np.nan if judged.assumed is None else judged.assumed
        arrays["judged"] = np.array([assumed, judged.added, judged.judges_reals])
        arrays["excess"] = np.array(judged.excess)
        for i, part in enumerate(judged.own):
            arrays |= _of_part(f"own{i}", part)
    return arrays


def _of_part(name: str, part: Part) -> dict[str, np.ndarray]:
    """One part's arrays, under a name."""
    arrays = {f"{name}_influence": part.influence}
    if part.sampling.classes is not None:
        arrays[f"{name}_classes"] = part.sampling.classes
    if part.sampling.group_names is not None:
        arrays[f"{name}_groups"] = part.sampling.group_names
    return arrays


def from_arrays(score: Score, arrays: Mapping[str, np.ndarray]) -> Estimate:
    """The estimate of a score, of which `to_arrays` made these arrays; or ValueError."""
    value, centre, second_order, widest = _numbers(arrays, "numbers", 4)
    low, high = _numbers(arrays, "limits", 2, finite=False)
    parts, judged = _parts(arrays, "part"), None
    if "judged" in arrays:
        assumed, added, judges_reals = _numbers(arrays, "judged", 3, finite=False)
        judged = Judged(
            _parts(arrays, "own"),
            tuple(_numbers(arrays, "excess", len(parts))),
            assumed=None if np.isnan(assumed) else assumed,
            added=added,
            judges_reals=bool(judges_reals),
        )
    found = Estimate(
        value,
        None if score.corrected is None else centre,
        parts,
        scale=_SCALES[str(arrays["scale"])],
        second_order=second_order,
        widest=widest,
        judged=judged,
        limits=(low, high),
    )
    _check(found)
    if not _are_of(score, found):
        raise ValueError("they are of another score")
    return found


def _check(found: Estimate) -> None:
    """Raises ValueError for what no metric gives."""
    (low, high), room = found.limits, 1e-9 * max(1.0, abs(found.value))  # rounding
    fits = {
        "influences of the reals and the fakes": 1 <= len(found.parts) <= 2,
        "limits": low <= high,
        "second_order": found.second_order >= 0,
        "a share": found.scale != "share" or (found.judged is not None and 0 < high < np.inf),
        "a value within its limits": low - room <= found.value <= high + room,
        "a logarithm": found.scale != "log" or found.centre > 0,
    }
    if (judged := found.judged) is not None:
        fits["judgements"] = len(judged.own) == 1 and judged.added >= 0
        fits["assumed"] = judged.assumed is None or 1 <= judged.assumed < _LARGEST
    if wrong := [name for name, sound in fits.items() if not sound]:
        raise ValueError(f"they lack {wrong[0]}")


def _numbers(
    arrays: Mapping[str, np.ndarray], name: str, count: int, *, finite: bool = True
) -> list[float]:
    """So many numbers, or ValueError."""
    found = arrays[name]
    if found.dtype != np.float64 or found.shape != (count,):
        raise ValueError(f"array {name} is {found.dtype} of shape {found.shape}")
    if finite and not (np.abs(found) < _LARGEST).all():
        raise ValueError(f"array {name} has NaN, Inf or numbers beyond {_LARGEST:g}")
    return [float(number) for number in found]


def _are_of(score: Score, found: Estimate) -> bool:
    """Whether an estimate is that of the score: files may have been renamed, or edited."""
    mine = [score.value, score.value if score.corrected is None else score.corrected]
    yours = [found.value, found.centre]
    if score.std_error is not None:
        mine.append(score.std_error)
        yours.append(found.spread.std_error)
    return bool(np.allclose(mine, yours, rtol=1e-6, atol=0))


def _parts(arrays: Mapping[str, np.ndarray], name: str) -> tuple[Part, ...]:
    """All parts under a name with a number, or ValueError."""
    parts: list[Part] = []
    while f"{name}{len(parts)}_influence" in arrays:
        own = f"{name}{len(parts)}"
        if not (n := arrays[f"{own}_influence"].size):
            raise ValueError(f"array {own}_influence is empty")
        influence = np.array(_numbers(arrays, f"{own}_influence", n))
        classes, groups = arrays.get(f"{own}_classes"), arrays.get(f"{own}_groups")
        if classes is not None and not _are_numbered(classes, n):
            raise ValueError(f"array {own}_classes has no class number from 0 for each image")
        if groups is not None and (groups.dtype.kind != "U" or groups.shape != (n,)):
            raise ValueError(f"array {own}_groups has no name for each image")
        parts.append(Part(influence, Sampling(n, classes, groups)))
    return tuple(parts)


def _are_numbered(classes: np.ndarray, n: int) -> bool:
    """Whether these are the class numbers of n images, none left out."""
    fits = classes.dtype == np.int64 and classes.shape == (n,) and n > 0 and classes.min() >= 0
    return bool(fits and classes.max() < n and np.bincount(classes).all())
