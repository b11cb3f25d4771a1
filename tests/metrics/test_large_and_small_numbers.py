"""Features near the ends of what floats can hold: the right number, or one line that says why."""

import inspect
import math

import numpy as np
import pytest

from ganeval import METRICS, Features
from ganeval.errors import InputError
from ganeval.moments import Moments
from ganeval.numbers import LARGEST, SMALLEST

N, D = 100, 3
ROWS = np.random.default_rng(0).standard_normal((3, N, D)) * [[[1]], [[1.2]], [[0.9]]]
SIDES = dict(zip(("real", "fake", "train"), ROWS, strict=True))

every_metric = pytest.mark.parametrize(
    "metric", [METRICS[name] for name in METRICS], ids=lambda metric: metric.name
)
WITH_KERNEL = [
    metric
    for metric in map(METRICS.__getitem__, METRICS)
    if "bandwidth" in inspect.signature(metric.function).parameters
]


def score_of(metric, change, only=("real", "fake", "train")):
    """The score of sides of which some are changed."""
    sides = {}
    for role, rows in SIDES.items():
        if role != "train" or metric.needs_train:
            given = change(rows) if role in only else rows
            ids = tuple(f"{role}{i}" for i in range(N))
            labels = tuple("ab"[i % 2] for i in range(N))
            sides[role] = Features(given, ids, logits=given, labels=labels)
    return metric.function(**sides)


@every_metric
@pytest.mark.parametrize("factor", [1e14, 1e-14])
def test_within_the_bounds_every_number_is_right_and_finite(metric, factor):
    one, scaled = score_of(metric, lambda rows: rows), score_of(metric, lambda rows: factor * rows)
    numbers = [scaled.value, scaled.corrected, scaled.std_error, *(scaled.interval or ())]
    assert all(number is None or math.isfinite(number) for number in numbers)
    assert "inf" not in str(scaled).split() and "nan" not in str(scaled)
    if metric.scale_power is not None:
        wanted = one.value * factor**metric.scale_power
        assert scaled.value == pytest.approx(wanted, rel=1e-6)


def _one_row(rows, value):
    changed = rows.copy()
    changed[5, 1] = value
    return changed


FAULTS = {
    "all beyond": (lambda rows: 1e30 * rows, "squared; wanted at most 1e+15"),
    "all far beyond": (lambda rows: 1e200 * rows, "squared; wanted at most 1e+15"),
    "one beyond": (lambda rows: _one_row(rows, -1e16), "of up to 1e+16, in row 5"),
    "NaN": (lambda rows: _one_row(rows, np.nan), "have NaN or Inf, the first is row 5"),
    "Inf": (lambda rows: _one_row(rows, np.inf), "have NaN or Inf, the first is row 5"),
    "float16 that overflowed": (lambda rows: (1e5 * rows).astype(np.float32).astype("f2"), "NaN"),
    "all below": (lambda rows: 1e-200 * rows, "vanish when they are squared; wanted at least"),
    "denormal": (lambda rows: 1e-310 * rows, "vanish when they are squared; wanted at least"),
    "of 80 bits": (lambda rows: rows.astype(np.longdouble), "at most 64 bits"),
}


@every_metric
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_beyond_them_the_side_and_the_row_are_named_in_one_line(metric, fault):
    change, problem = FAULTS[fault]
    for role in ("fake", "train") if metric.needs_train else ("fake", "real"):
        with pytest.raises(InputError) as error:
            score_of(metric, change, only=(role,))
        assert role in str(error.value) and problem in str(error.value)
        assert "\n" not in str(error.value)


def test_the_bounds_themselves_are_taken():
    for bound in (LARGEST, SMALLEST):
        rows = ROWS / np.abs(ROWS).max(axis=(1, 2), keepdims=True) * bound
        score = METRICS["fid"].function(rows[0], rows[1])
        assert math.isfinite(score.value)


def test_moments_refuse_what_their_sums_could_not_hold():
    moments = Moments()
    with pytest.raises(InputError, match="in row 5"):
        moments.update(_one_row(ROWS[0], 1e200))
    moments.update(ROWS[0])
    np.testing.assert_allclose(moments.mean, ROWS[0].mean(0), rtol=1e-12)


@pytest.mark.parametrize("metric", WITH_KERNEL, ids=lambda metric: metric.name)
@pytest.mark.parametrize("width", [1e-30, 1e30])
@pytest.mark.parametrize("factor", [1e14, 1e-14])
def test_a_kernel_of_any_width_gives_a_number(metric, factor, width):
    function = metric.function
    given = {} if metric.one_sided else {"real": factor * ROWS[0]}
    if metric.command == "kid":
        given["kernel"] = "gaussian"
    assert math.isfinite(function(fake=factor * ROWS[1], bandwidth=width, **given).value)
    for beyond in (width**3, math.inf):
        with pytest.raises(InputError, match=r"bandwidth is .*; wanted a number from 1e-30"):
            function(fake=factor * ROWS[1], bandwidth=beyond, **given)
