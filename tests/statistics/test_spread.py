"""The standard error from influences: closed forms, simulations, and what says nothing."""

import numpy as np
import pytest

from ganeval.statistics import MIN_UNITS, Part, Sampling, sampling_of, spread, t_quantile
from ganeval.statistics.intervals import t_interval


def part(values, *, labels=None, groups=None):
    values = np.asarray(values, np.float64)
    return Part(values, sampling_of(len(values), named(labels), named(groups)))


def named(values):
    return None if values is None else tuple(map(str, values))


def test_the_mean_of_independent_rows_has_its_usual_standard_error():
    x = np.random.default_rng(1).exponential(size=400)
    for influence in (x, x - x.mean()):
        found = spread([part(influence)])
        assert found.std_error == pytest.approx(x.std(ddof=1) / 20, rel=1e-12)
        assert found.reason is None


def test_a_difference_of_means_has_welchs_standard_error_and_degrees():
    """Gaussian images, so many that a sample's kurtosis is 3 and n is n − 1."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(4000), 3 * rng.standard_normal(1500)
    found = spread([part(x), part(-y)])
    of_x, of_y = x.var(ddof=1) / 4000, y.var(ddof=1) / 1500
    assert found.variance == pytest.approx(of_x + of_y, rel=1e-12)
    welch = (of_x + of_y) ** 2 / (of_x**2 / 3999 + of_y**2 / 1499)
    assert found.df == pytest.approx(welch, rel=0.1)


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_degrees_do_not_depend_on_units(scale):
    """Even where the square of a variance would not be a float."""
    x, y = np.random.default_rng(0).exponential(size=(2, 50))
    plain, other = spread([part(x), part(y)]), spread([part(scale * x), part(scale * y)])
    assert other.df == pytest.approx(plain.df, rel=1e-9)


def test_heavy_tails_cost_degrees():
    rng = np.random.default_rng(0)
    gaussian, heavy = (spread([part(rng.standard_t(df, 400))]) for df in (1e6, 2.5))
    assert 300 < gaussian.df < 500
    assert heavy.df < 100


def test_the_third_cumulant_is_that_of_the_mean():
    """Of exponential images it is 2/n²; other units multiply it by their cube."""
    x = np.random.default_rng(0).exponential(size=200_000)
    found = spread([part(x)])
    assert found.third == pytest.approx(2 / 200_000**2, rel=0.1)
    other = spread([part(-3 * x)])
    assert (other.variance, other.third) == pytest.approx((9 * found.variance, -27 * found.third))
    again = found.times(-3)
    assert (again.variance, again.third, again.df) == pytest.approx(
        (other.variance, other.third, other.df)
    )


def test_equal_groups_are_as_independent_images_of_their_means():
    means = np.random.default_rng(0).standard_normal(12)
    groups = np.repeat(np.arange(12), 7)
    found = spread([part(means[groups], groups=groups)])
    assert found.std_error == pytest.approx(means.std(ddof=1) / 12**0.5, rel=1e-12)
    assert found.df == pytest.approx(11)


def coverage_of_group_means(sizes, *, replicates=2000):
    """How often the interval of a mean over groups of these sizes covers 0."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    hits = 0
    for _ in range(replicates):
        x = rng.standard_normal(len(sizes))[groups]
        low, high = t_interval(x.mean(), spread([part(x, groups=groups)]), 0.95)
        hits += low <= 0 <= high
    return hits / replicates


@pytest.mark.parametrize(
    ("sizes", "least", "most"),
    [
        ([2] * 6, 0.935, 0.965),
        ([2] * 12, 0.935, 0.965),
        (list(range(1, 13)), 0.925, 0.965),
        ([4] + [1] * 11, 0.92, 1.0),
    ],
)
def test_groups_of_unequal_size_are_covered(sizes, least, most):
    # 2000 replicates: 0.935 is three standard errors below 0.95. Unequal groups lose up to 1 %;
    # with g − 1 degrees of freedom one large group would lose 10.
    assert least <= coverage_of_group_means(sizes) <= most


def test_chosen_classes_take_their_means_away():
    """The stratified mean: Σ share² · variance of a class's mean."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    x = rng.standard_normal(100) * (1 + labels) + 100 * labels
    found = spread([part(x, labels=labels)])
    expected = sum(
        (size / 100) ** 2 * x[labels == k].var(ddof=1) / size for k, size in enumerate((50, 30, 20))
    )
    assert found.variance == pytest.approx(expected, rel=1e-12)
    assert spread([part(x)]).variance > 100 * expected


def test_groups_that_are_nested_in_chosen_classes_vary_within_them():
    """Four plates of each of three classes: Σ share² · variance of a class's plate means / 4."""
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(12), 5)
    labels = plates // 4
    x = rng.standard_normal(12)[plates] + 100 * labels
    found = spread([part(x, labels=labels, groups=plates)])
    means = np.array([x[plates == g].mean() for g in range(12)]).reshape(3, 4)
    assert found.variance == pytest.approx((means.var(axis=1, ddof=1) / 4 / 9).sum(), rel=1e-12)
    assert found.df == pytest.approx(9)


