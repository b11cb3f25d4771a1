"""An audit tells a net that sees the images from one that does not."""

import itertools
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

import ganeval
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.schema import read_json
from ganeval.suites.audit import Audit, consistency
from ganeval.suites.audit.altered import altered
from ganeval.suites.audit.audit import FEWEST_IMAGES
from ganeval.suites.audit.consistency import rank_correlation
from ganeval.suites.audit.halves import Halves, even_sample
from ganeval.suites.audit.paired import Reals
from ganeval.suites.audit.responses import Response, noticed_from
from ganeval.suites.audit.seen import Seen
from ganeval.suites.audit.separation import auc, separation
from ganeval.suites.audit.steps import COPIES, MISSING, UNEQUAL, steps_of


def features(rows, *, name="x", labels=None, groups=None):
    ids = tuple(f"{name}{i:04d}" for i in range(len(rows)))
    return Features(
        np.asarray(rows, np.float32), ids, labels=labels, groups=groups, name=name,
        fingerprint=f"{name}{float(np.sum(rows))}",
    )  # fmt: skip


def own_groups(side):
    return Features(
        side.features, side.ids, labels=side.labels, groups=side.ids, name=side.name,
        fingerprint=side.fingerprint,
    )  # fmt: skip


@pytest.fixture(scope="module")
def images():
    """Two-channel images of two classes: a spot whose place in channel 0 is the class."""
    rng = np.random.default_rng(0)
    spot = np.outer(np.hanning(9), np.hanning(9))
    found = []
    for i in range(80):
        pixels = rng.normal(20, 4, (2, 16, 16))
        place = 1 + 5 * (i % 2)
        pixels[0, place : place + 9, 3:12] += rng.normal(150, 12) * spot
        pixels[1, 3:12, 3:12] += rng.normal(90, 9) * spot
        grey = pixels.clip(0, 255).astype(np.uint8)
        found.append((grey.transpose(1, 2, 0), f"class {i % 2}"))
    return found


class Sees(torch.nn.Module):
    """Brightness of halves of each channel, its sharpness and its noise."""

    def forward(self, x):
        halves = torch.nn.functional.adaptive_avg_pool2d(x, (2, 1)).flatten(1)
        coarse = torch.nn.functional.avg_pool2d(x, 4).std((2, 3))
        fine = (x[..., 1:] - x[..., :-1]).abs().mean((2, 3))
        return torch.cat([halves, coarse, 5 * fine], dim=1)


class Blind(torch.nn.Module):
    """Random numbers that have nothing to do with the image."""

    def forward(self, x):
        seeds = (1e4 * x.mean((1, 2, 3))).sin() * 1e4
        return torch.stack([(seeds * (k + 1)).sin() for k in range(4)], dim=1)


class Constant(torch.nn.Module):
    def forward(self, x):
        return x.new_ones(len(x), 3)


def quicker(patch):
    """Two ways to halve the images in place of four, and the distances alone."""
    patch.setattr(consistency, "HALVINGS", 2)
    patch.setattr(sys.modules["ganeval.suites.audit.audit"], "JUDGED", ("fid", "kid"))


@pytest.fixture(scope="module")
def found(images):
    nets = {"sees": Sees(), "blind": Blind(), "constant": Constant()}
    with pytest.MonkeyPatch.context() as patch:
        quicker(patch)
        return ganeval.audit(images, feature_net=nets)


def answers(net):
    return {verdict.question: verdict.answer for verdict in net.verdicts}


def test_a_net_that_sees_is_fit_and_one_that_does_not_is_unfit(found):
    sees, blind, constant = found.nets
    assert answers(sees)["classes"] == answers(sees)["faults"] == "fit"
    assert sees.answer in ("fit", "fit with care")
    assert blind.answer == "unfit"
    assert answers(blind)["classes"] == answers(blind)["faults"] == "unfit"
    assert constant.answer == "unfit" and not constant.responses
    assert "all images the same features" in constant.verdicts[0].why


def test_every_stronger_step_of_a_noticed_fault_that_has_a_test_is_significant(found):
    chains = itertools.groupby(found.nets[0].responses, key=lambda one: (one.metric, one.fault))
    some = 0
    for _, steps in chains:
        tested = [step for step in steps if step.p_value is not None]
        assert [step.strength for step in tested] == sorted(step.strength for step in tested)
        noticed = [step.noticed for step in tested]
        assert noticed == sorted(noticed)  # none after a stronger one that was not noticed
        assert all(step.worse and step.p_value <= 0.05 for step in tested if step.noticed)
        some += any(noticed)
    assert some > 3


