from dataclasses import replace

import numpy as np
import pytest

import ganeval
from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS
from ganeval.metrics.pairs import realism


def rows(n, d=4, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def sides():
    return as_features(rows(60)), as_features(rows(50, seed=1) + 0.3)


def column(table, name, side):
    return np.array([row[name] for row in table if row["side"] == side])


def test_realism_is_the_largest_ratio_of_a_small_ball_to_the_distance():
    x, y = rows(60), rows(30, seed=1)
    y[3] = x[5]
    x[8] = 40.0  # its ball is the widest of all, and does not count
    pairs = np.linalg.norm(x[:, None] - x[None], axis=2)
    radii = np.sort(pairs, axis=1)[:, 3]
    small = radii <= np.median(radii)
    with np.errstate(divide="ignore"):
        ratios = radii[small][:, None] / np.linalg.norm(x[small][:, None] - y[None], axis=2)
    found = realism(x, y)
    assert found == pytest.approx(ratios.max(0))
    assert np.isinf(found[3]) == small[5]


def test_every_image_has_its_nearest_real_which_is_another_one():
    real, fake = sides()
    table = ganeval.per_image(ganeval.kid(real, fake), real, fake)
    x, y = real.features, fake.features
    pairs = np.linalg.norm(y[:, None] - x[None], axis=2)
    assert column(table, "distance", "fake") == pytest.approx(pairs.min(1))
    nearest = [real.ids[i] for i in pairs.argmin(1)]
    assert column(table, "nearest_real", "fake").tolist() == nearest
    own = np.linalg.norm(x[:, None] - x[None], axis=2) + 1e9 * np.eye(60)
    assert column(table, "distance", "real") == pytest.approx(own.min(1))
    assert set(column(table, "realism", "real")) == {None}


@pytest.mark.parametrize("metric", [ganeval.fid, ganeval.kid, ganeval.sliced_wasserstein_distance])
def test_an_influence_is_about_what_leaving_the_image_out_changes(metric):
    real, fake = sides()
    score = metric(real, fake)
    influences = column(ganeval.per_image(score, real, fake), f"{score.metric}_influence", "fake")

    def centre(scored):
        return scored.value if scored.corrected is None else scored.corrected

    some = [0, 7, 23, 41]
    without = [
        centre(score) - centre(metric(real, fake.take(np.delete(np.arange(50), i)))) for i in some
    ]
    assert np.corrcoef(without, influences[some])[0, 1] > 0.93


def test_a_mean_of_judgements_is_the_mean_of_its_column():
    real, fake = sides()
    scores = ganeval.prdc(real, fake)
    table = ganeval.per_image(scores, real, fake)
    for name, side in (("precision", "fake"), ("density", "fake"), ("coverage", "real")):
        judged = column(table, name, side)
        assert judged.mean() == pytest.approx(getattr(scores, name).value)
    inside = column(table, "precision", "fake")
    assert set(np.round(inside, 9)) == {0, 1}
    assert set(column(table, "precision", "real")) == {None}


def test_labels_and_groups_are_told_and_a_score_of_one_side_has_no_reals():
    real, fake = sides()
    fake = replace(fake, labels=tuple("ab" * 25), groups=tuple(map(str, np.arange(50) // 5)))
    alone = ganeval.per_image(ganeval.rke(fake, bandwidth=1.0), None, fake)
    assert [row["label"] for row in alone] == list("ab" * 25)
    assert {row["side"] for row in alone} == {"fake"}
    assert "nearest_real" not in alone[0]
    assert np.isfinite([row["rke_influence"] for row in alone]).all()
    both = ganeval.per_image(ganeval.rke(fake, real=real), real, fake)
    assert {row["rke_influence"] for row in both if row["side"] == "real"} == {None}


def test_other_images_than_those_of_the_score_are_refused():
    real, fake = sides()
    score = ganeval.kid(real, fake)
    with pytest.raises(InputError, match="kid is of 60 reals and 50 fakes, but 60 and 49 were"):
        ganeval.per_image(score, real, fake.take(np.arange(49)))
    with pytest.raises(InputError, match="no score was given"):
        ganeval.per_image([], real, fake)
    with pytest.raises(InputError, match="real is statistics"):
        ganeval.per_image(score, ganeval.statistics_of(real), fake)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_a_table(name):
    metric, n = METRICS[name], 100
    made = [
        replace(
            as_features(rows(n, seed=seed)),
            logits=5 * rows(n, seed=seed),
            labels=tuple(np.array(["a", "b"])[np.arange(n) % 2]),
        )
        for seed in range(3)
    ]
    given = {"train": made[2]} if metric.needs_train else {}
    score = metric.function(real=made[0], fake=made[1], **given)
    table = ganeval.per_image(score, made[0], made[1])
    assert len(table) == 2 * n
    if score.estimate is not None:
        values = column(table, f"{name}_influence", "fake").astype(float)
        assert np.isfinite(values).all()
        assert values.sum() == pytest.approx(0, abs=1e-9 * n * abs(values).max())
