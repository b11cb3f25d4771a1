"""Do the intervals cover the truth as often as they say, on data as people have them?

Real files are sorted by class or plate. Each test draws such data many times from a law whose
distance is known, and counts. A count fails that an interval of the stated coverage would give
once in 10,000 tests. The last test shows that intervals that ignore plates, or chosen classes, do
fail, where files are in no order that would show them.
"""

import functools

import numpy as np
import pytest
from scipy import stats

from ganeval.features import Features
from ganeval.metrics import METRICS, frechet_distance

D = 4
REPLICATES = 120
SHARES = np.array([0.45, 0.25, 0.2, 0.1])
CENTRES = 8.0 * np.random.default_rng(1).standard_normal((4, D))
SHIFT = np.array([1.0, 0.5, 0.0, 0.0])
PLATE_SD = 0.5


def mixture(stretch, shares=SHARES):
    """Mean [D] and covariance [D, D] of the classes together."""
    centres = CENTRES[: len(shares)]
    mean = shares @ centres
    between = (centres - mean).T @ ((centres - mean) * shares[:, None])
    return mean, stretch**2 * np.eye(D) + between


def class_sorted(rng, n=400):
    """Unequal classes; reals sorted as in class folders, fakes in any order."""
    classes = np.repeat(np.arange(4), (SHARES * n).astype(int))
    real = CENTRES[classes] + rng.standard_normal((n, D))
    fake = CENTRES[classes] + 0.7 * rng.standard_normal((n, D)) + SHIFT
    order = rng.permutation(n)
    return (real, classes, None), (fake[order], classes[order], None)


def chance_sized(rng, n=400):
    """As class_sorted, but how many images a class has is left to chance, on either side."""
    sides = []
    for stretch, shift in ((1.0, 0.0), (0.7, SHIFT)):
        classes = np.sort(rng.choice(4, size=n, p=SHARES))
        rows = CENTRES[classes] + stretch * rng.standard_normal((n, D)) + shift
        sides.append((rows, classes, None))
    return sides[0], sides[1]


def plates(rng, n=480, groups=12):
    """Images of a plate share its offset; fakes are independent."""
    plate = np.arange(n) * groups // n
    real = rng.standard_normal((n, D)) + PLATE_SD * rng.standard_normal((groups, D))[plate]
    return (real, None, plate), (0.7 * rng.standard_normal((n, D)) + SHIFT, None, None)


def unequal_plates(rng):
    """As plates, with one to four times as many images."""
    plate = np.repeat(np.arange(12), np.linspace(16, 64, 12).astype(int))
    real = rng.standard_normal((len(plate), D))
    real += PLATE_SD * rng.standard_normal((12, D))[plate]
    return (real, None, plate), (0.7 * rng.standard_normal((len(plate), D)) + SHIFT, None, None)


def many_against_few(rng):
    """A large reference, and as few fakes as one makes in a hurry."""
    return (
        (rng.standard_normal((1500, D)), None, None),
        (0.7 * rng.standard_normal((60, D)) + SHIFT, None, None),
    )


def two_by_chance(rng, n=300):
    """Two classes far apart; which of them an image is of is left to chance."""
    sides = []
    for stretch, shift in ((1.0, 0.0), (0.7, SHIFT)):
        classes = rng.integers(0, 2, n)
        rows = CENTRES[classes] + stretch * rng.standard_normal((n, D)) + shift
        sides.append((rows, classes, None))
    return sides[0], sides[1]


SHARES_OF = {class_sorted: SHARES, chance_sized: SHARES, two_by_chance: np.array([0.5, 0.5])}


