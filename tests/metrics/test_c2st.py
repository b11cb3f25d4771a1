"""C2ST: against scikit-learn, closed forms, and data whose truth is known."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

from ganeval import InputError, c2st
from ganeval.features import as_features
from ganeval.metrics import METRICS
from ganeval.metrics.c2st.classifiers import CLASSIFIERS, Task
from ganeval.metrics.c2st.ensemble import COORDINATES, products, shrinkage
from ganeval.metrics.c2st.interval import held_out_influence
from ganeval.metrics.c2st.logistic import logistic_logits
from ganeval.metrics.c2st.networks import dcgan
from ganeval.metrics.c2st.verdicts import area_under_curve, placements, summary
from ganeval.statistics import repeated_splits

ON_FEATURES = ("logistic", "mlp", "knn", "xgboost")


def rows(n, d=5, *, shift=0.0, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) + shift


def pictures(n, *, bright=0, seed=0, size=(12, 16), channels=2):
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 120, (n, *size, channels))
    return (noise + bright).astype(np.uint8)


def task(x, y, *, repeats=3, seed=0):
    n, m = len(x), len(y)
    kinds = np.repeat([0, 1], [n, m])
    held_out = repeated_splits(kinds, np.zeros(n + m), repeats=repeats, seed=seed)
    real = np.repeat((kinds == 0)[:, None], repeats, axis=1)
    return Task(torch.from_numpy(np.concatenate([x, y])), real, held_out)


@pytest.mark.parametrize("d", [5, 100, 300])
def test_logistic_is_scikit_learns_where_it_has_converged(d):
    """Also where a plane separates the training images, and where features outnumber images."""
    given = task(rows(150, d), rows(90, d, shift=0.3, seed=1))
    found = CLASSIFIERS["logistic"].fit(given).logits
    for repeat in range(3):
        train = ~given.held_out[:, repeat]
        weights = given.weights()[train, repeat]
        x = StandardScaler().fit_transform(given.rows.numpy())
        model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
        model.fit(x[train], given.real[train, repeat], sample_weight=weights)
        np.testing.assert_allclose(found[:, repeat], model.decision_function(x), atol=1e-6)


def test_the_ensemble_sees_what_either_of_its_classifiers_sees():
    """Means by the one, correlations by the other, at hardly less than that one's area."""
    mean, correlation = rows(500, 10, seed=1), rows(500, 10, seed=1)
    mean[:, 0] += 0.5
    correlation[:, 1] = 0.6 * correlation[:, 0] + 0.8 * correlation[:, 1]
    for fakes, low, high in ((mean, 0.59, 0.64), (correlation, 0.58, 0.68)):
        both, lines = (
            c2st(rows(500, 10), fakes, classifier=name, repeats=4, permutations=0).value
            for name in ("ensemble", "logistic")
        )
        assert low < both < high
        assert (both > lines - 0.02) if fakes is mean else (lines < 0.53)
    same = c2st(rows(500, 10), rows(500, 10, seed=2), repeats=4, permutations=19)
    assert same.details["classifier"] == "ensemble"
    assert same.details["p_value"] > 0.05


