import inspect
from dataclasses import replace

import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS, PRDC, prdc
from ganeval.metrics.pairs import distances
from ganeval.metrics.prdc.left_out import Rule, left_out
from ganeval.metrics.spine import Pair, metric_commands
from ganeval.statistics import difference


def rows(n, d=4, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def integers(n, d=3, *, seed=0):
    """Copies and ties everywhere."""
    return np.random.default_rng(seed).integers(0, 3, (n, d)).astype(np.float64)


def brute_force(x, y, k, closed):
    """The four definitions over all pairs."""

    def table(a, b):
        return np.linalg.norm(a[:, None] - b[None], axis=2)

    def radii(a):
        return np.sort(table(a, a), axis=1)[:, k]  # of which one is itself

    pairs, around_x, around_y = table(x, y), radii(x), radii(y)
    inside = np.less_equal if closed else np.less
    of_reals, of_fakes = inside(pairs, around_x[:, None]), inside(pairs, around_y[None])
    return [
        of_reals.any(0).mean(),
        of_fakes.any(1).mean(),
        of_reals.sum() / k / len(y),
        of_reals.any(1).mean(),
    ]


@pytest.mark.parametrize("ball", ["open", "closed"])
@pytest.mark.parametrize("make", [rows, integers])
@pytest.mark.parametrize("k", [1, 4])
def test_they_are_what_their_papers_define(k, make, ball):
    x, y = make(90), make(70, seed=1) * 0.9 + 0.1 * (make is rows)
    values = [score.value for score in prdc(x, y, k=k, ball=ball)]
    assert values == pytest.approx(brute_force(x, y, k, ball == "closed"), abs=1e-12)


def test_without_options_each_pair_is_as_its_authors_have_it():
    x, y = integers(90), integers(70, seed=1)
    scores = prdc(x, y)
    old, new = brute_force(x, y, 3, closed=True), brute_force(x, y, 5, closed=False)
    assert [score.value for score in scores] == pytest.approx([*old[:2], *new[2:]])
    assert [score.details["k"] for score in scores] == [3, 3, 5, 5]
    assert [score.details["ball"] for score in scores] == ["closed", "closed", "open", "open"]
    assert scores.density.protocol["options"] == {"k": 5, "ball": "open"}


def test_options_that_move_the_value_are_not_compared():
    x, y = integers(90), integers(70, seed=1)
    scores = [prdc(x, y), prdc(x, y, ball="open"), prdc(x, y, k=5), prdc(x, y[:60])]
    assert len({score.recall.protocol_id for score in scores}) == 4
    assert scores[0].density.protocol_id == scores[1].density.protocol_id


def test_density_of_the_same_distribution_is_one_on_average():
    values = [prdc(rows(60, seed=2 * i), rows(40, seed=2 * i + 1)).density.value for i in range(80)]
    assert abs(np.mean(values) - 1) < 3 * np.std(values) / 80**0.5


def test_coverage_of_the_same_distribution_has_a_closed_form():
    """No fake in the ball: the k nearest of n − 1 + m exchangeable others are all reals."""
    n, m, k = 60, 40, 3
    j = np.arange(1, k + 1)
    expected = 1 - np.prod((n - j) / (n + m - j))
    values = [
        prdc(rows(n, seed=2 * i), rows(m, seed=2 * i + 1), k=k).coverage.value for i in range(80)
    ]
    assert abs(np.mean(values) - expected) < 3 * np.std(values) / 80**0.5


def test_precision_one_way_is_recall_the_other_way():
    x, y = rows(90), rows(70, seed=1) * 1.3
    there, back = prdc(x, y), prdc(y, x)
    assert there.precision.value == back.recall.value
    assert there.recall.value == back.precision.value


def test_each_of_the_four_sees_its_own_fault():
    x = rows(300, 3) + 20 * (np.arange(300) % 2)[:, None]  # two modes
    good = prdc(x, rows(300, 3, seed=1) + 20 * (np.arange(300) % 2)[:, None])
    one_mode = prdc(x, rows(300, 3, seed=1))
    assert one_mode.recall.value < 0.6 < good.recall.value
    assert one_mode.coverage.value < 0.6 < good.coverage.value
    assert one_mode.precision.value > 0.8
    far = prdc(x, 1.5 * rows(300, 3, seed=1) + 60 * (np.arange(300) % 3 == 0)[:, None])
    assert far.precision.value < 0.8 * one_mode.precision.value
    assert far.density.value < 0.8 * one_mode.density.value


def test_too_few_images_for_k_neighbours_are_refused():
    with pytest.raises(InputError, match="k = 5 needs at least 6 images per side; real has 5"):
        prdc(rows(5), rows(5, seed=1))
    with pytest.raises(InputError, match="k = 3 needs at least 4 images per side; fake has 3"):
        prdc(rows(9), rows(3, seed=1))
    assert prdc(rows(5), rows(5, seed=1), k=4).recall.value <= 1


@pytest.mark.parametrize("options", [{"k": 0}, {"k": -1}, {"ball": "round"}])
def test_other_options_are_refused(options):
    with pytest.raises(InputError, match="wanted"):
        prdc(rows(9), rows(9), **options)


def test_unequal_sides_are_warned_about_where_that_matters():
    scores = prdc(rows(90), rows(70, seed=1))
    warned = [any("90 real and 70 fake" in text for text in score.warnings) for score in scores]
    assert warned == [True, True, False, True]
    assert prdc(rows(90), rows(90, seed=1)).recall.warnings == ()


def test_the_entries_are_parts_of_one_function():
    x, y = rows(50), rows(50, seed=1)
    scores = prdc(x, y)
    assert isinstance(scores, PRDC)
    for name in PRDC._fields:
        entry = METRICS[name]
        assert entry.command == "prdc"
        assert inspect.signature(entry.function) == inspect.signature(prdc)
        assert entry.function(x, fake=y) == getattr(scores, name)
        assert entry.scores(real=x, fake=y) == tuple(scores)
        estimate = entry.estimate(*Pair.take(x, y, None, metric=name).sides)
        assert estimate.interval(0.95) == getattr(scores, name).interval
    assert metric_commands()["prdc"].scores(real=x, fake=y) == tuple(scores)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same():
    x, y = (torch.from_numpy(rows(500, 64, seed=seed)) for seed in range(2))
    for here, there in zip(prdc(x, y), prdc(x.cuda(), y.cuda()), strict=True):
        assert here.value == there.value


OWN = {
    "precision": Rule(3, closed=True),
    "recall": Rule(3, closed=True),
    "density": Rule(5, closed=False),
    "coverage": Rule(5, closed=False),
}
ALIKE = dict.fromkeys(OWN, Rule(4, closed=False))


def judgements(x, y, rules):
    """Of every judged image, over all pairs."""

    def table(a, b):
        return ((a[:, None] - b[None]) ** 2).sum(2)

    def around(a, k):
        return np.sort(table(a, a), axis=1)[:, k]  # of which one is itself

    def inside(radii, closed):
        return table(x, y) <= radii if closed else table(x, y) < radii

    found = {}
    for name, (k, closed) in rules.items():
        pairs = inside(around(y, k)[None] if name == "recall" else around(x, k)[:, None], closed)
        found[name] = {
            "precision": pairs.any(0),
            "recall": pairs.any(1),
            "density": pairs.sum(0) / k,
            "coverage": pairs.any(1),
        }[name].astype(float)
    return found


@pytest.mark.parametrize("rules", [OWN, ALIKE])
@pytest.mark.parametrize("make", [rows, integers])
@pytest.mark.parametrize("tile", [7, 1024])
def test_scores_without_each_image_are_those_of_the_others(make, rules, tile, monkeypatch):
    monkeypatch.setattr(distances, "TILE", tile)
    x, y = make(24), make(19, seed=1) * 0.9 + 0.1 * (make is rows)
    found = left_out(x, y, rules)
    for i in range(24):
        for name, values in judgements(np.delete(x, i, 0), y, rules).items():
            assert found[name].without_real[i] == pytest.approx(values.mean(), abs=1e-12)
    for j in range(19):
        for name, values in judgements(x, np.delete(y, j, 0), rules).items():
            assert found[name].without_fake[j] == pytest.approx(values.mean(), abs=1e-12)
    for name, values in judgements(x, y, rules).items():
        np.testing.assert_allclose(found[name].judgements, values)
        alone = left_out(x, y, {name: rules[name]})[name]
        np.testing.assert_array_equal(alone.without_real, found[name].without_real)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("make", [rows, integers])
def test_the_excess_is_the_sum_of_squared_changes_of_single_judgements(make, grouped):
    """What leaving an image, or a group, out changes in the judgements of other images."""
    x, y = make(24), make(19, seed=1) * 0.9 + 0.1 * (make is rows)
    units = (np.arange(24) % 5, np.arange(19) % 4) if grouped else (None, None)
    found, whole = left_out(x, y, OWN, units), judgements(x, y, OWN)
    changes = {name: (np.zeros((24, len(v))), np.zeros((19, len(v)))) for name, v in whole.items()}
    for i in range(24):
        values = judgements(np.delete(x, i, 0), y, OWN)
        others = np.delete(np.arange(24), i)
        changes["coverage"][0][i, others] = values["coverage"] - whole["coverage"][others]
        for name in ("precision", "density"):
            changes[name][0][i] = values[name] - whole[name]
    for j in range(19):
        values = judgements(x, np.delete(y, j, 0), OWN)
        for name in ("recall", "coverage"):
            changes[name][1][j] = values[name] - whole[name]
    for name, sides in changes.items():
        for change, unit, excess in zip(sides, units, found[name].excess, strict=True):
            sums = (
                change if unit is None else np.stack([change[unit == u].sum(0) for u in set(unit)])
            )
            expected = (sums**2).sum() / len(whole[name]) ** 2
            assert excess == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("n", "m", "d", "shift"), [(60, 60, 8, 0.0), (60, 60, 2, 1.0), (50, 90, 4, 0.7)]
)
def test_intervals_cover_the_mean_score_of_samples_of_these_sizes(n, m, d, shift):
    found = []
    for i in range(100):
        x, y = rows(n, d, seed=2 * i), rows(m, d, seed=2 * i + 1)
        y[:, 0] += shift
        found.append(prdc(x, y))
    for scores in zip(*found, strict=True):
        mean = np.mean([score.value for score in scores])
        low, high = np.array([score.interval for score in scores]).T
        assert ((low <= mean) & (mean <= high)).mean() >= 0.89  # of 0.95, 2.75 standard errors
        assert (low >= 0).all()
        assert scores[0].metric == "density" or (high <= 1).all()
        sd = np.std([score.value for score in scores])
        assert np.mean(high - low) < 2.2 * 3.92 * sd