def test_an_audit_is_strict_json_and_says_what_it_cost(found):
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert json.loads(text)["cost"] == 80 * 15 * 3
    assert found.n == 80 and found.classes == 2 and found.groups is None
    assert read_json(text, Audit) == found


def test_the_comparison_is_that_of_compare():
    rng = np.random.default_rng(3)
    real, control, changed = rng.normal(size=(3, 80, 4)) + np.array([0, 0, 0.3])[:, None, None]
    for metric in ("fid", "kid", "coverage"):
        against = Reals(own_groups(features(real, name="r")))
        first, second = features(control, name="a"), features(changed, name="b")
        ours = against.compared(metric, against.pairs(own_groups(first), own_groups(second)))
        (theirs,) = ganeval.compare(real, {"a": control, "b": changed}, metric=metric).differences
        assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-6)
        assert abs(ours.difference) == pytest.approx(abs(theirs.estimate), rel=1e-6)


def test_images_and_their_altered_versions_are_compared_as_pairs():
    rng = np.random.default_rng(4)
    real, control = rng.normal(size=(2, 80, 4))
    moved = control + 0.12
    against = Reals(own_groups(features(real, name="r")))
    first = own_groups(features(control, name="a"))
    paired, alone, same = (
        against.compared("kid", against.pairs(first, side))
        for side in (*(own_groups(features(moved, name=name)) for name in "ab"), first)
    )
    assert paired.difference == pytest.approx(alone.difference)
    assert paired.p_value < alone.p_value
    assert same.difference == 0 and same.p_value == 1


def triples(rows, labels, groups):
    """By counting them all."""
    per_image = []
    for i in range(len(rows)):
        free = [j for j in range(len(rows)) if groups[j] != groups[i]]
        won = [
            (np.linalg.norm(rows[i] - rows[j]) < np.linalg.norm(rows[i] - rows[k]))
            for j in free if labels[j] == labels[i]
            for k in free if labels[k] != labels[i]
        ]  # fmt: skip
        if won:
            per_image.append(np.mean(won))
    return np.mean(per_image)


@pytest.mark.parametrize("grouped", [False, True])
def test_separation_is_the_share_of_triples(grouped):
    rng = np.random.default_rng(5)
    labels = tuple("abc"[i] for i in rng.integers(3, size=24))
    rows = rng.normal(size=(24, 3)) + np.array([ord(label) - 97 for label in labels])[:, None]
    groups = tuple(f"g{i % 8}" for i in range(24)) if grouped else None
    estimate = auc(features(rows, labels=labels, groups=groups))
    assert estimate.value == pytest.approx(triples(rows, labels, groups or range(24)))


def test_influences_of_separation_are_those_of_leaving_images_out():
    rng = np.random.default_rng(6)
    labels = tuple("ab"[i] for i in rng.integers(2, size=60))
    rows = rng.normal(size=(60, 2)) + np.array([label == "b" for label in labels])[:, None]
    whole = auc(features(rows, labels=labels))
    left = [
        auc(features(np.delete(rows, i, 0), labels=labels[:i] + labels[i + 1 :])).value
        for i in range(60)
    ]
    jackknife = 59 * (whole.value - np.array(left))
    influence = whole.parts[0].influence
    assert np.corrcoef(jackknife, influence)[0, 1] > 0.999
    assert np.std(jackknife) == pytest.approx(np.std(influence), rel=0.05)


def test_separation_needs_two_classes():
    rows = np.random.default_rng(0).normal(size=(10, 2))
    assert separation(features(rows), level=0.95) == "no labels"
    assert separation(features(rows, labels=("a",) * 10), level=0.95) == "a single class"


@pytest.fixture(scope="module")
def halves():
    rng = np.random.default_rng(7)
    labels = tuple("abcd"[i % 4] for i in range(80))
    plain = features(rng.normal(size=(80, 3)), labels=labels)
    return Halves(Seen("net", plain, {}), 0)


