from dataclasses import replace

import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.features import Features, as_features
from ganeval.metrics import fid, frechet_distance, inception_score, kid, statistics_of
from ganeval.metrics.frechet import interval as intervals
from ganeval.moments import Moments


def rows(n, d=6, *, shift=0.0, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) + shift


def features(n, d=6, *, groups=0, shift=0.0, seed=0, **known):
    names = tuple(f"p{i * groups // n}" for i in range(n)) if groups else None
    whole = as_features(rows(n, d, shift=shift, seed=seed))
    return replace(whole, groups=names, **known)


def test_the_plain_value_is_the_distance_of_mean_and_covariance():
    x, y = rows(200), rows(150, shift=0.3, seed=1)
    expected = frechet_distance(
        x.mean(0), np.cov(x, rowvar=False), y.mean(0), np.cov(y, rowvar=False)
    )
    score = fid(x, y)
    assert score.value == pytest.approx(expected, rel=1e-12)
    assert fid(x, y, interval=False).value == pytest.approx(expected, rel=1e-12)
    assert score.details["mean_term"] + score.details["covariance_term"] == pytest.approx(expected)


def test_the_correction_is_the_delete_group_jackknife():
    x, y = rows(200), rows(150, shift=0.3, seed=1)
    score = fid(x, y)
    whole, first, second = score.value, as_features(x), as_features(y)
    blocks = intervals.pair_blocks(first, second, seed=0)
    left_out = [fid(x[blocks[0] != i], y[blocks[1] != i], interval=False).value for i in range(20)]
    # Blocks of 7 and 8 images make it the delete-m_j form, close to the plain one.
    assert score.corrected == pytest.approx(20 * whole - 19 * np.mean(left_out), abs=2e-3)
    expected = np.sqrt(19 / 20 * ((left_out - np.mean(left_out)) ** 2).sum())
    assert score.std_error == pytest.approx(expected, rel=0.05)
    assert score.interval[0] < score.corrected < score.interval[1]


def test_fewer_images_than_features_have_a_value_but_no_interval():
    score = fid(rows(20, 30), rows(100, 30, seed=1))
    assert score.value > 0
    assert (score.corrected, score.interval, score.std_error) == (None, None, None)
    assert "(no interval: fewer images than features; n = 20 / 100)" in str(score)
    assert any("20 images for 30 features" in warning for warning in score.warnings)
    # 31 images are more than 30 features, but not once a block is left out.
    assert (
        "once a block is left out"
        in fid(rows(31, 30), rows(100, 30, seed=1)).details["no_interval"]
    )


def test_groups_are_the_blocks_and_are_counted():
    score = fid(features(400, groups=12), rows(300, seed=1))
    assert score.n_groups == 12
    assert score.details["blocks"] == 12
    assert fid(features(400, groups=30), rows(300, seed=1)).details["blocks"] == 20
    assert fid(features(400, groups=30), features(300, groups=7)).n_groups == 7


@pytest.mark.parametrize("groups", [1, 3])
def test_under_four_groups_there_is_no_interval(groups):
    real, fake = features(400, groups=groups), rows(300, seed=1)
    expected = f"{groups} group{'s' * (groups > 1)}, of 4 that an interval needs at least"
    for score in (fid(real, fake), kid(real, fake), inception_score(real)):
        assert score.interval is None
        assert score.details["no_interval"] == expected


def test_the_same_plates_on_both_sides_are_left_out_together():
    real, fake = features(400, groups=9), features(200, groups=9, seed=1)
    blocks = intervals.pair_blocks(real, fake, seed=0)
    block_of = dict(zip(real.groups, blocks[0], strict=True))
    assert all(block_of[g] == b for g, b in zip(fake.groups, blocks[1], strict=True))


def test_plates_that_only_some_share_are_left_out_together():
    real, fake = features(600, groups=30), features(400, groups=25, seed=1)
    fake = replace(fake, groups=tuple(f"p{int(name[1:]) + 10}" for name in fake.groups))
    blocks = intervals.pair_blocks(real, fake, seed=0)
    block_of = dict(zip(real.groups, blocks[0], strict=True))
    shared = [(g, b) for g, b in zip(fake.groups, blocks[1], strict=True) if g in block_of]
    assert len(shared) == 320
    assert all(block_of[g] == b for g, b in shared)
    assert [len(set(side)) for side in blocks] == [20, 20]
    assert fid(real, fake).interval is not None


@pytest.mark.parametrize("max_dim", [5, 1024])
def test_a_last_block_may_be_empty_on_one_side(max_dim, monkeypatch):
    monkeypatch.setattr(intervals, "JACKKNIFE_MAX_DIM", max_dim)
    names = tuple(f"p{i // 20:02}" for i in range(381))
    real, fake = replace(features(381), groups=names), features(90, seed=1)
    assert intervals.pair_blocks(real, fake, seed=0)[1].max() == 18
    for pair in ((real, fake), (fake, real)):
        score = fid(*pair)
        assert score.details["blocks"] == 20
        assert score.interval is not None


