import itertools
from dataclasses import replace

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS, inception_score


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


def test_the_reals_own_score_stands_beside():
    z, reals = logits(100), logits(150, scale=4.0, seed=1)
    score = inception_score(z, reals)
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


def test_groups_are_the_blocks():
    names = tuple(f"p{i // 10}" for i in range(60))
    score = inception_score(replace(as_features(logits(60)), groups=names))
    assert (score.n_groups, score.details["blocks"]) == (6, 6)
    few = inception_score(replace(as_features(logits(60)), groups=("a",) * 20 + ("b",) * 40))
    assert few.interval is None
    assert "2 groups" in few.details["no_interval"]


def test_fewer_images_than_classes_have_no_interval():
    score = inception_score(logits(30, 100))
    assert (score.corrected, score.interval) == (None, None)
    assert score.details["no_interval"] == "fewer images than classes"


def test_more_splits_than_images_are_refused():
    with pytest.raises(InputError, match="there are 5 images for 10 splits"):
        inception_score(logits(5), splits=10)
    with pytest.raises(InputError, match="splits is 0"):
        inception_score(logits(5), splits=0)


def test_the_reals_tell_how_far_the_classifier_can_be_trusted():
    """Predictions that are right as often as they say: the labels are drawn from them."""
    z = logits(20_000, 4, seed=1)
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    drawn = (np.random.default_rng(0).random((len(z), 1)) > p.cumsum(1)).sum(1)
    real = as_features(z)
    real = replace(real, logits=z, classes=tuple("abcd"), labels=tuple("abcd"[i] for i in drawn))
    honest = inception_score(logits(100, 4), real).details["real"]
    assert honest["calibration_error"] < 0.02
    assert honest["accuracy"] == pytest.approx(p.max(1).mean(), abs=0.02)
    boaster = replace(real, logits=3 * z)
    assert inception_score(logits(100, 4), boaster).details["real"]["calibration_error"] > 0.1


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
    score = inception_score(logits(50, 2), replace(real, **change))
    assert score.details["real"]["no_calibration_error"] == reason
    assert "calibration_error" not in score.details["real"]


@pytest.mark.parametrize("splits", [1, 10])
def test_what_is_beside_the_score_is_told_in_words(splits):
    z = logits(40, 2)
    real = replace(as_features(z), logits=z, classes=("a", "b"), labels=tuple("ab" * 20))
    score = inception_score(logits(50, 2), real, splits=splits)
    first, second, *rest = METRICS["inception_score"].notes(score)
    assert f"entropy {score.details['entropy_of_mean']:.4f} nats" in first
    assert f"{score.details['mean_entropy']:.4f} of one on average; 2 classes" in first
    assert second.startswith(f"reals: {score.details['real']['value']:.4g}")
    if splits == 1:
        error = score.details["real"]["calibration_error"]
        assert rest[0].endswith(f"calibration error {error:.4f}")
    assert len(METRICS["inception_score"].notes(inception_score(z))) == 1