def test_halves_are_disjoint_and_have_the_classes_of_all(halves):
    assert not set(halves.real.ids) & set(halves.fake.ids)
    for side in (halves.real, halves.fake):
        assert [side.labels.count(name) for name in "abcd"] == [10, 10, 10, 10]


def test_missing_and_unequal_classes_are_compared_at_equal_numbers(halves):
    for fault, counts in ((MISSING, [30, 20]), (UNEQUAL, [30, 25, 22])):
        steps = steps_of(halves, fault)
        assert [len(step.changed) for step in steps] == counts
        for step in steps:
            assert len(step.control) == len(step.changed)
            sizes = [step.control.labels.count(name) for name in "abcd"]
            assert max(sizes) - min(sizes) <= 1
    assert len(set(steps_of(halves, MISSING)[0].changed.labels)) == 3
    assert steps_of(halves, COPIES) == []


def test_groups_stay_on_one_side():
    rng = np.random.default_rng(8)
    groups = tuple(f"plate {i % 10}" for i in range(100))
    halves = Halves(Seen("net", features(rng.normal(size=(100, 3)), groups=groups), {}), 0)
    assert not set(halves.real.groups) & set(halves.fake.groups)
    new, unseen = halves.new_and_unseen
    assert not set(new.groups) & set(unseen.groups)


def test_an_even_sample_has_every_class_in_proportion():
    labels = tuple("ab"[i % 3 == 0] for i in range(90))
    rows = even_sample(labels, np.arange(90), 30, seed=1)
    assert len(set(rows)) == 30
    assert sum(labels[i] == "b" for i in rows) in (9, 10, 11)


def test_steps_without_a_test_are_passed_over():
    def step(strength, p_value, noticed):
        return Response("kid", "blur", strength, f"{strength} px", 1.0, 1.0, p_value, True, noticed)

    chain = [step(1, 0.2, False), step(2, 0.01, True), step(4, None, False)]
    assert noticed_from(chain, "kid", "blur").strength == 2
    assert noticed_from(chain[:1], "kid", "blur") is None


def test_rank_correlation_needs_responses_that_vary():
    def side(values):
        return [
            Response("kid", "noise", i, "", value) for i, value in enumerate(values)
        ]  # fmt: skip

    assert rank_correlation(side([1, 2, 4]), side([3, 5, 9]), "kid") == pytest.approx(1)
    assert rank_correlation(side([1, 2, 4]), side([3, 2, 0]), "kid") == pytest.approx(-1)
    assert rank_correlation(side([1, 1, 1]), side([3, 5, 9]), "kid") is None


def test_images_of_any_depth_are_audited_without_labels(monkeypatch):
    quicker(monkeypatch)
    rng = np.random.default_rng(9)
    pixels = rng.integers(0, 4096, (FEWEST_IMAGES, 12, 12), dtype=np.uint16)
    source = ganeval.open_images(pixels, value_range=(0, 4095))
    (net,) = ganeval.audit(source, feature_net="wavelet").nets
    assert answers(net)["classes"] == "not asked"
    assert net.not_asked == {
        "channel swap": "a single channel",
        "missing classes": "no labels",
        "unequal classes": "no labels",
    }
    assert not {"missing classes", "channel swap"} & {one.fault for one in net.responses}
    assert altered(source, [], seed=0).value_range == ((0.0, 4095.0),)


def test_what_cannot_be_audited_is_told(images):
    with pytest.raises(InputError, match="has 30 images; an audit needs at least 40"):
        ganeval.audit(images[:30], feature_net="pixels")
    with pytest.raises(InputError, match="real is features, and an audit alters images"):
        ganeval.audit(np.zeros((60, 4)), feature_net="pixels")
    few = ganeval.open_images(images)
    few = replace(few, groups=tuple(f"plate {i % 7}" for i in range(len(few))))
    with pytest.raises(InputError, match="has 7 groups; an audit needs at least 8"):
        ganeval.audit(few, feature_net="pixels")
    with pytest.raises(InputError, match="half_width is 0; wanted a positive share"):
        ganeval.audit(images, feature_net="pixels", half_width=0)
    with pytest.raises(InputError, match="two nets are named 'pixels'"):
        ganeval.audit(images, feature_net=["pixels", "pixels"])
    with pytest.raises(InputError, match="feature_net names no net"):
        ganeval.audit(images, feature_net=[])
