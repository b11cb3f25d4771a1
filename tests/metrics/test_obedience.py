"""Obedience and utility: against scikit-learn, refits, and labels that are known to be wrong."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import InputError, obedience, utility
from ganeval.features import as_features
from ganeval.metrics import METRICS
from ganeval.metrics.obedience.axes import Axes
from ganeval.metrics.obedience.classifier import Classifier
from ganeval.metrics.obedience.crossfit import parts_of, share_slope
from ganeval.metrics.obedience.deficit import p_value_of_deficit
from ganeval.metrics.spine import Side
from ganeval.statistics import Sampling

CLASSES = ("a", "b", "c", "d")


def labelled(n=20, *, seed=0, d=6, apart=1.5, labels=None, groups=None):
    """Four classes of n images each, [4 n, d]; `labels` replaces those that they show."""
    rng = np.random.default_rng(seed)
    shown = np.repeat(CLASSES, n)
    centres = apart * np.random.default_rng(99).standard_normal((4, d))
    rows = rng.standard_normal((4 * n, d)) + centres[[*map(CLASSES.index, shown)]]
    names = tuple((shown if labels is None else labels).tolist())
    return replace(as_features(rows), labels=names, groups=groups)


def numbers(side):
    return np.unique(np.array(side.labels), return_inverse=True)[1]


def judged(rows, classes, tests, of_tests, folds):
    """By scikit-learn, step by step: shares of fakes and reals that are taken for their class."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import PredefinedSplit, cross_val_predict
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(rows)
    x, y = scaler.transform(rows), scaler.transform(tests)
    model = LogisticRegression(tol=1e-8, max_iter=10_000)
    own = cross_val_predict(model, x, classes, cv=PredefinedSplit(folds)) == classes
    right = np.zeros(len(y))
    for fold in np.unique(folds):
        fitted = model.fit(x[folds != fold], classes[folds != fold])
        weight = [(folds[classes == c] == fold).mean() for c in of_tests]
        right += np.array(weight) * (fitted.predict(y) == of_tests)
    return right, own


@pytest.mark.parametrize("n", [7, 20])
def test_it_is_what_scikit_learn_judges_with_the_same_parts(n):
    real, fake = labelled(n), labelled(12, seed=1)
    folds = parts_of(Side("real", real, None, Sampling(4 * n)), numbers(real))
    assert np.bincount(folds).max() - np.bincount(folds).min() <= 1
    right, own = judged(real.features, numbers(real), fake.features, numbers(fake), folds)
    score = obedience(real, fake)
    assert score.value == pytest.approx(right.mean(), abs=1e-12)
    assert score.details["reals"] == pytest.approx(own.mean(), abs=1e-12)
    of_class = {c: right[np.array(fake.labels) == c].mean() for c in CLASSES}
    found = {c: one["value"] for c, one in score.details["classes"].items()}
    assert found == pytest.approx(of_class)
    for one in score.details["classes"].values():
        assert one["value"] + sum(one["taken_for"].values()) == pytest.approx(1)