def test_an_ungrouped_side_follows_the_block_sizes_of_the_other():
    real = replace(features(100), groups=("a",) * 40 + ("b",) * 30 + ("c",) * 20 + ("d",) * 10)
    for pair in ((real, features(50)), (features(50), real)):
        blocks = intervals.pair_blocks(*pair, seed=0)
        sizes = sorted(np.bincount(b).tolist() for b in blocks)
        assert sizes == [[20, 15, 10, 5], [40, 30, 20, 10]]


def test_statistics_give_the_same_score_as_the_features_they_come_from(tmp_path):
    x, y = rows(200), rows(150, shift=0.3, seed=1)
    expected = fid(x, y)
    statistics_of(as_features(x)).save(tmp_path / "real.npz")
    for real in (tmp_path / "real.npz", str(tmp_path / "real.npz"), statistics_of(as_features(x))):
        score = fid(real, y)
        assert score.value == pytest.approx(expected.value, rel=1e-12)
        assert score.corrected == pytest.approx(expected.corrected, rel=1e-9)
        assert score.interval == pytest.approx(expected.interval, rel=1e-9)
        assert score.protocol_id == expected.protocol_id
        assert (score.n_real, score.n_fake) == (200, 150)
    both = fid(tmp_path / "real.npz", statistics_of(as_features(y)))
    assert both.interval == pytest.approx(expected.interval, rel=0.1)
    assert fid(y, tmp_path / "real.npz").interval is not None


def test_merged_statistics_keep_the_interval():
    x, y = rows(400), rows(300, shift=0.3, seed=1)
    parts = [as_features(x[:250]), as_features(x[250:])]
    merged = statistics_of(parts[0]).merge(statistics_of(parts[1]))
    score = fid(merged, y)
    assert score.value == pytest.approx(fid(x, y).value, rel=1e-11)
    assert score.std_error == pytest.approx(fid(x, y).std_error, rel=0.5)


def test_statistics_of_groups_keep_them():
    grouped = statistics_of(features(400, groups=12))
    score = fid(grouped, rows(300, seed=1))
    assert (score.n_groups, score.details["blocks"]) == (12, 12)
    assert fid(rows(300, seed=1), features(400, groups=5)).details["blocks"] == 5
    assert fid(grouped, features(400, groups=5, seed=1)).details["blocks"] == 5


def test_a_plain_mean_and_covariance_have_a_value_but_no_interval(tmp_path):
    x, y = rows(200), rows(150, shift=0.3, seed=1)
    np.savez(tmp_path / "pf.npz", mu=x.mean(0), sigma=np.cov(x, rowvar=False))
    score = fid(tmp_path / "pf.npz", y)
    assert score.value == pytest.approx(fid(x, y).value, rel=1e-12)
    assert (score.corrected, score.interval, score.n_real) == (None, None, None)
    assert "has only mu and sigma" in score.details["no_interval"]
    few = fid(tmp_path / "pf.npz", y[:5])
    assert few.value == pytest.approx(fid(x, y[:5]).value, rel=1e-9)


@pytest.fixture
def many_features(monkeypatch):
    """Treats 6 features as too many for 20 blocks."""
    monkeypatch.setattr(intervals, "JACKKNIFE_MAX_DIM", 5)


def test_many_features_are_corrected_by_half_splits(many_features):
    x, y = rows(400), rows(300, shift=0.3, seed=1)
    score = fid(x, y)
    assert score.details["method"] == "half-split Richardson"
    blocks = intervals._blocked(as_features(x), as_features(y), 0)[0]
    assert blocks.block_sizes.tolist() == [200, 200]
    assert score.interval[0] < score.corrected < score.value
    assert fid(x[:11], y).interval is None  # a half is no more than the 6 features


def test_many_features_in_groups_are_jackknifed_all_the_same(many_features, monkeypatch):
    real, fake = features(400, groups=8), rows(300, shift=0.3, seed=1)
    score = fid(real, fake)
    assert (score.details["method"], score.details["blocks"]) == ("delete-group jackknife", 8)
    monkeypatch.undo()
    assert score.interval == pytest.approx(fid(real, fake).interval, rel=1e-9)


def test_statistics_of_many_features_are_corrected_without_an_interval(many_features):
    x, y = rows(400), rows(300, shift=0.3, seed=1)
    statistics = statistics_of(as_features(x))
    assert statistics.n_blocks == 2
    score = fid(statistics, y)
    assert score.corrected == pytest.approx(fid(x, y).corrected, rel=1e-9)
    assert score.interval is None
    assert "do not keep what an interval needs" in score.details["no_interval"]