@pytest.mark.parametrize("d", [3, 40])
def test_products_are_those_of_standardised_features_or_of_their_main_components(d):
    x = rows(200, d) * np.arange(1, d + 1)
    found = products(torch.from_numpy(x)).numpy()
    z = StandardScaler().fit_transform(x)
    if d > COORDINATES:
        z = PCA(COORDINATES, whiten=True).fit_transform(z) * (200 / 199) ** 0.5
    k = z.shape[1]
    assert found.shape == (200, k * (k + 1) // 2)
    i, j = np.triu_indices(k)
    signs = np.sign((found * z[:, i] * z[:, j]).sum(0))  # a component has no sign
    np.testing.assert_allclose(found, signs * z[:, i] * z[:, j], atol=1e-6)


def test_a_classifier_that_chance_explains_is_shrunk():
    """A likelihood ratio statistic of k coefficients is k by chance."""
    x, real = torch.from_numpy(rows(400, 20)), (torch.arange(400) < 200)[:, None]
    weights = torch.ones(400, 1, dtype=torch.float64)
    shares = []
    for shift in (0.0, 1.0):
        moved = x + shift * real * torch.eye(1, 20)
        logits = logistic_logits(moved, real, weights)
        shares.append(float(shrinkage(moved, logits, real, weights)[0]))
        model = LogisticRegression(C=1.0).fit(StandardScaler().fit_transform(moved), real[:, 0])
        loss = log_loss(
            real[:, 0], model.predict_proba(StandardScaler().fit_transform(moved))[:, 1]
        )
        gain = 800 * (np.log(2) - loss)
        assert shares[-1] == pytest.approx(max(1 - 20 / gain, 0.02), abs=0.02)
    assert shares[0] < 0.35 < 0.7 < shares[1]


def test_refits_are_close_enough_for_an_area_under_the_curve():
    given = task(rows(150, 100), rows(150, 100, shift=0.05, seed=1), repeats=8)
    exact, rough = (
        area_under_curve(CLASSIFIERS["logistic"].fit(t).logits, t.real, t.held_out)
        for t in (given, replace(given, rough=True))
    )
    np.testing.assert_allclose(rough, exact, atol=2e-4)


def test_measures_are_scikit_learns():
    rng = np.random.default_rng(0)
    logits = rng.integers(-4, 5, (80, 2)) / 2.0  # with ties
    real = np.repeat((np.arange(80) < 30)[:, None], 2, axis=1)
    held_out = rng.random((80, 2)) < 0.6
    expected = [roc_auc_score(real[held_out[:, r], r], logits[held_out[:, r], r]) for r in range(2)]
    np.testing.assert_allclose(area_under_curve(logits, real, held_out), expected, rtol=1e-12)


def test_accuracy_and_log_loss_are_scikit_learns_for_equal_sides():
    x, y = rows(60), rows(60, shift=0.5, seed=1)
    given = task(x, y)
    verdicts = CLASSIFIERS["logistic"].fit(given)
    found = summary(verdicts, given.real, given.held_out)
    for r in range(3):
        real, logits = (a[given.held_out[:, r], r] for a in (given.real, verdicts.logits))
        assert found["accuracy"]["values"][r] == pytest.approx(accuracy_score(real, logits > 0))
        expected = log_loss(real, 1 / (1 + np.exp(-logits)))
        assert found["log_loss"]["values"][r] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("classifier", ["logistic", "mlp"])
def test_at_large_n_the_auc_is_that_of_the_best_classifier(classifier):
    shift = 0.5
    best = NormalDist().cdf(shift * 5**0.5 / 2**0.5)
    score = c2st(
        rows(2500),
        rows(2500, shift=shift, seed=1),
        classifier=classifier,
        permutations=0,
        repeats=3,
    )
    assert score.value == pytest.approx(best, abs=0.02)
    assert score.value < best + 0.01


def test_what_a_line_cannot_see_an_mlp_can():
    x, y = rows(800, 2), rows(800, 2, seed=1)
    y[:, 1] = 0.9 * y[:, 0] + (1 - 0.81) ** 0.5 * y[:, 1]
    y *= 1 / y.std(0)
    assert c2st(x, y, classifier="logistic", permutations=0).value < 0.55
    assert c2st(x, y, classifier="mlp").value > 0.65


@pytest.mark.parametrize("classifier", ON_FEATURES)
def test_null_p_values_are_uniform_and_a_difference_is_found(classifier):
    options = {"classifier": classifier, "repeats": 2, "permutations": 39}
    if classifier == "mlp":
        options["iterations"] = 30
    null = [
        c2st(rows(24, 2, seed=2 * i), rows(40, 2, seed=2 * i + 1), seed=i, **options)
        for i in range(60)
    ]
    p = np.array([score.details["p_value"] for score in null])
    # Binomial(60, q): six deviations' worth of room is for nothing but chance.
    for q in (0.1, 0.5, 0.9):
        assert abs((p <= q).mean() - q) < 3.5 * (q * (1 - q) / 60) ** 0.5 + 0.02
    found = c2st(rows(60), rows(60, shift=1.0, seed=1), **options)
    assert found.details["p_value"] <= 0.025 + 1e-9


def test_plates_are_no_difference_between_real_and_fake():
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(24), 20)
    effects = 2 * rng.standard_normal((24, 3))
    x = as_features(rng.standard_normal((480, 3)) + effects[plates])
    y = as_features(rng.standard_normal((480, 3)) + 2 * rng.standard_normal((24, 3))[plates])
    names = [tuple(f"{side}{plate}" for plate in plates) for side in "ab"]
    blind = c2st(x, y, classifier="knn")
    aware = c2st(replace(x, groups=names[0]), replace(y, groups=names[1]), classifier="knn")
    assert blind.details["p_value"] < 0.01 < 0.05 < aware.details["p_value"]
    assert blind.value > 0.65
    assert aware.value < blind.value - 0.15
    assert aware.n_groups == 24