@functools.cache
def truth(metric, law):
    """Exact for the Fréchet distance; from many independent draws otherwise."""
    if metric == "fid":
        if law in SHARES_OF:
            real, fake = (mixture(stretch, SHARES_OF[law]) for stretch in (1.0, 0.7))
            return frechet_distance(*real, fake[0] + SHIFT, fake[1])
        spread = (1 + PLATE_SD**2 * (law is not many_against_few)) * np.eye(D)
        return frechet_distance(np.zeros(D), spread, SHIFT, 0.49 * np.eye(D))
    rng, n = np.random.default_rng(2), 200_000
    if law in SHARES_OF:
        shares = SHARES_OF[law]
        real, fake = (CENTRES[rng.choice(len(shares), size=n, p=shares)] for _ in range(2))
    elif law is many_against_few:
        real = fake = np.zeros((n, D))
    else:
        real, fake = PLATE_SD * rng.standard_normal((n, D)), np.zeros((n, D))
    real = real + rng.standard_normal((n, D))
    fake = fake + 0.7 * rng.standard_normal((n, D)) + SHIFT
    if metric == "inception_score":
        return METRICS[metric].function(fake=real, interval=False).value
    # The kernel is the inner product of moments up to the third, in time linear in n.
    thirds = []
    for rows in (real, fake):
        one = np.concatenate([np.ones((n, 1)), rows / D**0.5], axis=1)
        thirds.append(np.einsum("ni,nj,nk->ijk", one, one, one, optimize=True).ravel() / n)
    return float(((thirds[0] - thirds[1]) ** 2).sum())


def sides_of(law, replicate, withhold=()):
    """Both sides of one draw."""
    sides = []
    for name, (rows, labels, groups) in zip(
        ("real", "fake"), law(np.random.default_rng([replicate, 5])), strict=True
    ):
        sides.append(
            Features(
                features=rows,
                logits=rows,
                ids=tuple(f"{replicate}/{name}/{i:05d}" for i in range(len(rows))),
                labels=texts(labels, "labels" in withhold),
                groups=texts(groups, "groups" in withhold),
            )
        )
    if withhold:  # in no order, which nobody could notice
        rng = np.random.default_rng([replicate, 6])
        sides = [side.take(rng.permutation(len(side))) for side in sides]
    return sides


def hits(metric, law, *, withhold=(), replicates=REPLICATES):
    """How many intervals hold the truth; one that is withheld does not."""
    found = 0
    for replicate in range(replicates):
        sides = sides_of(law, replicate, withhold)
        if metric == "inception_score":  # of the sorted side
            sides = sides[::-1]
        interval = METRICS[metric].function(real=sides[0], fake=sides[1]).interval
        found += interval is not None and interval[0] <= truth(metric, law) <= interval[1]
    return found


def texts(values, withheld):
    return None if values is None or withheld else tuple(map(str, values))


def least(coverage, replicates=REPLICATES):
    """Fewer hits than this happen once in 10,000 tests at this coverage."""
    return int(stats.binom.ppf(1e-4, replicates, coverage))


@pytest.mark.parametrize("metric", ["fid", "kid", "inception_score"])
def test_class_sorted_files_of_unequal_classes_are_covered(metric):
    assert hits(metric, class_sorted) >= least(0.95)


@pytest.mark.parametrize("metric", ["fid", "kid"])
@pytest.mark.parametrize("law", [chance_sized, two_by_chance], ids=["four", "two"])
def test_classes_whose_sizes_are_left_to_chance_are_covered(metric, law):
    assert hits(metric, law) >= least(0.95)


@pytest.mark.parametrize("metric", ["fid", "kid"])
def test_few_images_against_many_are_covered(metric):
    assert hits(metric, many_against_few) >= least(0.95)


@pytest.mark.parametrize("law", [plates, unequal_plates], ids=["equal", "unequal"])
@pytest.mark.parametrize("metric", ["fid", "kid"])
def test_grouped_images_are_covered(metric, law):
    # Twelve plates: 0.93 is what benchmarks/calibration finds for distances from so few.
    assert hits(metric, law) >= least(0.93)


def test_these_tests_would_notice_intervals_that_ignore_plates_or_chosen_classes():
    assert hits("fid", plates, withhold=("groups",), replicates=60) < least(0.93, 60)
    # Without labels, intervals blame chance for a mixture that was chosen: they are far too wide.
    narrow, wide = (width("fid", class_sorted, withhold=names) for names in ((), ("labels",)))
    assert wide > 2 * narrow


def width(metric, law, *, withhold):
    """Median width of some intervals."""
    found = []
    for replicate in range(10):
        real, fake = sides_of(law, replicate, withhold)
        low, high = METRICS[metric].function(real=real, fake=fake).interval
        found.append(high - low)
    return np.median(found)