def test_shared_reals_cancel_in_a_difference_of_models():
    gaps = {name: [] for name in PRDC._fields}
    for i in range(50):
        x = rows(60, seed=3 * i)
        fakes = rows(60, seed=3 * i + 1) + 0.3, rows(60, seed=3 * i + 2) + 0.6
        first, second = (prdc(x, fake) for fake in fakes)
        for name, own in gaps.items():
            own.append(difference(*(getattr(both, name).estimate for both in (first, second))))
    for own in gaps.values():
        mean, sd = (of([gap.value for gap in own]) for of in (np.mean, np.std))
        assert np.mean([abs(gap.value - mean) < 2 * gap.spread.std_error for gap in own]) >= 0.88
        assert np.mean([gap.spread.std_error for gap in own]) < 2 * sd


def test_where_there_is_no_interval_it_says_why():
    few = prdc(rows(6), rows(30, seed=1))
    assert "6 images with balls" in few.density.details["no_interval"]
    assert few.recall.interval is not None
    far = prdc(rows(40), 9 + rows(40, seed=1))
    assert "0 fakes are in any real's ball" in far.density.details["no_interval"]
    low, high = far.precision.interval
    assert low == 0
    assert 0.1 < high < 0.3  # as of 13 independent images
    shared = prdc(rows(40), rows(40))
    assert shared.recall.details["no_interval"] == "real and fake are the same images"
    plates = tuple(f"p{i % 3}" for i in range(40))
    grouped = prdc(replace(as_features(rows(40)), groups=plates), rows(40, seed=1))
    assert "3 groups" in grouped.coverage.details["no_interval"]


@pytest.mark.parametrize("make", [rows, integers])
def test_without_intervals_the_values_are_the_same(make):
    x, y = make(90), make(70, seed=1)
    for plain, score in zip(prdc(x, y, interval=False), prdc(x, y), strict=True):
        assert plain.value == score.value
        assert plain.interval is None
        assert plain.details == {key: score.details[key] for key in ("k", "ball")}