def test_plates_that_both_sides_share_are_held_out_as_a_whole():
    plates = tuple(f"p{i % 8}" for i in range(160))
    x, y = (replace(as_features(rows(160, seed=s)), groups=plates) for s in (0, 1))
    score = c2st(x, y, permutations=19)
    assert score.n_groups == 8
    assert 0.3 < score.value < 0.7


def test_copies_of_reals_are_reported_and_cannot_be_learnt_by_heart():
    x, new = rows(100), rows(100, seed=1)
    copied = np.concatenate([x[:60], new[:40]])
    score = c2st(x, copied, classifier="knn")
    assert any("60 of 100 images of fake are exact copies of reals" in w for w in score.warnings)
    assert 0.35 < score.value < 0.65


def test_reals_against_themselves_are_chance_exactly():
    score = c2st(rows(50), rows(50))
    assert score.value == 0.5
    assert score.details["p_value"] == 1
    assert score.interval is None


@pytest.mark.parametrize("classifier", ON_FEATURES)
def test_fewer_repeats_are_the_first_of_more(classifier):
    x, y = rows(60), rows(60, shift=0.3, seed=1)
    few, more = (
        c2st(x, y, classifier=classifier, repeats=r, permutations=0).details["auc"]["values"]
        for r in (2, 5)
    )
    assert few == pytest.approx(more[:2], abs=1e-9)


def test_pixels_the_same_per_repeat_alone_and_with_curves():
    x, y = pictures(30), pictures(30, bright=10, seed=1)
    scores = [c2st(x, y, classifier="dcgan", repeats=r, iterations=12) for r in (1, 2)]
    one, two = (score.details["auc"]["values"] for score in scores)
    assert one == pytest.approx(two[:1], abs=1e-9)
    curves = scores[1].details["learning_curves"]
    assert curves["iterations"][-1] == 12
    assert np.shape(curves["training_loss"]) == np.shape(curves["held_out_loss"])
    assert len(curves["held_out_loss"]) == 2
    assert scores[0].protocol["net"]["name"] == "pixels:all"
    assert scores[0].interval is None
    assert scores[0].details["no_interval"] == "one repeat has no spread"


def test_pixels_tell_brighter_pictures_but_not_new_ones():
    x = pictures(80)
    same, brighter = (
        c2st(x, pictures(80, bright=b, seed=1), classifier="conv", repeats=3, iterations=30)
        for b in (0, 60)
    )
    assert brighter.value > 0.95 > 0.7 > same.value
    assert brighter.details["p_value"] < 0.01


