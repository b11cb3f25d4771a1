"""Distances within classes: against those of each class by itself, and closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import InputError, fid, intra_fid, intra_kid, kid
from ganeval.features import as_features
from ganeval.metrics import METRICS

D, CLASSES = 3, ("a", "b", "c")


def labelled(n=60, *, seed=0, shift=0.0, sizes=None):
    """Classes far apart, [n per class, D]; `shift` moves class c only."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(CLASSES, sizes or [n] * 3)
    x = rng.standard_normal((len(labels), D)) + 9 * np.eye(3)[[*map(CLASSES.index, labels)]]
    x[labels == "c"] += shift
    return replace(as_features(x), labels=tuple(labels))


def of_class(side, name):
    return side.features[np.array(side.labels) == name]


@pytest.mark.parametrize(("intra", "plain"), [(intra_fid, fid), (intra_kid, kid)])
def test_it_is_the_mean_of_each_class_by_itself(intra, plain):
    x, y = labelled(sizes=[30, 50, 41]), labelled(sizes=[44, 20, 31], seed=1, shift=0.5)
    score = intra(x, y)
    expected = [plain(of_class(x, c), of_class(y, c), interval=False).value for c in CLASSES]
    assert score.value == pytest.approx(np.mean(expected), rel=1e-12)
    values = [own["value"] for own in score.details["classes"].values()]
    assert values == pytest.approx(expected, rel=1e-12)
    assert list(score.details["classes"]) == list(CLASSES)
    assert [own["n_real"] for own in score.details["classes"].values()] == [30, 50, 41]
    assert score.interval is not None
    notes = METRICS[score.metric].notes(score)
    assert len(notes) == 3
    assert notes[0].startswith("a: ") and notes[0].endswith("n = 30 / 44)")


def test_classes_that_are_exchanged_are_seen_within_them_only():
    x, y = labelled(), labelled(seed=1)
    mixed = replace(y, labels=tuple({"a": "b", "b": "a", "c": "c"}[c] for c in y.labels))
    assert fid(x, mixed).value == pytest.approx(fid(x, y).value)
    assert intra_fid(x, mixed).value > 100 * intra_fid(x, y).value
    assert intra_kid(x, mixed).value > 100 * abs(intra_kid(x, y).value)


def test_how_frequent_classes_are_does_not_matter():
    x, y = labelled(sizes=[90, 30, 30]), labelled(sizes=[30, 30, 90], seed=1)
    score = intra_fid(x, y)
    assert score.interval[0] == 0 < score.interval[1]
    assert not any("frequencies" in text for text in score.warnings)


def test_the_corrected_value_is_without_bias():
    """Class c moves by 1 along each of three axes: 3 / 3 on average over classes."""
    scores = [
        intra_fid(labelled(25, seed=2 * i), labelled(25, seed=2 * i + 1, shift=1.0))
        for i in range(40)
    ]
    corrected = np.array([score.corrected for score in scores])
    assert abs(corrected.mean() - 1) < 3.5 * corrected.std() / 40**0.5
    assert np.mean([score.value for score in scores]) > 1.1
    own = np.array([[c["corrected"] for c in s.details["classes"].values()] for s in scores])
    assert own.mean(1) == pytest.approx(corrected, abs=1e-12)
    error = own.std(0) / 40**0.5
    assert (abs(own.mean(0) - [0, 0, 3]) < 3.5 * error).all()


@pytest.mark.parametrize(("intra", "n", "truth"), [(intra_fid, 12, 1.0), (intra_kid, 8, 0.0)])
def test_the_interval_covers(intra, n, truth):
    """Binomial(72, 0.95) stays above 0.86 in 99.9 % of cases; few are withheld."""
    held = printed = 0
    for i in range(80):
        x, y = labelled(n, seed=2 * i), labelled(n, seed=2 * i + 1, shift=truth)
        if interval := intra(x, y).interval:
            printed += 1
            held += interval[0] <= truth < interval[1]
    assert printed >= 72 and held / printed > 0.86


def test_plates_that_hold_every_class_are_left_out_as_a_whole():
    plates = tuple(f"p{i % 8}" for i in range(180))
    x, y = (replace(labelled(seed=s), groups=plates) for s in (0, 1))
    score = intra_kid(x, y)
    assert score.n_groups == 8
    assert score.corrected is not None
    assert score.interval[1] > max(score.corrected, 0)
    # Plates of one class each are as good.
    of_classes = tuple(f"{label}{i % 4}" for i, label in enumerate(x.labels))
    assert intra_kid(replace(x, groups=of_classes), y).interval is not None
    one_each = intra_kid(replace(x, groups=x.labels), y)
    assert one_each.interval is None
    assert one_each.details["no_interval"] == "class a: 1 group, of 4 that an interval needs"


@pytest.mark.parametrize(
    ("n", "message"),
    [
        (4, r"intra_fid needs at least 5 images per class and side \(1.5 per feature, of 3\); b"),
        (1, "one of 1 too small of 3 classes; take intra_kid, a net with fewer features"),
    ],
)
def test_too_few_images_of_a_class_are_refused_and_lead_to_kid(n, message):
    with pytest.raises(InputError, match=message):
        intra_fid(labelled(sizes=[10, n, 10]), labelled(seed=1))


def test_two_images_of_a_class_are_enough_for_kid_and_one_is_not():
    score = intra_kid(labelled(sizes=[10, 2, 10]), labelled(seed=1))
    assert np.isfinite(score.value)
    with pytest.raises(InputError, match="intra_kid needs at least 2 images per class"):
        intra_kid(labelled(sizes=[10, 1, 10]), labelled(seed=1))


def test_images_that_hardly_outnumber_the_features_are_told_with_their_class():
    rng = np.random.default_rng(0)
    sides = []
    for n in (40, 60):
        labels = ("a",) * 200 + ("b",) * n
        x = rng.standard_normal((len(labels), 26))
        x[200:] = rng.standard_cauchy((n, 26))
        sides.append(replace(as_features(x), labels=labels))
    score = intra_fid(*sides)
    assert (score.corrected, score.interval) == (None, None)
    assert score.details["no_interval"].startswith("class b: 26 features, and images that count")


def test_influences_are_those_of_each_class_on_its_share():
    x, y = labelled(sizes=[30, 50, 41]), labelled(sizes=[44, 20, 31], seed=1, shift=0.5)
    for intra, plain in ((intra_fid, fid), (intra_kid, kid)):
        score = intra(x, y)
        own = [plain(of_class(x, c), of_class(y, c)) for c in CLASSES]
        for part, side in enumerate((x, y)):
            found = score.estimate.parts[part].influence
            assert len(found) == len(side)
            for c, alone in zip(CLASSES, own, strict=True):
                rows = np.array(side.labels) == c
                expected = alone.estimate.parts[part].influence * len(side) / (3 * rows.sum())
                assert found[rows] == pytest.approx(expected, rel=1e-9, abs=1e-9)
        # Classes are independent: their errors add up.
        together = sum(alone.estimate.spread.variance for alone in own) ** 0.5 / 3
        assert score.std_error == pytest.approx(together, rel=1e-9)


def test_forty_classes_of_few_images_are_covered():
    """All distances are 0."""

    def side(n, seed):
        x = np.random.default_rng(seed).standard_normal((40 * n, D))
        return replace(as_features(x), labels=tuple(str(i) for i in range(40) for _ in range(n)))

    held = 0
    for i in range(8):
        low, high = intra_fid(side(16, 2 * i), side(16, 2 * i + 1)).interval
        held += low == 0 < high
    assert held >= 6  # fewer once in 170 tests at 95 %
