"""Retrieval: against average precision by hand, left-out images by ranking anew, permutations."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import InputError, retrieval
from ganeval.features import as_features
from ganeval.metrics import METRICS
from ganeval.metrics.retrieval.labels import permuted_labels
from ganeval.metrics.retrieval.precision import ranked

CLASSES = ("a", "b", "c")


def labelled(n=12, *, seed=0, d=8, apart=1.0, classes=CLASSES, groups=None):
    rng = np.random.default_rng(seed)
    centres = apart * np.random.default_rng(99).standard_normal((len(classes), d))
    rows = rng.standard_normal((n * len(classes), d)) + np.repeat(centres, n, axis=0)
    return replace(as_features(rows), labels=tuple(np.repeat(classes, n).tolist()), groups=groups)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def by_hand(query, images, classes, wanted):
    """Mean over hits of the share of hits so far."""
    order = sorted(range(len(images)), key=lambda i: -float(query @ images[i]))
    hits, shares = 0, []
    for place, i in enumerate(order, 1):
        if classes[i] == wanted:
            hits += 1
            shares.append(hits / place)
    return np.mean(shares)


def sample(q=9, n=20, seed=0):
    rng = np.random.default_rng(seed)
    return (
        unit(rng.standard_normal((q, 4))),
        unit(rng.standard_normal((n, 4))),
        rng.integers(3, size=q),
        rng.permutation(np.arange(n) % 3),
    )


def test_average_precision_is_that_of_ranking_by_hand_for_every_class():
    queries, images, asked, classes = sample()
    found = ranked(queries, images, asked, classes)
    expected = [[by_hand(x, images, classes, c) for c in range(3)] for x in queries]
    assert found.of_classes == pytest.approx(np.array(expected), abs=1e-12)
    assert found.nearest.tolist() == classes[(queries @ images.T).argmax(1)].tolist()


def test_scikit_learn_agrees():
    from sklearn.metrics import average_precision_score

    queries, images, asked, classes = sample(seed=1)
    found = ranked(queries, images, asked, classes).of_classes
    for i, query in enumerate(queries):
        for c in range(3):
            expected = average_precision_score(classes == c, query @ images.T)
            assert found[i, c] == pytest.approx(expected, abs=1e-12)


def test_images_that_are_queries_do_not_rank_themselves():
    _, images, _, classes = sample()
    found = ranked(images, images, classes, classes, themselves=True).of_classes
    for i in range(len(images)):
        rest = np.arange(len(images)) != i
        expected = by_hand(images[i], images[rest], classes[rest], classes[i])
        assert found[i, classes[i]] == pytest.approx(expected, abs=1e-12)


def test_the_change_without_an_image_is_that_of_ranking_anew():
    queries, images, asked, classes = sample()
    found = ranked(queries, images, asked, classes)
    whole = np.array([by_hand(x, images, classes, c) for x, c in zip(queries, asked, strict=True)])
    squares = 0.0
    for i in range(len(images)):
        rest = np.arange(len(images)) != i
        left = [
            by_hand(x, images[rest], classes[rest], c) for x, c in zip(queries, asked, strict=True)
        ]
        assert found.without[i] == pytest.approx((left - whole).mean(), abs=1e-12)
        squares += ((left - whole) ** 2).sum()
    assert found.excess == pytest.approx(squares / len(queries) ** 2)


def test_the_score_standardises_and_centres_by_the_reals():
    real, fake = labelled(), labelled(7, seed=1)
    mean, scale = real.features.mean(0), real.features.std(0)
    x, y = (unit((side.features - mean) / scale) for side in (real, fake))
    expected = [
        by_hand(row, x, np.array(real.labels), label)
        for row, label in zip(y, fake.labels, strict=True)
    ]
    score = retrieval(real, fake)
    assert score.value == pytest.approx(np.mean(expected), abs=1e-12)
    assert score.interval[0] < score.value < score.interval[1]
    assert score.details["p_value"] == 0.001
    assert score.details["chance"] == pytest.approx(1 / 3, abs=0.1)
    assert {one["rank"] for one in score.details["classes"].values()} == {1}


def test_controls_are_subtracted_plate_by_plate_and_neither_query_nor_are_ranked():
    classes = ("DMSO", *CLASSES)
    plates = tuple(f"p{i % 4}" for i in range(48))
    real = labelled(classes=classes, groups=plates)
    fake = labelled(classes=classes, seed=1, groups=plates)
    plain = retrieval(real, fake, control="DMSO")
    assert plain.details["classes"].keys() == set(CLASSES)
    shifted = [
        replace(side, features=side.features + 50 * np.array([i % 4 for i in range(48)])[:, None])
        for side in (real, fake)
    ]
    moved = retrieval(*shifted, control="DMSO")
    assert moved.details["profiles_top1"] == plain.details["profiles_top1"] == 1
    # But for the scale, which the controls of all plates give together.
    assert moved.value == pytest.approx(plain.value, abs=0.05)
    assert retrieval(*shifted).value < plain.value - 0.1
    with pytest.raises(InputError, match="control is 'water', and 0 reals have that label"):
        retrieval(real, fake, control="water")


def test_labels_move_within_plates_or_with_whole_plates():
    asked = np.array([0, 1, 0, 1, 2, 2])
    within = np.array([0, 0, 1, 1, 2, 2])
    for labels in permuted_labels(asked, within, count=20, seed=0):
        assert all(sorted(labels[within == g]) == sorted(asked[within == g]) for g in range(3))
    whole = np.array([0, 0, 1, 1, 2, 2])
    seen = set()
    for labels in permuted_labels(np.array([0, 0, 1, 1, 2, 2]), whole, count=60, seed=0):
        assert (labels[::2] == labels[1::2]).all()
        seen.add(tuple(labels[::2].tolist()))
    assert len(seen) == 6


def test_of_fakes_that_ignore_their_label_small_p_values_are_as_rare_as_they_say():
    """Binomial(40, 0.1) is at most 11 in 99.9 % of cases."""
    small = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        fake = labelled(6, seed=seed)
        labels = tuple(rng.permutation(np.array(fake.labels)).tolist())
        score = retrieval(
            labelled(6, seed=1000 + seed), replace(fake, labels=labels), permutations=99
        )
        small += score.details["p_value"] <= 0.1
    assert small <= 11


def test_the_interval_covers():
    # Binomial(40, 0.05) is at most 7 in 99.9 % of cases.
    scores = [
        retrieval(labelled(8, seed=2 * i), labelled(8, seed=2 * i + 1), permutations=1)
        for i in range(40)
    ]
    truth = np.mean([score.value for score in scores])
    assert sum(not s.interval[0] <= truth <= s.interval[1] for s in scores) <= 7


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (slice(0, 12), "retrieval needs at least 2 classes beside a control; there is a"),
        (slice(11, 36), "retrieval needs at least 2 reals of each class; a has 1"),
    ],
)
def test_too_few_classes_or_reals_are_refused(keep, message):
    rows = np.arange(36)[keep]
    with pytest.raises(InputError, match=message):
        retrieval(labelled().take(rows), labelled(seed=1).take(rows))


def test_notes_have_the_reals_chance_and_a_line_per_class():
    notes = METRICS["retrieval"].notes(retrieval(labelled(), labelled(seed=1)))
    assert notes[0].startswith("reals: ") and "chance: " in notes[0]
    assert len(notes) == 5 and "(rank 1 of 3)" in notes[2]