def test_a_critic_reports_its_gap_and_no_log_loss():
    score = c2st(
        pictures(40), pictures(40, bright=60, seed=1), classifier="critic", repeats=2, iterations=20
    )
    assert score.details["critic_gap"]["q50"] > 0.1
    assert "log_loss" not in score.details
    assert score.value > 0.9


@pytest.mark.parametrize(
    ("shape", "parameters"), [((1, 32, 32), 661_376), ((2, 48, 80), 2_764_160)]
)
def test_dcgan_is_the_thesis_discriminator(shape, parameters):
    net = dcgan(shape)
    assert sum(p.numel() for p in net.parameters()) == parameters
    assert net(torch.zeros(3, *shape)).shape == (3, 1, 1, 1)


@pytest.mark.parametrize("size", [(4, 4), (5, 31), (28, 28), (64, 48)])
def test_dcgan_fits_any_size(size):
    assert dcgan((3, *size), width=4)(torch.zeros(2, 3, *size)).numel() == 2


def test_a_module_of_your_own_starts_afresh_in_each_repeat():
    class Linear(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Linear(5, 1)

        def forward(self, x):
            return self.inner(x)

    net = Linear()
    before = [p.clone() for p in net.parameters()]
    x, y = rows(80), rows(80, shift=1.0, seed=1)
    by_module = c2st(x, y, classifier=net, repeats=2, iterations=1000)
    by_function = c2st(x, y, classifier=Linear, repeats=2, iterations=1000)
    assert by_module.value > 0.7 and by_function.value > 0.7
    assert by_module.details["classifier"] == by_function.details["classifier"] == "Linear"
    for old, new in zip(before, net.parameters(), strict=True):
        assert torch.equal(old, new)


def test_a_module_that_gives_too_much_is_refused():
    with pytest.raises(InputError, match=r"gives \(128, 2\) for 128 images; wanted one number"):
        c2st(rows(80), rows(80, seed=1), classifier=torch.nn.Linear(5, 2), iterations=2)


def test_progress_counts_every_fit():
    seen = []
    c2st(
        rows(30),
        rows(30, seed=1),
        repeats=3,
        permutations=4,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (21, 21)  # the observed one is fitted once more with the permuted
    assert seen == sorted(seen)


@given(st.integers(2, 12), st.integers(2, 12), st.integers(1, 4))
def test_any_small_sets_give_a_finite_score(n, m, repeats):
    score = c2st(rows(n), rows(m, seed=1), repeats=repeats, permutations=3)
    assert 0 <= score.value <= 1
    assert 0 < score.details["p_value"] <= 1
    assert (score.interval is None) == ("no_interval" in score.details)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classifier": "svm"}, "unknown classifier 'svm'"),
        ({"classifier": 3}, "give a name"),
        ({"repeats": 0}, "repeats is 0"),
        ({"test_size": 1.5}, "test_size is 1.5"),
        ({"permutations": -1}, "permutations is -1"),
        ({"iterations": 0}, "iterations is 0"),
        ({"classifier": "dcgan"}, "looks at pixels, but features were given"),
        ({"classifier": "conv", "feature_net": "mnist"}, "leave out one of the two"),
    ],
)
def test_wrong_options_are_refused_in_one_line(options, message):
    with pytest.raises(InputError, match=message) as caught:
        c2st(rows(20), rows(20, seed=1), **options)
    assert "\n" not in str(caught.value)


def test_one_group_is_refused_and_few_give_no_interval():
    def grouped(n_groups, seed):
        side = as_features(rows(60, seed=seed))
        return replace(side, groups=tuple(f"{seed}/{i % n_groups}" for i in range(60)))

    with pytest.raises(InputError, match="has 1 group of its own"):
        c2st(grouped(1, 0), grouped(3, 1))
    score = c2st(grouped(3, 0), grouped(3, 1), permutations=9)
    assert score.interval is None
    assert score.details["no_interval"].startswith("3 groups of real, of 12 that the interval")