def test_few_classes_that_have_nearly_all_of_the_variance_cost_degrees():
    """Twelve classes of three groups of two images, two of which vary: 4 degrees, and not 24."""
    groups = np.repeat(np.arange(36), 2)
    classes = groups // 3
    deviations = np.where(np.arange(36) < 6, 1.0, 0.01)
    rng, held, degrees = np.random.default_rng(0), 0, []
    for _ in range(2000):
        rows = (deviations * rng.standard_normal(36))[groups]
        found = spread([part(rows, labels=classes, groups=groups)])
        low, high = t_interval(rows.mean(), found, 0.95)
        held += low <= 0 <= high
        degrees.append(found.df)
    assert 0.925 < held / 2000 < 0.97  # 0.893 with 24 degrees
    assert np.median(degrees) < 8


def test_plates_with_every_class_vary_as_a_whole():
    """Deviations of two classes of a plate may cancel: then nothing varies much."""
    rng = np.random.default_rng(0)
    plates, labels = np.repeat(np.arange(30), 2), np.tile([0, 1], 30)
    pull = rng.standard_normal(30)[plates]
    together = spread([part(pull, labels=labels, groups=plates)])
    against = spread([part(np.where(labels, pull, -pull), labels=labels, groups=plates)])
    apart = spread([part(pull, labels=labels)])
    assert together.variance == pytest.approx(2 * apart.variance, rel=0.05)
    assert against.variance < 1e-3 * together.variance or against.reason


def test_groups_on_both_sides_move_both():
    """The difference of two means over the same plates is that of paired data."""
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(20), 6)
    pull = rng.standard_normal(20)
    x, y = (pull[plates] + 0.3 * rng.standard_normal(20)[plates] for _ in range(2))
    found = spread([part(x, groups=plates), part(-y, groups=plates)])
    gaps = np.array([(x - y)[plates == g].mean() for g in range(20)])
    assert found.std_error == pytest.approx(gaps.std(ddof=1) / 20**0.5, rel=1e-12)
    apart = spread([part(x, groups=plates), part(-y, groups=plates + 20)])
    assert apart.variance > 5 * found.variance
    separate = [spread([part(z, groups=plates)]).variance for z in (x, -y)]
    assert apart.variance == pytest.approx(sum(separate), rel=1e-12)


def test_a_chain_of_shared_groups_is_one():
    """a and b share a plate, and b and c do, so that all are summed by plate."""
    parts = [part(np.arange(6.0) ** 2, groups=np.arange(6) + shift) for shift in (0, 5, 10)]
    for order in ((0, 1, 2), (0, 2, 1), (2, 0, 1)):
        found = spread([parts[i] for i in order])
        assert found.variance == pytest.approx(spread(parts).variance, rel=1e-12)


def test_the_order_of_images_and_the_names_of_groups_do_not_matter():
    rng = np.random.default_rng(0)
    x, plates, order = rng.standard_normal(60), np.arange(60) % 8, rng.permutation(60)
    expected = spread([part(x, groups=plates)])
    for found in (
        spread([part(x[order], groups=plates[order])]),
        spread([part(x, groups=[f"plate {9 - g}" for g in plates])]),
    ):
        assert found.variance == pytest.approx(expected.variance, rel=1e-12)
        assert found.df == pytest.approx(expected.df, rel=1e-12)


X = np.random.default_rng(0).standard_normal(100)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (part(X[:3]), f"3 images, of {MIN_UNITS} that an interval needs"),
        (part(X, groups=np.zeros(100)), f"1 group, of {MIN_UNITS} that an interval needs"),
        (part(X, groups=np.arange(100) % 3), f"3 groups, of {MIN_UNITS} that an interval needs"),
        (
            part(X, groups=np.maximum(np.arange(100) - 89, 0)),
            "11 groups so unequal that they count as 1.2 equal ones",
        ),
        (
            part(X, labels=np.arange(100) % 8, groups=np.arange(100) % 8),
            "8 classes are in one group only, which says nothing of its spread",
        ),
        (
            part(X, labels=[0] * 9 + [1] * 91, groups=[0] * 9 + [*range(91)]),
            "a class whose size was chosen is in one group only",
        ),
        (part(X, labels=[0] + [1] * 99), "a class whose size was chosen has a single image"),
        (part(np.ones(100)), "every image has the same influence on the score"),
    ],
)
def test_what_says_nothing_of_the_error_is_told(given, reason):
    found = spread([given])
    assert found.variance == 0
    assert found.reason.startswith(reason)
    # A second part that is well known does not hide it.
    if "same influence" not in reason:
        assert spread([part(X), given]).reason == found.reason


def test_a_part_without_influence_adds_nothing():
    alone, both = spread([part(X)]), spread([part(X), part(np.zeros(50))])
    assert both.variance == alone.variance
    assert both.df == pytest.approx(alone.df)


def test_sampling_counts_units_and_takes_rows():
    sampling = sampling_of(6, tuple("aabbbb"), tuple("pqpqrr"))
    assert sampling.n_units == 3
    assert sampling.units_per_class.tolist() == [2, 3]
    assert sampling.effective_units == pytest.approx(3)
    assert sampling.weights == pytest.approx([2**0.5] * 2 + [1.5**0.5] * 4)
    assert sampling.take(np.array([2, 3])).units_per_class.tolist() == [2]
    alone = Sampling(5)
    assert (alone.n_units, alone.effective_units) == (5, 5)
    deviations = sampling.deviations(np.arange(6.0))
    assert deviations.tolist() == [-0.5, 0.5, -1.5, -0.5, 0.5, 1.5]


def test_quantiles_of_many_degrees_are_normal():
    assert t_quantile(0.95, 1e9) == pytest.approx(1.959964, rel=1e-6)
