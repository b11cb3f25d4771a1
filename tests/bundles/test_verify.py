"""What a bundle states is computed again: from images, features or influences, for every metric."""

import inspect
import json
import zipfile
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

import ganeval
from ganeval.bundles import bundle, verify, write_bundle
from ganeval.errors import InputError
from ganeval.metrics import metric_commands
from ganeval.suites import metric_options

OPTIONS = {
    "c2st": {"classifier": "logistic", "repeats": 3, "permutations": 20, "seed": 5},
    "ct": {"cells": 2},
    "kde": {"bandwidth": 2.0},
    "kid": {"kernel": "gaussian", "bandwidth": 3.0},
    "memorization": {"false_positive_rate": 0.05},
    "mmd": {"permutations": 30, "seed": 3},
    "prdc": {"k": 4},
    "clipped": {"k": 4},
    "retrieval": {"permutations": 20},
    "rke": {"bandwidth": 1.5},
    "swd": {"directions": 7, "seed": 2},
    "vendi": {"kernel": "gaussian", "bandwidth": 2.0},
}
"""Options that are not the default, by command."""


def side(seed, *, n=80, grouped=False):
    rng = np.random.default_rng(seed)
    labels = tuple("ab" * (n // 2))
    rows = rng.normal(size=(n, 4)) + (np.array(labels) == "b")[:, None] + 0.3 * (seed == 1)
    logits = np.stack([-rows[:, 0], rows[:, 0]], axis=1)
    groups = tuple(f"Mrs {i % 20:02d}" for i in range(n)) if grouped else None
    ids = tuple(f"patient {i:03d}.png" for i in range(n))
    return ganeval.Features(
        rows, ids, logits=logits, labels=labels, groups=groups, classes=("a", "b"),
        name=f"/home/ann/side{seed}", fingerprint=f"{seed:064x}",
    )  # fmt: skip


@pytest.fixture(scope="module")
def sides():
    return {"real": side(0), "fake": side(1), "train": side(2)}


@pytest.mark.parametrize("command", list(metric_commands()))
def test_scores_of_every_command_are_the_same_from_features_and_from_influences(
    command, sides, tmp_path
):
    entry = metric_commands()[command]
    given = {r: s for r, s in sides.items() if r in inspect.signature(entry.function).parameters}
    scores = entry.scores(**given, **OPTIONS.get(command, {}))
    others = {"real": given["real"], "fakes": given["fake"], "train": given.get("train")}
    bundle(scores, tmp_path / "f.zip", also="features", **others)
    for found in (verify(tmp_path / "f.zip"), verify(tmp_path / "f.zip", **others)):
        assert found.ok
        for row in found.rows:
            assert (row.outcome, row.missing, row.fields) == ("same", (), ())
    kept = [replace(score, details={**score.details, "run": "r1"}) for score in scores]
    bundle(kept, tmp_path / "i.zip")
    for row, score in zip(verify(tmp_path / "i.zip").rows, scores, strict=True):
        if score.estimate is not None and score.interval is not None:
            assert row.outcome == "same"
            assert set(row.missing) == set(row.stated) - {"std_error", "low", "high"}
        else:
            assert row.outcome == "not recomputed"


def test_options_of_a_score_that_was_made_in_python_are_those_of_its_protocol(sides):
    for command, options in OPTIONS.items():
        entry = metric_commands()[command]
        given = {
            r: s for r, s in sides.items() if r in inspect.signature(entry.function).parameters
        }
        for score in entry.scores(**given, **options):
            found = metric_options(score)
            assert {name: found.get(name) for name in options} == options


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """A scores.jsonl of two models, with groups, and the sides behind it."""
    real, good, bad = (side(seed, grouped=True) for seed in (0, 3, 1))
    file = ganeval.suites.ScoresFile(tmp_path_factory.mktemp("e") / "scores.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    models = {"good": good, "bad": bad}
    ganeval.evaluate(real, models, metrics=("fid", "kid"), each=keep)
    return file, real, models


def test_two_scores_of_one_run_that_differ_are_refused_and_equal_ones_are_one(evaluated, tmp_path):
    score = dict(enumerate(evaluated[0].scores()))[0]
    other = replace(score, value=score.value + 1)
    with pytest.raises(InputError, match="another score by fid of good"):
        bundle([score, other], tmp_path / "b.zip")
    bundle([evaluated[0].path, score], tmp_path / "b.zip")
    assert len(verify(tmp_path / "b.zip").rows) == 6


def test_names_may_have_signs_that_end_lines_elsewhere(evaluated, tmp_path):
    score = evaluated[0].scores()[0]
    named = replace(score, details={**score.details, "model": "a\u2028b"})
    bundle([named], tmp_path / "b.zip")
    assert [row.model for row in verify(tmp_path / "b.zip").rows] == ["a\u2028b"]


def test_all_rows_of_a_file_are_the_same_halves_of_the_reals_too(evaluated, tmp_path):
    file, real, models = evaluated
    bundle(file.path, tmp_path / "i.zip")
    by_images = verify(tmp_path / "i.zip", real=real, fakes=models)
    bundle(file.path, tmp_path / "f.zip", also="features", real=real, fakes=models)
    by_features = verify(tmp_path / "f.zip")
    for found, source in ((by_images, "images"), (by_features, "features")):
        assert len(found.rows) == 6 and found.ok
        assert {row.outcome for row in found.rows} == {"same"}
        assert {one for row in found.rows for one in row.sources.values()} == {source}
    assert str(by_images) == "6 scores: 6 same"
    by_influences = verify(tmp_path / "i.zip")
    assert by_influences.ok and all("value" in row.missing for row in by_influences.rows)
    assert str(by_influences).endswith("of 6 the value itself was not computed again")


def test_statistics_are_enough_for_the_value_of_fid(evaluated, tmp_path):
    file, real, models = evaluated
    bundle(file.path, tmp_path / "s.zip", also="statistics", real=real, fakes=models)
    found = {(row.model, row.metric): row for row in verify(tmp_path / "s.zip").rows}
    fid, kid = found["good", "fid"], found["good", "kid"]
    assert fid.outcome == "same" and fid.missing == ("corrected",)
    assert fid.sources["value"] == "statistics" and fid.sources["low"] == "influences"
    assert "value" in kid.missing and "kid needs the features of every image" in kid.reason


def test_unpacked_a_bundle_is_compared_as_the_file_was(evaluated, tmp_path):
    file, *_ = evaluated
    bundle(file.path, tmp_path / "i.zip")
    zipfile.ZipFile(tmp_path / "i.zip").extractall(tmp_path / "there")
    there = ganeval.suites.kept_estimates(str(tmp_path / "there/scores.jsonl"), "kid")
    here = ganeval.suites.kept_estimates(str(file.path), "kid")
    assert {name: one.spread for name, one in there.items()} == {
        name: one.spread for name, one in here.items()
    }


def forged(path, out, change):
    """A bundle whose first score was changed, and its checksum too."""

    def of_first(text):
        first, *rest = text.splitlines()
        return "\n".join([change(ganeval.Score.from_json(first)).to_json(), *rest, ""])

    return repacked(path, out, "scores.jsonl", of_first)


def repacked(path, out, changed, change):
    """A bundle of which one text was changed, and its checksum too."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files[changed] = change(files[changed].decode()).encode()
    known = json.loads(files.pop("MANIFEST.json"))
    for name, data in files.items():
        known["files"][name] = {"bytes": len(data), "sha256": sha256(data).hexdigest()}
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {**files, "MANIFEST.json": json.dumps(known).encode()}.items():
            archive.writestr(name, data)
    return out


def with_protocol(score, **changes):
    return replace(score, protocol={**score.protocol, **changes})


@pytest.mark.parametrize(
    ("change", "outcome", "says"),
    [
        (lambda s: replace(s, value=s.value * 1.01), "differs", ()),
        (lambda s: replace(s, value=s.value * (1 + 1e-5)), "within tolerance", ()),
        (lambda s: replace(s, value=s.value + 1e-9 * s.std_error), "same", ()),
        (lambda s: replace(s, corrected=s.corrected + 0.009 * s.std_error), "within tolerance", ()),
        (lambda s: replace(s, corrected=s.corrected + 0.02 * s.std_error), "differs", ()),
        (lambda s: replace(s, corrected=None), "differs", ()),
        (
            lambda s: with_protocol(s, versions={**s.protocol["versions"], "torch": "1.0"}),
            "same",
            ("versions torch: 1.0 and ",),
        ),
        (
            lambda s: with_protocol(s, net={"name": "n", "fingerprint": "ab", "sha256": "1" * 64}),
            "same",
            (),
        ),
        (lambda s: with_protocol(s, preprocessing={"resize": "odd"}), "same", ()),
    ],
)
def test_what_differs_is_named(evaluated, tmp_path, change, outcome, says):
    file, real, models = evaluated
    bundle(file.path, tmp_path / "b.zip")
    path = forged(tmp_path / "b.zip", tmp_path / "f.zip", change)
    row = verify(path, real=real, fakes={"good": models["good"]}).rows[0]
    assert row.outcome == outcome
    assert len(row.fields) == len(says)
    assert all(map(str.startswith, row.fields, says))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: replace(s, n_real=4000), "number of reals: 4000 and "),
        (lambda s: replace(s, n_groups=7), "number of groups: 7 and "),
        (lambda s: replace(s, better="higher"), "better: higher and lower"),
        (lambda s: with_protocol(s, options={"degree": 2}), "options degree: 2 and "),
    ],
)
def test_what_a_score_says_beside_its_numbers_must_be_so(evaluated, tmp_path, change, says):
    file, real, models = evaluated
    bundle(file.path, tmp_path / "b.zip", also="features", real=real, fakes=models)
    found = verify(forged(tmp_path / "b.zip", tmp_path / "f.zip", change))
    assert not found.ok and found.rows[0].outcome == "differs"
    assert any(text.startswith(says) for text in found.rows[0].fields)


def test_other_images_are_told_from_those_that_were_scored(evaluated, tmp_path):
    file, real, models = evaluated
    bundle(file.path, tmp_path / "i.zip")
    found = verify(tmp_path / "i.zip", real=real, fakes={**models, "good": models["bad"]})
    first = found.rows[0]
    assert not found.ok and first.outcome == "differs"
    assert f"fake images: {models['good'].fingerprint[:12]} and " in "".join(first.fields)
    with pytest.raises(InputError, match="other images than those that were scored"):
        bundle(file.path, tmp_path / "f.zip", also="features", real=real,
               fakes={**models, "good": models["bad"]})  # fmt: skip


def test_influences_of_another_score_are_told(evaluated, tmp_path):
    bundle(evaluated[0].path, tmp_path / "i.zip")
    path = forged(
        tmp_path / "i.zip", tmp_path / "f.zip", lambda s: replace(s, std_error=2 * s.std_error)
    )
    found = verify(path)
    assert not found.ok and found.rows[0].outcome == "differs"
    assert "they are of another score" in found.rows[0].reason


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"fakes": np.zeros((4, 4))}, "came without names"),
        ({"fakes": {"great": np.zeros((4, 4))}}, "'great', which is no model"),
    ],
)
def test_fakes_of_no_model_are_refused(evaluated, tmp_path, given, says):
    bundle(evaluated[0].path, tmp_path / "i.zip")
    with pytest.raises(InputError, match=says):
        verify(tmp_path / "i.zip", **given)


def test_nothing_to_compute_is_not_ok(sides, tmp_path):
    score = ganeval.fid(sides["real"], sides["fake"])
    bundle(score, tmp_path / "n.zip")  # without a run, it has no influences
    found = verify(tmp_path / "n.zip")
    assert not found.ok and found.rows[0].outcome == "not recomputed"
    assert json.dumps(found.rows[0].stated)


def test_one_set_of_images_may_be_seen_by_two_nets_and_with_two_kinds_of_groups(tmp_path):
    """Its fingerprint is that of the pixels, whatever was computed from them."""
    images = np.random.default_rng(0).integers(0, 256, (2, 60, 8, 8, 1), dtype=np.uint8)
    real, fake = ({net: ganeval.extract(x, net) for net in ("pixels", "wavelet")} for x in images)
    grouped = replace(real["pixels"], groups=tuple(f"g{i % 12}" for i in range(60)))
    sides = [(real["pixels"], fake["pixels"]), (real["wavelet"], fake["wavelet"])]
    sides.append((grouped, fake["pixels"]))
    scores = [ganeval.kid(*pair) for pair in sides]
    given = {id(score): pair for score, pair in zip(scores, sides, strict=True)}

    def side(score, role):
        return dict(zip(("real", "fake"), given[id(score)], strict=True)).get(role)

    write_bundle([(score, score.estimate) for score in scores], tmp_path / "b.zip",
                 also="features", sides=side)  # fmt: skip
    found = verify(tmp_path / "b.zip")
    assert [row.outcome for row in found.rows] == ["same"] * 3
    assert len({row.stated["std_error"] for row in found.rows}) == 3


@pytest.fixture(scope="module")
def with_card(tmp_path_factory):
    """A bundle of a score by net `pixels`, and of one by `mnist`, which has weights."""
    path = tmp_path_factory.mktemp("cards") / "b.zip"
    images = np.random.default_rng(0).integers(0, 256, (2, 40, 28, 28, 1), dtype=np.uint8)
    scores = [ganeval.kid(*images, feature_net=net) for net in ("pixels", "mnist")]
    bundle(scores, path, also="features", real=images[0], fakes=images[1])
    return path


def with_field(**changes):
    return lambda text: json.dumps({**json.loads(text), **changes})


@pytest.mark.parametrize(
    ("file", "change", "says", "broken"),
    [
        ("cards/1-pixels.json", lambda text: text, "", False),
        ("cards/1-pixels.json", with_field(licence="mine"), "licence: mine and", False),
        ("cards/2-mnist.json", with_field(validation={"accuracy": 1}), "validation: {", False),
        ("cards/1-pixels.json", with_field(resize="odd"), "resize: odd and none", True),
        ("cards/2-mnist.json", with_field(sha256="ab" * 32), "sha256: abab", True),
        ("cards/1-pixels.json", with_field(name="mine"), "no score is by a net", True),
        ("cards/1-pixels.json", with_field(channels="x"), 'has channels "x", wanted a', True),
        ("cards/1-pixels.json", lambda text: text[:-9], "is not a net's card", True),
        ("cards/1-pixels.json", lambda text: "[" * 9999, "is not a net's card", True),
    ],
)
def test_a_card_that_was_changed_is_named(with_card, tmp_path, file, change, says, broken):
    """One that is not of the net that scored is no card of its scores."""
    found = verify(repacked(with_card, tmp_path / "f.zip", file, change))
    assert [row.outcome for row in found.rows] == ["same"] * 2
    card, other = sorted(found.cards, key=lambda one: one.file != file)
    assert card.broken is broken and found.ok is not broken and other.fields == ()
    assert len(card.fields) == bool(says) and says in "".join(card.fields)
    assert ("1 card of another net than scored" in str(found)) is broken


def test_a_card_of_a_net_that_is_not_here_has_the_weights_that_its_scores_say(with_card, tmp_path):
    def renamed(text):
        return text.replace('"mnist"', '"their own"')

    def of_others(text):
        return renamed(with_field(sha256="ab" * 32)(text))

    here = repacked(with_card, tmp_path / "a.zip", "scores.jsonl", renamed)
    for change, n_odd in ((renamed, 0), (of_others, 1)):
        found = verify(repacked(here, tmp_path / f"{n_odd}.zip", "cards/2-mnist.json", change))
        assert sum(card.broken for card in found.cards) == n_odd
