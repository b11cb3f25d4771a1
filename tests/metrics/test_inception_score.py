import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS, inception_score
from ganeval.metrics.inception_score import estimate


def logits(n, k=6, *, scale=2.0, seed=0):
    return scale * np.random.default_rng(seed).standard_normal((n, k))


def by_hand(z):
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    mean = p.mean(0)
    return float(np.exp((p * np.log(p / mean)).sum(1).mean()))


def test_it_is_the_mean_divergence_from_the_mean_prediction():
    z = logits(200)
    score = inception_score(z)
    assert score.value == pytest.approx(by_hand(z), rel=1e-12)
    details = score.details
    assert details["log_is"] == pytest.approx(details["entropy_of_mean"] - details["mean_entropy"])
    assert details["classes"] == 6


def test_sure_and_varied_verdicts_score_the_number_of_classes():
    z = 1000 * np.tile(np.eye(5), (8, 1))
    score = inception_score(z)
    assert score.value == pytest.approx(5)
    assert score.details["entropy_of_mean"] == pytest.approx(np.log(5))
    assert score.details["mean_entropy"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("z", [np.zeros((40, 5)), 1000 * np.eye(5)[[2] * 40]])
def test_unsure_or_uniform_verdicts_score_one(z):
    assert inception_score(z).value == pytest.approx(1)


def test_the_correction_takes_the_bias_of_few_images():
    truth = inception_score(logits(100_000, 20), interval=False).value
    plain, corrected = [], []
    for seed in range(60):
        score = inception_score(logits(60, 20, seed=seed + 1))
        plain.append(score.value)
        corrected.append(score.corrected)
    assert abs(np.mean(corrected) - truth) < 0.25 * abs(np.mean(plain) - truth)


def test_splits_are_torch_fidelitys():
    z = logits(103)
    order = np.random.RandomState(2020).permutation(103)
    bounds = [i * 103 // 10 for i in range(11)]
    parts = [by_hand(z[order][a:b]) for a, b in itertools.pairwise(bounds)]
    score = inception_score(z, splits=10, seed=2020)
    assert score.value == pytest.approx(np.mean(parts), rel=1e-12)
    assert score.details["spread_over_splits"] == pytest.approx(np.std(parts), rel=1e-9)
    assert score.interval is None
    assert score.value < inception_score(z).value


def test_the_reals_have_a_score_of_their_own():
    z, reals = logits(100), logits(150, scale=4.0, seed=1)
    score = inception_score(z, real=reals)
    assert score.details["real"]["value"] == pytest.approx(by_hand(reals))
    assert (score.n_real, score.n_fake) == (150, 100)
    assert score.value == inception_score(z).value
    assert score.protocol_id == inception_score(z).protocol_id


def test_logits_of_features_are_taken():
    whole = replace(as_features(np.zeros((50, 3))), logits=logits(50))
    assert inception_score(whole).value == pytest.approx(by_hand(logits(50)))


def test_a_net_that_does_not_classify_is_refused():
    net = {"net": {"name": "pixels", "fingerprint": "x"}}
    with pytest.raises(InputError, match="'pixels' does not"):
        inception_score(replace(as_features(logits(50)), protocol=net))


@pytest.mark.parametrize("per_group", [1, 4])
def test_an_influence_is_what_the_score_loses_without_an_image_or_a_group(per_group, monkeypatch):
    """The correction is the jackknife's, of the same parts."""
    monkeypatch.setattr(estimate, "_CHUNK", 7)
    z, n = logits(48), 48
    names = np.arange(n) // per_group
    groups = None if per_group == 1 else tuple(map(str, names))
    score = inception_score(replace(as_features(z), groups=groups))
    whole = np.log(by_hand(z))
    loss = np.array([whole - np.log(by_hand(z[names != g])) for g in range(n // per_group)])
    u = len(loss)
    assert np.log(score.corrected) == pytest.approx(whole + (u - 1) * loss.mean(), rel=1e-10)
    of_unit = np.bincount(names, score.estimate.parts[0].influence) / per_group
    assert of_unit / score.corrected == pytest.approx((u - 1) * loss, abs=1e-10)


def test_groups_of_any_size_are_left_out_whole():
    z = logits(60)
    names = np.repeat(np.arange(6), [4, 6, 8, 10, 14, 18])
    score = inception_score(replace(as_features(z), groups=tuple(map(str, names))))
    loss = np.array([np.log(by_hand(z) / by_hand(z[names != g])) for g in range(6)])
    sizes = np.bincount(names)
    of_unit = np.bincount(names, score.estimate.parts[0].influence) / score.corrected
    assert of_unit == pytest.approx((60 - sizes) * loss, abs=1e-10)
    assert score.n_groups == 6
    few = inception_score(replace(as_features(z), groups=tuple(map(str, names % 5))))
    assert few.interval is None and few.corrected is not None
    assert few.details["no_interval"] == "5 groups, of 6 that an interval needs"


def log_score_of_classes(z, of, keep):
    """Log IS where what is left of a class counts for all of it."""
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    weights = np.bincount(of) / len(of) / np.bincount(of[keep])
    mean = (weights[of[keep], None] * p[keep]).sum(0)
    sure = (weights[of[keep]] * (p * np.log(p)).sum(1)[keep]).sum()
    return float(sure - (mean * np.log(mean)).sum())


def test_chosen_class_sizes_stay_as_they_are():
    z, of = logits(40), np.arange(40) % 4
    z[np.arange(40), of] += 2
    score = inception_score(replace(as_features(z), labels=tuple("abcd"[c] for c in of)))
    rows = np.arange(40)
    whole = log_score_of_classes(z, of, rows)
    loss = np.array([whole - log_score_of_classes(z, of, rows != i) for i in rows])
    # 9 others in a class, which is a quarter of all.
    assert np.log(score.corrected) == pytest.approx(whole + (9 / 10) * loss.sum(), rel=1e-10)
    ours = score.estimate.parts[0].influence / score.corrected
    theirs = 4 * 9 * loss
    classes = np.eye(4)[of]
    ours, theirs = (v - classes @ (classes.T @ v) / 10 for v in (ours, theirs))
    assert ours == pytest.approx(theirs, abs=1e-10)


def test_the_order_of_images_and_the_names_of_groups_do_not_matter():
    z, order = logits(60), np.random.default_rng(0).permutation(60)
    names = np.arange(60) // 5
    first = inception_score(replace(as_features(z), groups=tuple(f"p{g}" for g in names)))
    other = inception_score(
        replace(as_features(z[order]), groups=tuple(f"q{-g}" for g in names[order])), seed=3
    )
    assert other.corrected == pytest.approx(first.corrected, rel=1e-12)
    assert other.interval == pytest.approx(first.interval, rel=1e-12)


def of_plates(rng, n, plates, *, k=8):
    """Logits of images on plates that shift all of them."""
    shifts = 1.5 * rng.standard_normal((plates.max() + 1, k))[plates]
    return 2 * rng.standard_normal((n, k)) + shifts


@pytest.mark.parametrize(("n", "g"), [(16, 16), (60, 60), (240, 8), (240, 16)])
def test_the_interval_holds_the_score_of_infinitely_many_images(n, g):
    """Plates of n/g images; the truth is that of many plates of one image."""
    rng = np.random.default_rng(0)
    truth = by_hand(of_plates(rng, 200_000, np.arange(200_000)))
    plates = np.arange(n) * g // n
    covered, corrected = [], []
    for _ in range(300):
        features = as_features(of_plates(rng, n, plates))
        if g < n:
            features = replace(features, groups=tuple(map(str, plates)))
        score = inception_score(features)
        covered.append(score.interval[0] <= truth <= score.interval[1])
        corrected.append(score.corrected)
    assert 0.91 <= np.mean(covered) <= 0.985
    assert abs(np.mean(corrected) - truth) < 0.3 * np.std(corrected)


def test_too_few_images_for_the_classes_have_no_interval():
    score = inception_score(logits(30, 100))
    assert (score.corrected, score.interval) == (None, None)
    assert score.details["no_interval"] == "fewer images than classes"
    more = inception_score(logits(150, 100))
    assert more.corrected is not None and more.interval is None
    assert more.details["no_interval"] == "150 images for 100 classes, of 2 per class that it needs"


def test_images_that_both_sides_have_do_no_harm():
    z = logits(100)
    assert inception_score(z, real=z).interval == inception_score(z).interval is not None


def test_more_splits_than_images_are_refused():
    with pytest.raises(InputError, match="there are 5 images for 10 splits"):
        inception_score(logits(5), splits=10)
    with pytest.raises(InputError, match="splits is 0"):
        inception_score(logits(5), splits=0)


def test_the_reals_show_how_far_the_classifier_can_be_trusted():
    """Predictions that are right as often as they say: the labels are drawn from them."""
    z = logits(20_000, 4, seed=1)
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    drawn = (np.random.default_rng(0).random((len(z), 1)) > p.cumsum(1)).sum(1)
    real = as_features(z)
    real = replace(real, logits=z, classes=tuple("abcd"), labels=tuple("abcd"[i] for i in drawn))
    honest = inception_score(logits(100, 4), real=real).details["real"]
    assert honest["calibration_error"] < 0.02
    assert honest["accuracy"] == pytest.approx(p.max(1).mean(), abs=0.02)
    boaster = replace(real, logits=3 * z)
    assert inception_score(logits(100, 4), real=boaster).details["real"]["calibration_error"] > 0.1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"labels": None}, "the reals have no labels"),
        ({"classes": None}, "the names of the classifier's classes are unknown"),
        ({"classes": ("a", "c")}, "the classifier has no class b, as reals have"),
    ],
)
def test_without_labels_of_its_classes_there_is_no_calibration_error(change, reason):
    z = logits(40, 2)
    real = replace(as_features(z), logits=z, classes=("a", "b"), labels=tuple("ab" * 20))
    score = inception_score(logits(50, 2), real=replace(real, **change))
    assert score.details["real"]["no_calibration_error"] == reason
    assert "calibration_error" not in score.details["real"]


@pytest.mark.parametrize("splits", [1, 10])
def test_further_numbers_are_printed_in_words(splits):
    z = logits(40, 2)
    real = replace(as_features(z), logits=z, classes=("a", "b"), labels=tuple("ab" * 20))
    score = inception_score(logits(50, 2), real=real, splits=splits)
    first, second, *rest = METRICS["inception_score"].notes(score)
    assert f"entropy {score.details['entropy_of_mean']:.4f} nats" in first
    assert f"{score.details['mean_entropy']:.4f} of one on average; 2 classes" in first
    assert second.startswith(f"reals: {score.details['real']['value']:.4g}")
    if splits == 1:
        error = score.details["real"]["calibration_error"]
        assert rest[0].endswith(f"calibration error {error:.4f}")
    assert len(METRICS["inception_score"].notes(inception_score(z))) == 1


def softmax(z):
    p = np.exp(z - z.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


@pytest.mark.parametrize(
    ("form", "exact"),
    [
        (lambda p: p, 1e-12),
        (lambda p: p.astype(np.float32), 1e-5),
        (lambda p: p.astype(np.float16), 1e-2),
        (lambda p: torch.from_numpy(p).bfloat16(), 3e-2),
    ],
)
def test_probabilities_score_as_their_logits_do_and_say_so(form, exact):
    z = logits(300)
    expected, found = inception_score(z), inception_score(form(softmax(z)))
    assert found.value == pytest.approx(expected.value, rel=exact)
    assert found.interval == pytest.approx(expected.interval, rel=10 * exact)
    if exact < 1e-3:
        text = "rows of fake sum to 1 and are taken as probabilities of 6 classes"
        assert text in found.warnings


def test_probabilities_of_0_and_1_score_too():
    sure = np.eye(5)[np.arange(100) % 5]
    for rows in (sure, sure.astype(int), sure.astype(bool)):
        assert inception_score(rows).value == pytest.approx(5)


def test_a_net_that_returns_probabilities_as_logits_is_noticed():
    z = logits(100)
    given = replace(as_features(np.zeros((100, 3))), logits=softmax(z))
    score = inception_score(given)
    assert score.value == pytest.approx(inception_score(z).value)
    assert any("probabilities of 6 classes" in text for text in score.warnings)


def test_plain_rows_are_said_to_be_taken_as_logits():
    z = logits(50)
    text = "rows of {} are taken as logits of 6 classes; features are none"
    assert text.format("fake") in inception_score(z).warnings
    assert text.format("real") in inception_score(z, real=logits(50, seed=1)).warnings
    known = replace(as_features(np.zeros((50, 3))), logits=z)
    assert not any("logits" in warning for warning in inception_score(known).warnings)


@pytest.mark.parametrize("change", [lambda p: p * 1.06, lambda p: p - 0.01, lambda p: p[:, :5]])
def test_rows_that_do_not_sum_to_1_are_logits(change):
    rows = change(softmax(logits(50)))
    assert inception_score(rows).value == pytest.approx(by_hand(rows))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p * 1.01, "sums near 1: they are rounded probabilities"),
        (lambda p: p.round(2), "sums near 1: they are rounded probabilities"),
        (lambda p: p * 100, "sums near 100: they are percentages"),
    ],
)
def test_rounded_and_percent_probabilities_are_refused_and_normalised_ones_are_scored(
    change, message
):
    exact = softmax(logits(50))
    rows = change(np.asarray(exact))
    with pytest.raises(InputError, match=f"{message} rather than logits; divide each row by"):
        inception_score(rows)
    normalised = rows / rows.sum(1, keepdims=True)
    assert inception_score(normalised).value == pytest.approx(by_hand(logits(50)), rel=0.02)