def test_groups_of_which_one_has_most_images_count_as_few():
    plates = tuple(f"p{max(i - 46, 0)}" for i in range(60))  # one of 47 images, 13 of one
    x = replace(as_features(rows(60)), groups=plates)
    found = c2st(x, rows(60, seed=1), permutations=0)
    assert "14 groups of real, so unequal that they count as 1.6" in found.details["no_interval"]


def test_the_p_value_and_the_other_measures_are_printed_in_words():
    score = c2st(rows(60), rows(60, shift=0.5, seed=1), permutations=19, repeats=3)
    p, measures, _, own = METRICS["c2st"].notes(score)
    assert p == f"p = {score.details['p_value']:.3g} (19 label permutations, all repeats refitted)"
    assert measures.startswith(f"accuracy {score.details['accuracy']['q50']:.4f}, log-loss ")
    assert f"AUC {score.details['real_vs_real']['q50']:.4f}" in own


def test_sides_that_every_split_separates_have_an_interval_from_their_number():
    """Wilson's of a share of 60 independent images, with the 9 degrees of ten repeats."""
    score = c2st(rows(60), rows(60, shift=50.0, seed=1), permutations=19)
    square = stdtrit(9, 0.975) ** 2
    assert score.interval == pytest.approx((60 / (60 + square), 1.0))
    assert score.interval[1] == score.value == 1.0
    assert 0 < score.std_error < 0.05


def test_the_influence_of_held_out_images_is_delongs():
    """On one split, the variance of an AUC is that of the placements of either side."""
    rng = np.random.default_rng(0)
    logits = rng.integers(-3, 4, (50, 1)).astype(float)  # with ties
    real, held_out = np.arange(50) < 20, rng.random((50, 1)) < 0.6
    s, t = logits[held_out[:, 0] & real, 0], logits[held_out[:, 0] & ~real, 0]
    wins = np.sign(s[:, None] - t) / 2 + 0.5
    np.testing.assert_allclose(placements(s, t)[0], wins.mean(1))
    np.testing.assert_allclose(placements(s, t)[1], wins.mean(0))
    found = held_out_influence(logits, real, held_out)
    assert not found[~held_out[:, 0]].any()
    for side, shares in ((real, wins.mean(1)), (~real, wins.mean(0))):
        delong = shares.var() / len(shares)
        assert ((found[side] / side.sum()) ** 2).sum() == pytest.approx(delong)


@pytest.mark.parametrize("shift", [0.3, 3.0])
def test_the_interval_covers_the_median_of_other_data_sets(shift):
    options = {"permutations": 0, "repeats": 5}
    scores = []
    for i in range(30):
        x, y = rows(30, 2, seed=2 * i), rows(30, 2, seed=2 * i + 1)
        y[:, 0] += shift
        scores.append(c2st(x, y, seed=i, **options))
    values = np.array([found.value for found in scores])
    low, high = np.array([found.interval for found in scores]).T
    assert ((low <= values.mean()) & (values.mean() <= high)).mean() >= 0.85
    assert (low >= 0).all() and (high <= 1).all()
    assert np.median(high - low) < 0.5


def test_plates_widen_the_interval():
    rng = np.random.default_rng(3)
    plates = np.repeat(np.arange(16), 10)
    sides = [
        as_features(rng.standard_normal((160, 3)) + 0.7 * rng.standard_normal((16, 3))[plates])
        for _ in range(2)
    ]
    grouped = [
        replace(side, groups=tuple(f"{name}{plate}" for plate in plates))
        for side, name in zip(sides, "ab", strict=True)
    ]
    sides = [side.take(rng.permutation(160)) for side in sides]  # sorted ones would be noticed
    blind, aware = (c2st(*both, permutations=0) for both in (sides, grouped))
    assert np.ptp(aware.interval) > 1.3 * np.ptp(blind.interval)