def test_the_delta_method_agrees_with_the_jackknife(monkeypatch):
    x, y = rows(3000), 1.3 * rows(2000, shift=0.3, seed=1)
    jackknifed = fid(x, y).std_error
    monkeypatch.setattr(intervals, "JACKKNIFE_MAX_DIM", 5)
    assert fid(x, y).std_error == pytest.approx(jackknifed, rel=0.4)


def test_constant_or_dependent_features_have_no_delta_interval(many_features):
    x, y = rows(400), rows(300, shift=0.3, seed=1)
    dead, other, dependent = x.copy(), rows(200, seed=2), x.copy()
    dead[:, 2] = other[:, 2] = 0.1
    dependent[:, 2] = x[:, 0] + x[:, 1]
    for pair in ((dead, y), (y, dead), (dead, other), (dependent, y), (y, dependent)):
        score = fid(*pair)
        assert score.corrected is not None
        assert (score.interval, score.std_error) == (None, None)
        assert score.details["no_interval"] == "constant or dependent features"


def test_two_nets_or_resizes_are_not_compared():
    def made(name, resize="none", *, fingerprint=None, sha256="w"):
        protocol = {
            "net": {"name": name, "fingerprint": fingerprint or name, "sha256": sha256},
            "preprocessing": {"resize": resize},
        }
        return replace(features(50), protocol=protocol)

    with pytest.raises(InputError, match="differ in net: a and b"):
        fid(made("a"), made("b"))
    with pytest.raises(InputError, match="differ in settings of net 'a'"):
        fid(made("a"), made("a", fingerprint="f"))
    with pytest.raises(InputError, match="differ in code or weights of net 'a'"):
        fid(made("a"), made("a", fingerprint="f", sha256="v"))
    fid(made("a", fingerprint="f"), made("renamed", fingerprint="f"))
    with pytest.raises(InputError, match="differ in net: a and b"):
        fid(*(replace(features(50), protocol={"net": {"name": name}}) for name in "ab"))
    with pytest.raises(InputError, match="differ in preprocessing resize: none and area"):
        fid(made("a"), made("a", "area"))
    score = fid(made("a"), features(50, seed=1))
    assert "feature net of fake is unknown" in score.warnings[0]
    assert score.protocol["net"]["name"] == "a"


def test_the_protocol_id_is_of_what_must_be_equal():
    real, fake, other = features(100), features(80, seed=1), features(90, seed=2)
    score = fid(real, fake)
    same = [fid(real, other), fid(real, fake, seed=5), fid(real, fake, level=0.5)]
    assert {s.protocol_id for s in same} == {score.protocol_id}
    assert fid(other, fake).protocol_id != score.protocol_id
    assert len(score.protocol_id) == 16
    net = {"net": {"name": "x", "fingerprint": "f"}, "preprocessing": {}}
    renamed = {"net": {"name": "y", "fingerprint": "f"}, "preprocessing": {}}
    first = fid(replace(real, protocol=net), replace(fake, protocol=net))
    second = fid(replace(real, protocol=renamed), replace(fake, protocol=net | renamed))
    assert first.protocol_id == second.protocol_id != score.protocol_id


def test_copies_are_noticed():
    x = rows(60)
    assert fid(x, x).warnings == ("real and fake are the same images",)
    y = rows(60, seed=1)
    y[:3] = x[:3]
    assert "3 of 60 images of fake are exact copies of reals" in fid(x, y).warnings
    y = rows(60, seed=1)
    y[10] = y[11]
    assert "1 of 60 images of fake are copies of another one of them" in fid(x, y).warnings


def test_constant_features_are_noticed():
    x, y = rows(60), rows(60, seed=1)
    x[:, 2] = 7
    score = fid(x, y)
    assert "1 of 6 features of real are constant and say nothing" in score.warnings
    assert score.value > 40


def test_labels_stratify():
    labels = ("a",) * 300 + ("b",) * 100
    sorted_rows = rows(400) + np.repeat([[0.0], [9.0]], [300, 100], axis=0)
    real = replace(as_features(sorted_rows), labels=labels)
    fake = replace(as_features(sorted_rows[::-1] + 0.1), labels=labels[::-1])
    with_labels, without = fid(real, fake), fid(replace(real, labels=None), fake)
    assert with_labels.value == pytest.approx(without.value)
    assert with_labels.std_error < without.std_error / 2


def test_the_input_is_not_changed_and_half_precision_is_taken():
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)).half()
    before = x.clone()
    score = fid(x, x.float().numpy() + 1)
    assert score.value == pytest.approx(4, rel=1e-3)
    assert torch.equal(x, before)


def test_bad_levels_are_refused():
    with pytest.raises(InputError, match="level is 95; wanted a share"):
        fid(rows(30), rows(30), level=95.0)


def test_moments_of_one_block_have_no_interval():
    score = fid(Moments.of(rows(100)), rows(100, seed=1))
    assert "has no blocks" in score.details["no_interval"]
    assert isinstance(features(3), Features)