@pytest.mark.parametrize("k", [2, 4])
def test_principal_axes_change_no_classifier_and_slopes_are_those_of_refits(k):
    """The pull of an image against a fit with 1.001 of it, by scikit-learn's weights."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    side = labelled(15, d=5)
    rows, y = side.features[: 15 * k], numbers(side)[: 15 * k]
    axes = Axes.of(rows)
    fitted = Classifier.fit(axes(rows), y, k)
    scaled = StandardScaler().fit_transform(rows)
    theirs = LogisticRegression(tol=1e-10, max_iter=10_000).fit(scaled, y).predict_proba(scaled)
    assert fitted.p == pytest.approx(theirs, abs=1e-4)

    gradient = np.zeros_like(fitted.w)  # of the mean logit of class 0 less that of class 1
    gradient[:, 0], gradient[:, 1] = fitted.x.mean(0), -fitted.x.mean(0)
    pulls = fitted.pulls(gradient)

    def gap(weights):
        model = LogisticRegression(tol=1e-12, max_iter=10_000).fit(axes(rows), y, weights)
        logits = model.decision_function(axes(rows))
        return -logits.mean() if k == 2 else (logits[:, 0] - logits[:, 1]).mean()

    moved = []
    for i in range(0, 15 * k, 7):
        more = np.ones(15 * k)
        more[i] += 0.01
        less = 2 - more
        moved.append((gap(more) - gap(less)) / 0.02)
    ratio = pulls[::7] / moved  # all the same: 1/(1 − h)
    assert ratio == pytest.approx(np.full(len(ratio), ratio.mean()), rel=0.01)
    assert 1 < ratio.mean() < 2.5


def test_the_slope_of_a_share_is_that_of_moved_logits():
    """Many margins around 0: the share moves with a coefficient as the kernel says."""
    rng = np.random.default_rng(0)
    rows, w = rng.standard_normal((20_000, 3)), rng.standard_normal((4, 3))
    classes = rng.integers(3, size=20_000)

    def share(w):
        return ((np.c_[rows, np.ones(20_000)] @ w).argmax(1) == classes).mean()

    slope = share_slope(rows, np.c_[rows, np.ones(20_000)] @ w, classes, np.ones(20_000))
    for at in ((0, 0), (2, 1), (3, 2)):
        step = np.zeros_like(w)
        step[at] = 0.2
        moved = (share(w + step) - share(w - step)) / 0.4
        assert slope[at] == pytest.approx(moved, abs=0.02)


def test_renamed_and_half_wrong_labels_are_named_and_good_ones_are_not():
    real = labelled(30, apart=2)
    shown = np.repeat(CLASSES, 30)
    after = np.roll(shown, -30)
    half = np.where(np.arange(120) % 2, shown, after)
    good, wrong, mixed = (
        obedience(real, labelled(30, apart=2, seed=1, labels=labels))
        for labels in (shown, after, half)
    )
    assert good.value > 0.9 and good.details["p_value"] > 0.01 and not good.warnings
    assert wrong.value < 0.1 and wrong.details["p_value"] < 1e-10
    assert mixed.value == pytest.approx(good.value / 2, abs=0.1)
    assert mixed.details["p_value"] < 1e-6
    assert any("less often than reals" in text and "p < 0.001" in text for text in wrong.warnings)
    taken = wrong.details["classes"]["b"]["taken_for"]
    assert next(iter(taken)) == "a"  # fakes that are called b show a
    assert wrong.interval[0] == pytest.approx(0, abs=0.05)


def test_reals_that_no_classifier_tells_apart_are_told():
    told = obedience(labelled(apart=0.0), labelled(seed=1, apart=0.0)).warnings
    assert any(
        "of the reals are taken for their class, which may be chance (25 %)" in t for t in told
    )
    assert obedience(labelled(), labelled(seed=1)).warnings == ()


def test_four_images_of_each_of_41_classes_are_enough():
    rng = np.random.default_rng(0)
    names = np.repeat([f"c{i:02d}" for i in range(41)], 4)
    centres = 2 * rng.standard_normal((41, 16))
    real, fake = (
        replace(
            as_features(rng.standard_normal((164, 16)) + np.repeat(centres, 4, axis=0)),
            labels=tuple(names.tolist()),
        )
        for _ in range(2)
    )
    score = obedience(real, fake)
    assert 0.5 < score.value <= 1
    assert score.interval[0] < score.value
    assert score.details["p_value"] > 0.01
    coarse = {name: name[:2] for name in names}  # a mode of action for about ten of them
    real, fake = (
        replace(side, labels=tuple(coarse[name] for name in side.labels)) for side in (real, fake)
    )
    assert obedience(real, fake).details["classes"].keys() == {"c0", "c1", "c2", "c3", "c4"}


def test_a_good_model_is_not_suspected_and_the_interval_covers():
    """25 draws: false alarms at 0.05 are at most 5 in 99.9 % of cases, and so are misses."""
    scores = [obedience(labelled(8, seed=2 * i), labelled(8, seed=2 * i + 1)) for i in range(25)]
    truth = np.mean([score.value for score in scores])
    assert truth == pytest.approx(np.mean([s.details["reals"] for s in scores]), abs=0.06)
    assert sum(score.details["p_value"] < 0.05 for score in scores) <= 5
    assert sum(not s.interval[0] <= truth <= s.interval[1] for s in scores) <= 5


def test_reals_of_a_group_are_never_judged_by_a_classifier_that_saw_the_group():
    groups = tuple(f"p{i % 8}" for i in range(80))
    real = labelled(groups=groups)
    folds = parts_of(Side("real", real, None, Sampling(80)), numbers(real))
    assert all(len(set(folds[np.array(groups) == g])) == 1 for g in set(groups))
    score = obedience(real, labelled(seed=1))
    assert score.n_groups == 8
    assert score.interval is not None


def test_no_part_holds_a_class_that_has_two_groups():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        groups = rng.integers(12, size=80).astype(str)
        classes = np.arange(80) % 4
        groups[classes == 0] = rng.permutation(np.arange(20) % 2).astype(str)
        side = replace(labelled(seed=seed), groups=tuple(groups.tolist()))
        folds = parts_of(Side("real", side, None, Sampling(80)), classes)
        assert all(len(set(folds[classes == c])) > 1 for c in range(4))
        assert all(len(set(folds[groups == g])) == 1 for g in set(groups))


@pytest.mark.parametrize("table", [[[150, 50], [138, 62]], [[8, 0], [80, 20]]])
def test_the_test_of_a_deficit_is_pearsons_for_one_class(table):
    """Of shares of independent images: z² of pooled proportions, N/(N − 1) apart."""
    from scipy.stats import chi2, chi2_contingency

    real, fake = (np.repeat([1.0, 0.0], counts) for counts in table)
    zeros = [np.zeros(len(side), np.int64) for side in (real, fake)]
    square = chi2_contingency(table, correction=False).statistic
    square *= 1 - 1 / np.sum(table)
    found = p_value_of_deficit(real, fake, *zeros)
    assert found == pytest.approx(chi2(1).sf(square) / 2)
    assert p_value_of_deficit(fake, real, *zeros[::-1]) == pytest.approx(1 - found)


def test_few_reals_do_not_accuse_many_fakes():
    """Of 8 reals and 100 fakes with the same shares: as often as p says."""
    rng = np.random.default_rng(0)
    classes = [np.repeat(np.arange(6), count) for count in (8, 100)]
    found = np.array(
        [
            p_value_of_deficit(*(rng.random(len(of)) < 0.93 for of in classes), *classes)
            for _ in range(1000)
        ]
    )
    assert 0.03 < (found < 0.05).mean() < 0.07
    assert (found < 0.01).mean() < 0.02


def test_groups_of_a_deficit_count_as_one_each():
    real, zeros = np.repeat([1.0, 0.0], [150, 50]), np.zeros(200, np.int64)
    fake = np.repeat([1.0, 0.0], [110, 90])
    assert p_value_of_deficit(real, fake, zeros, zeros) < 1e-4
    plates = np.repeat(np.arange(8), 25).astype(str)  # of one answer each: 8 count, not 200
    assert (
        p_value_of_deficit(
            real, fake, zeros, zeros, real_groups=plates, fake_groups=np.char.add("f", plates)
        )
        > 0.05
    )


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (slice(0, 20), "obedience needs at least 2 classes, but all images are of class a"),
        (slice(19, 80), "obedience needs at least 2 reals of each class.*; a has 1"),
    ],
)
def test_too_few_classes_or_reals_are_refused(keep, message):
    rows = np.arange(80)[keep]
    with pytest.raises(InputError, match=message):
        obedience(labelled().take(rows), labelled(seed=1).take(rows))


def test_a_class_in_one_group_is_refused_with_its_name():
    groups = tuple("p0" if i < 20 else f"p{i % 8}" for i in range(80))
    with pytest.raises(InputError, match="at least 2 groups in each class.*those of a are of one"):
        obedience(labelled(groups=groups), labelled(seed=1))


def test_utility_is_the_accuracy_of_a_classifier_of_the_fakes():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    real, fake = labelled(), labelled(30, seed=1)
    model = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-8, max_iter=10_000))
    model.fit(fake.features, fake.labels)
    score = utility(real, fake)
    assert score.value == pytest.approx(model.score(real.features, real.labels), abs=1e-12)
    back = obedience(real, fake)
    assert score.details["reals"] == pytest.approx(back.details["reals"])
    assert score.details["back"] == pytest.approx(back.value)
    assert score.interval[0] < score.value < score.interval[1]


def test_fakes_without_variety_are_obedient_and_of_little_use():
    real = labelled(50, apart=0.8)
    pure = labelled(50, apart=0.8, seed=1)
    of_class = np.array(pure.labels)
    rows = pure.features.copy()
    for c in CLASSES:  # each class is a tight cloud around one of its images
        here = of_class == c
        rows[here] = rows[here][0] + 0.05 * (rows[here] - rows[here].mean(0))
    narrow = replace(as_features(rows), labels=pure.labels)
    assert utility(real, narrow).value < utility(real, pure).value - 0.1


def test_notes_have_the_reals_and_a_line_per_class():
    score = obedience(labelled(), labelled(seed=1))
    notes = METRICS["obedience"].notes(score)
    assert notes[0].startswith("reals: ") and len(notes) == 5
    assert notes[1].startswith("a: ")
    assert len(METRICS["utility"].notes(utility(labelled(), labelled(seed=1)))) == 5
