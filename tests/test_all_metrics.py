"""What holds for every metric: a new one joins by being registered."""

import inspect
import json
from dataclasses import replace
from typing import Annotated, get_origin, get_type_hints

import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.features import Features, as_features
from ganeval.metrics import METRICS, Score

N, D, CLASSES = 160, 5, 4


def metrics_that(fits):
    chosen = [metric for metric in map(METRICS.__getitem__, METRICS) if fits(metric)]
    return pytest.mark.parametrize("metric", chosen, ids=lambda metric: metric.name)


every_metric = metrics_that(lambda metric: True)
every_pair_metric = metrics_that(lambda metric: not metric.one_sided)


def sample(n=N, *, seed=0):
    """Rows [n, D] of class-wise Gaussians: far apart, so that logits made of them classify."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % CLASSES
    return rng.standard_normal((n, D)) + 6 * np.eye(CLASSES, D)[labels]


def corrupted(rows, strength, *, seed=9):
    """The same rows with noise mixed in: strength 0 keeps them, 1 leaves noise only."""
    noise = np.random.default_rng(seed).standard_normal(rows.shape)
    return (1 - strength) * rows + strength * noise


def logits_of(rows):
    return rows[:, :CLASSES] if len(rows.shape) == 2 else rows


def known(rows, **more):
    """Features with everything that some metric may need."""
    return replace(as_features(rows), logits=logits_of(rows), **more)


def side_of(metric, rows, order=slice(None)):
    """Rows of `sample` as a metric wants them, some or in another order."""
    side = known(rows[order])
    if metric.needs_labels:
        labels = np.arange(len(rows)) % CLASSES
        side = replace(side, labels=tuple(map(str, labels[order])))
    return side


def score_of(metric, real, fake, **options):
    sides = {
        name: side if isinstance(side, Features) else side_of(metric, side)
        for name, side in (("real", real), ("fake", fake))
    }
    return metric.function(**sides, **extra(metric), **options)


def extra(metric):
    """The training images, for metrics that ask for them."""
    return {"train": sample(seed=2)} if metric.needs_train else {}


@every_metric
def test_the_entry_describes_the_function(metric):
    parameters = inspect.signature(metric.function).parameters
    hints = get_type_hints(metric.function, include_extras=True)
    assert metric.needs_train == ("train" in parameters)
    assert {"real", "fake", "feature_net", "process_group"} <= parameters.keys()
    for name, parameter in parameters.items():
        if name in ("real", "fake"):
            continue
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, name
        if name not in ("feature_net", "progress", "process_group"):
            # The command line makes an option of it.
            assert get_origin(hints[name]) is Annotated, name
    assert metric.better in ("lower", "higher")
    assert inspect.getdoc(metric.function)


@every_metric
def test_a_score_survives_json(metric):
    score = score_of(metric, sample(), sample(seed=1))
    assert isinstance(score, Score)
    assert score.metric == metric.name
    assert score.better == metric.better
    assert Score.from_json(score.to_json()) == score
    json.loads(score.to_json(), parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert float(score) == score.value
    assert str(score).startswith(f"{metric.label} (features):  ")
    assert len(score.protocol_id) == 16


@every_metric
def test_the_interval_is_around_the_estimate_and_grows_with_the_level(metric):
    half, most = (score_of(metric, sample(), sample(seed=1), level=p) for p in (0.5, 0.99))
    if half.interval is None:
        assert "no_interval" in half.details
        return
    centre = half.value if half.corrected is None else half.corrected
    low, high = half.interval
    if low == 0:  # a squared distance is not below 0, though its estimate may be
        assert most.interval[0] == 0 < high < most.interval[1]
        assert centre < high
    elif most.interval[1] == 1:  # nor is a share above 1
        assert most.interval[0] < low < centre <= high <= most.interval[1]
    else:
        assert most.interval[0] < low < centre < high < most.interval[1]
    assert half.std_error > 0
    assert half.protocol_id == most.protocol_id


@metrics_that(lambda metric: "interval" in inspect.signature(metric.function).parameters)
def test_leaving_out_the_interval_keeps_the_value(metric):
    x, y = sample(), sample(seed=1)
    score = score_of(metric, x, y, interval=False)
    assert score.value == pytest.approx(score_of(metric, x, y).value, rel=1e-11)
    assert (score.interval, score.std_error) == (None, None)
    assert "no_interval" not in score.details


@every_metric
def test_the_same_again_gives_the_same(metric):
    x, y = sample(), sample(seed=1)
    assert score_of(metric, x, y) == score_of(metric, x, y)


@metrics_that(lambda metric: metric.ideal is not None)
def test_reals_as_fakes_get_the_ideal_value_or_less(metric):
    x = sample()
    bad = abs(score_of(metric, x, corrupted(sample(seed=1), 0.5)).value - metric.ideal)
    itself = score_of(metric, x, x).value - metric.ideal
    better = itself if metric.better == "lower" else -itself
    # An unbiased metric goes beyond the ideal here, since the fakes are closer than a new draw.
    assert better <= 1e-9
    assert abs(itself) < bad / 2


@every_pair_metric
def test_exchanging_the_sides(metric):
    x, y = sample(), corrupted(sample(120, seed=1), 0.3)
    there, back = score_of(metric, x, y), score_of(metric, y, x)
    if metric.symmetric:
        assert there.value == pytest.approx(back.value, rel=1e-9)
    assert (there.n_real, there.n_fake) == (back.n_fake, back.n_real) == (N, 120)


@every_metric
def test_the_order_of_images_does_not_matter(metric):
    x, y = sample(), sample(seed=1)
    order = np.random.default_rng(3).permutation(N)
    mixed = score_of(metric, side_of(metric, x, order), side_of(metric, y, slice(None, None, -1)))
    assert mixed.value == pytest.approx(score_of(metric, x, y).value, rel=1e-9)


@every_metric
def test_with_their_ids_images_take_their_draws_along(metric):
    x, y = side_of(metric, sample()), side_of(metric, sample(seed=1))
    order = np.random.default_rng(3).permutation(N)
    mixed = replace(
        side_of(metric, sample(), order),
        ids=tuple(x.ids[i] for i in order),
        fingerprint=x.fingerprint,
    )
    there, back = score_of(metric, x, y), score_of(metric, mixed, y)
    if there.interval is not None:
        assert back.interval == pytest.approx(there.interval, rel=1e-7)


@metrics_that(lambda metric: metric.min_images <= 8)
def test_names_of_groups_do_not_matter(metric):
    groups = np.array([f"p{i % 8}" for i in range(N)])
    renamed = {f"p{i}": f"q{7 - i}" for i in range(8)}
    one, other = (
        score_of(
            metric,
            *(replace(side_of(metric, sample(seed=s)), groups=tuple(g)) for s in (0, 1)),
        )
        for g in (groups.tolist(), [renamed[g] for g in groups])
    )
    assert one.n_groups == other.n_groups == 8
    assert one.value == pytest.approx(other.value, rel=1e-9)
    if one.interval is not None:
        assert one.interval == pytest.approx(other.interval, rel=1e-7)


@metrics_that(lambda metric: not metric.seeded)
def test_another_seed_moves_no_value(metric):
    x, y = sample(), sample(seed=1)
    assert score_of(metric, x, y, seed=7).value == pytest.approx(
        score_of(metric, x, y).value, rel=1e-9
    )


has_influences = metrics_that(lambda metric: metric.estimate is not None)


@metrics_that(lambda metric: metric.estimate is not None and not metric.seeded)
def test_another_seed_moves_no_interval(metric):
    x, y = sample(), sample(seed=1)
    assert score_of(metric, x, y, seed=7).interval == score_of(metric, x, y).interval


@has_influences
def test_each_image_has_an_influence_whatever_the_order(metric):
    x, y = sample(), corrupted(sample(120, seed=1), 0.3)
    order = np.random.default_rng(3).permutation(N)
    score = score_of(metric, x, y)
    mixed = score_of(metric, side_of(metric, x, order), y)
    first, again = score.estimate.parts[0].influence, mixed.estimate.parts[0].influence
    assert len(score.estimate.parts[-1].influence) == 120
    if len(first) == N:  # of a likelihood, some reals choose the bandwidth
        first = first[order]
        assert again == pytest.approx(first, rel=1e-6, abs=1e-7 * abs(first).max())
    spreads = [one.estimate.spread.std_error for one in (mixed, score)]
    assert spreads[0] == pytest.approx(spreads[1], rel=1e-6)


@has_influences
def test_the_entry_gives_the_estimate_of_the_score(metric):
    """By default options; models are compared by it."""
    x, y = side_of(metric, sample()), side_of(metric, corrupted(sample(seed=1), 0.4))
    score = score_of(metric, x, y)
    assert score.estimate.value == score.value
    assert score.estimate.corrected == score.corrected
    assert score.estimate.interval(0.95) == score.interval
    if score.interval is not None:
        assert score.std_error == score.estimate.spread.std_error


@metrics_that(lambda metric: metric.scale_power is not None)
def test_scaling_the_features(metric):
    x, y = sample(), sample(seed=1)
    for s in (1e-3, 100.0):
        expected = s**metric.scale_power * score_of(metric, x, y).value
        assert score_of(metric, s * x, s * y).value == pytest.approx(expected, rel=1e-9)


@metrics_that(lambda metric: metric.shift_invariant)
def test_shifting_the_features(metric):
    x, y = sample(), sample(seed=1)
    expected = score_of(metric, x, y).value
    for shift in (-3.0, 1000.0):
        assert score_of(metric, x + shift, y + shift).value == pytest.approx(expected, rel=1e-8)


@metrics_that(lambda metric: metric.judges_quality)
def test_growing_corruption_makes_it_worse_every_time(metric):
    x, y = sample(), sample(seed=1)
    # A little noise on fakes that shrink towards the middle mostly takes away their variety.
    strengths = (0.0, 0.2, 0.5, 0.9) if metric.notices_missing_modes else (0.0, 0.5, 0.9)
    values = [score_of(metric, x, corrupted(y, s)).value for s in strengths]
    worse = np.diff(values) if metric.better == "lower" else -np.diff(values)
    assert (worse > 0).all(), values


@metrics_that(lambda metric: metric.needs_train)
def test_more_copies_of_training_images_make_it_worse_every_time(metric):
    x, y, copies = sample(), sample(seed=1), corrupted(extra(metric)["train"], 0.01)
    shares = (0.0, 0.2, 0.5, 0.9)
    values = [
        score_of(metric, x, np.where((np.arange(N) < share * N)[:, None], copies, y)).value
        for share in shares
    ]
    worse = np.diff(values) if metric.better == "lower" else -np.diff(values)
    assert (worse > 0).all(), values


@metrics_that(lambda metric: metric.notices_missing_modes and not metric.needs_labels)
def test_dropping_a_class_makes_it_worse(metric):
    x, y = sample(), sample(seed=1)
    whole, dropped = score_of(metric, x, y).value, score_of(metric, x, y[np.arange(N) % 4 > 0])
    assert (dropped.value > whole) == (metric.better == "lower")


@every_metric
def test_arrays_and_tensors_of_any_precision_agree(metric):
    x, y = sample().astype(np.float32), sample(seed=1).astype(np.float32)

    def named(rows, name):
        return replace(side_of(metric, rows), fingerprint=name)

    expected = score_of(metric, named(x, "x"), named(y, "y"))
    for convert in (
        torch.from_numpy,
        lambda rows: torch.from_numpy(rows).requires_grad_(),
        lambda rows: rows.astype(np.float64),
        lambda rows: torch.from_numpy(rows).double().t().contiguous().t(),
    ):
        found = score_of(metric, named(convert(x), "x"), named(convert(y), "y"))
        assert found.value == pytest.approx(expected.value, rel=1e-12)
        if expected.interval is not None:
            assert found.interval == pytest.approx(expected.interval, rel=1e-9)


@metrics_that(lambda metric: not metric.needs_labels)
def test_plain_arrays_are_enough(metric):
    x, y = sample()[:, :CLASSES], sample(seed=1)[:, :CLASSES]
    more = {name: logits_of(rows) for name, rows in extra(metric).items()}
    assert metric.function(real=x, fake=y, **more).value == pytest.approx(
        metric.function(real=torch.from_numpy(x), fake=y, **more).value, rel=1e-12
    )


@metrics_that(lambda metric: metric.needs_labels)
def test_missing_labels_and_classes_are_refused_with_the_name_of_the_side(metric):
    x, y = side_of(metric, sample()), side_of(metric, sample(seed=1))
    for role in ("real", "fake"):
        sides = {"real": x, "fake": y}
        with pytest.raises(InputError, match=f"^{role} has no labels"):
            metric.function(**sides | {role: replace(sides[role], labels=None)})
        fewer = side_of(metric, sample(), np.flatnonzero(np.arange(N) % CLASSES))
        other = "fake" if role == "real" else "real"
        with pytest.raises(InputError, match=f"class 0 is in {other} only"):
            metric.function(**sides | {role: fewer})


@every_metric
def test_the_given_rows_are_left_as_found(metric):
    x, y = sample(), sample(seed=1)
    given = x.copy()
    score_of(metric, torch.from_numpy(x), y)
    np.testing.assert_array_equal(x, given)


@every_metric
@pytest.mark.parametrize("side", ["real", "fake"])
def test_bad_input_is_refused_with_the_name_of_the_side(metric, side):
    def broken(rows):
        sides = {"real": sample(), "fake": sample(seed=1)} | extra(metric) | {side: rows}
        return metric.function(**{name: logits_of(rows) for name, rows in sides.items()})

    nan = sample()
    nan[[3, 7], 1] = np.nan
    with pytest.raises(InputError, match=f"2 of {N} rows of {side} have NaN or Inf"):
        broken(nan)
    with pytest.raises(InputError, match="NaN or Inf"):
        broken(torch.from_numpy(np.where(np.isnan(nan), np.inf, nan)))
    with pytest.raises(InputError, match=f"at least 2 images.*{side} has 1"):
        broken(sample()[:1])
    with pytest.raises(InputError, match=f"{side} has features of shape"):
        broken(sample()[:, :0])


@every_pair_metric
def test_different_widths_are_refused(metric):
    with pytest.raises(InputError, match="real has 5 features per image but fake has 4"):
        score_of(metric, sample(), sample()[:, :4])


@every_metric
def test_constant_features_are_a_finite_score_and_a_warning(metric):
    x, y = sample(), sample(seed=1)
    x[:], y[:, 1] = 1.5, -2
    score = score_of(metric, x, y)
    assert np.isfinite(score.value)
    assert any("constant" in warning for warning in score.warnings)
    json.loads(score.to_json())


@every_metric
def test_few_images_are_enough_for_a_value(metric):
    n = metric.min_images * (CLASSES if metric.needs_labels else 1)
    # FID within classes asks for 1.5 images per feature.
    d = 1 if metric.needs_labels else D
    score = score_of(metric, sample(n)[:, :d], sample(n, seed=1)[:, :d])
    assert np.isfinite(score.value)
    assert score.details["no_interval"] if score.interval is None else np.ptp(score.interval) > 0


@every_metric
def test_where_every_image_has_the_same_influence_the_error_is_not_0(metric):
    """Two sets of one picture each: only a share still has an interval, Wilson's."""
    x, y = np.full((N, D), 1.0), np.full((N, D), 2.0)
    score = score_of(metric, x, y)
    assert np.isfinite(score.value)
    if score.interval is None:
        assert score.std_error is None
        assert score.details["no_interval"]
    else:
        assert np.ptp(score.interval) > 0.03
        assert score.std_error > 0


@every_metric
@pytest.mark.parametrize(
    ("keyword", "advice"),
    [
        ("value_range", r"give ganeval.open_images\(\.\.\., value_range=\.\.\.\)"),
        ("weights", r"give ganeval.extract\(\.\.\., weights=\.\.\.\)"),
        ("sigma", "it takes .*feature_net"),
    ],
)
def test_a_keyword_of_another_function_is_sent_there(metric, keyword, advice):
    message = rf"{metric.function.__name__}\(\) got an unexpected keyword argument '{keyword}'; "
    with pytest.raises(TypeError, match=message + advice):
        score_of(metric, sample(), sample(seed=1), **{keyword: 1})


@every_metric
@pytest.mark.parametrize("role", ["real", "fake", "train"])
def test_a_side_that_is_not_there_is_told(metric, role):
    """Where one side is enough, that is the fakes."""
    sides = {"real": sample(40), "fake": sample(40, seed=1)}
    if metric.needs_train:
        sides["train"] = sample(40, seed=2)
    if role not in sides or (metric.one_sided and role == "real"):
        return
    with pytest.raises(InputError, match="a NoneType holds no images; give a path"):
        metric.function(**{**sides, role: None})
