from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganeval.statistics import balanced_labels, strata


def labels(sizes):
    return tuple(str(i) for i, size in enumerate(sizes) for _ in range(size))


@given(st.integers(2, 40), st.integers(5, 50))
def test_equal_classes_were_chosen(k, size):
    given = labels([size] * k)
    assert balanced_labels(given) is given


def test_equal_to_within_one_image_were_chosen():
    given = labels([24] * 16 + [25] * 25)
    assert balanced_labels(given) is given


def test_chance_is_taken_for_a_choice_about_as_rarely_as_it_says():
    rng = np.random.default_rng(0)
    taken = sum(
        strata(*(tuple(map(str, rng.integers(0, 10, 1000))) for _ in range(2))) != (None, None)
        for _ in range(2000)
    )
    assert taken <= 15  # 3 tests at 0.001 in 2000 draws: 6 expected


def test_fakes_that_follow_the_reals_class_by_class_were_chosen():
    real, fake = labels([50, 300, 20, 130]), labels([100, 600, 40, 260])
    assert strata(real, fake) == (real, fake)


def test_fakes_of_random_classes_were_not():
    rng = np.random.default_rng(1)
    real = labels([50, 300, 20, 130])
    fake = tuple(str(i) for i in rng.choice(4, 500, p=[0.1, 0.6, 0.04, 0.26]))
    assert strata(real, fake) == (None, None)


def test_a_balanced_side_is_stratified_beside_a_random_one():
    real = labels([50] * 10)
    fake = tuple(map(str, np.random.default_rng(0).integers(0, 10, 500)))
    assert max(Counter(fake).values()) > 55
    assert strata(real, fake) == (real, None)


@pytest.mark.parametrize("given", [None, ("a",), ("a", "a", "a")])
def test_without_classes_there_are_no_strata(given):
    assert balanced_labels(given) is None
