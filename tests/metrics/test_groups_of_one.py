import numpy as np
import pytest

from ganeval import compare
from ganeval.features import Features
from ganeval.metrics import METRICS, fid
from ganeval.statistics import Part, Sampling, spread

N, D = 80, 4
FIT = [name for name in METRICS if not METRICS[name].needs_train]


def side(tag, groups=None, *, seed=0, n=N):
    rng = np.random.default_rng([seed, ord(tag[0])])
    x = rng.standard_normal((n, D)) + 0.3 * (tag[0] != "r")
    return Features(
        features=x,
        ids=tuple(f"{tag}{i}" for i in range(n)),
        labels=tuple("ab"[i % 2] for i in range(n)),
        groups=None if groups is None else tuple(f"{groups}{i}" for i in range(n)),
        logits=3 * x,
    )


def numbers(score):
    limits = score.interval or (np.nan, np.nan)
    return [score.value, np.nan if score.corrected is None else score.corrected, *limits]


@pytest.mark.parametrize("name", FIT)
def test_groups_of_one_image_each_are_independent_images(name):
    metric = METRICS[name].function
    alone = metric(real=side("r"), fake=side("f"))
    grouped = metric(real=side("r", "plate "), fake=side("f", "dish "))
    assert numbers(grouped) == pytest.approx(numbers(alone), rel=1e-9, nan_ok=True)


def test_an_image_of_the_same_group_on_the_other_side_is_not_independent_of_it():
    alone, paired = fid(side("r"), side("f")), fid(side("r", "patient "), side("f", "patient "))
    assert paired.std_error != pytest.approx(alone.std_error, rel=1e-3)


def test_two_models_of_the_same_groups_are_compared_group_by_group():
    """Each image of either model was made for the same patient, and both move together."""
    one, other = side("f", "patient "), side("g", "patient ")
    moved = Features(features=one.features * 0.9, ids=other.ids, groups=one.groups)
    free = Features(features=moved.features, ids=other.ids)
    together = compare(side("r"), {"one": one, "other": moved}).differences[0]
    apart = compare(side("r"), {"one": side("f"), "other": free}).differences[0]
    assert together.estimate == pytest.approx(apart.estimate, rel=1e-9)
    assert together.std_error < apart.std_error / 2


def test_groups_of_one_count_as_groups_only_where_their_names_meet():
    rng = np.random.default_rng(0)
    x, names = rng.standard_normal(30), np.arange(30).astype(str)
    one = Part(x, Sampling(30, groups=names))
    assert spread([one]) == spread([Part(x, Sampling(30))])
    cancelled = spread([one, Part(-x, Sampling(30, groups=names))])
    assert cancelled.std_error == 0
    assert spread([one, Part(-x, Sampling(30, names=names + "'"))]).variance == pytest.approx(
        2 * spread([one]).variance
    )
