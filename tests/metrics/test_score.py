import copy
import json
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.metrics import METRICS, Score, fid

SCORE = Score(
    metric="fid",
    value=1.62,
    corrected=1.4,
    interval=(1.28, 1.52),
    level=0.95,
    std_error=0.057,
    better="lower",
    n_real=2000,
    n_fake=2000,
    details={"mean_term": 0.2, "spectrum": [1.0, 2.0]},
    warnings=("odd",),
    protocol={"metric": "fid", "net": {"name": "lin41"}},
    protocol_id="0123456789abcdef",
)


def test_the_printed_line():
    assert str(SCORE) == (
        "FID (lin41):  1.620  (corrected 1.400, 95 % CI 1.280 to 1.520, n = 2000 / 2000)"
    )


def test_groups_are_printed_with_the_interval():
    assert str(replace(SCORE, n_groups=12)).endswith("n = 2000 / 2000, 12 groups)")


def test_a_missing_interval_says_why():
    score = replace(
        SCORE,
        corrected=None,
        interval=None,
        std_error=None,
        n_real=100,
        n_fake=100,
        details={"no_interval": "fewer images than features"},
    )
    assert str(score) == (
        "FID (lin41):  1.620  (no interval: fewer images than features; n = 100 / 100)"
    )


def test_inception_prints_the_bare_line_that_scripts_look_for():
    lines = str(replace(SCORE, protocol={"net": {"name": "inception"}})).splitlines()
    assert lines == ["FID:  1.620", "(corrected 1.400, 95 % CI 1.280 to 1.520, n = 2000 / 2000)"]
    assert str(replace(SCORE, protocol={"net": {"name": "inception:clean"}})).startswith(
        "FID (inception:clean):  1.620  ("
    )


def test_plain_arrays_have_no_net():
    assert str(replace(SCORE, protocol={"net": None})).startswith("FID (features):  1.620  (")


def test_statistics_files_do_not_say_how_many():
    assert "n = unknown / 2000" in str(replace(SCORE, n_real=None))


@pytest.mark.parametrize("n_real", [None, 300])
def test_a_score_of_the_fakes_alone_says_so(n_real):
    score = replace(SCORE, metric="inception_score", n_real=n_real)
    assert str(score).endswith("n = 2000 fakes)")


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (12.3456, "12.346"),
        (0.0123456, "0.01235"),
        (-1e-14, "0.000"),
        (0.0, "0.000"),
        (1.23456e28, "1.235e+28"),
        (math.nan, "undefined"),
    ],
)
def test_small_and_large_numbers_keep_four_digits(value, printed):
    score = replace(SCORE, value=value, corrected=None, interval=None, std_error=None)
    assert str(score) == f"FID (lin41):  {printed}  (n = 2000 / 2000)"


def test_json_is_one_strict_line_and_comes_back_equal():
    text = SCORE.to_json()
    assert "\n" not in text
    assert Score.from_json(text) == SCORE
    data = json.loads(text)
    assert list(data) == [
        "metric", "value", "corrected", "interval", "level", "std_error", "better", "n_real",
        "n_fake", "n_groups", "details", "warnings", "protocol", "protocol_id",
    ]  # fmt: skip
    assert data["n_groups"] is None


def test_what_is_not_defined_is_null():
    score = replace(SCORE, value=math.nan, details={"odds": math.inf})
    data = json.loads(score.to_json(), parse_constant=lambda name: pytest.fail(name))
    assert data["value"] is None
    assert data["details"] == {"odds": None}
    assert math.isnan(Score.from_json(score.to_json()).value)


def test_a_score_is_its_value_as_a_float():
    assert float(SCORE) == SCORE.value
    assert f"{SCORE:.1f} {SCORE:8.3f}" == "1.6    1.620"
    assert f"{SCORE}" == str(SCORE)
    assert round(SCORE, 1) == 1.6
    assert round(SCORE) == 2


def test_scores_are_ordered_by_their_values_and_equal_only_as_a_whole():
    other = replace(SCORE, value=2.0)
    assert min(other, SCORE) is SCORE
    assert SCORE < other and other > SCORE and SCORE <= 1.62 and SCORE >= np.float64(1.62)
    assert not SCORE < 1.62 and not SCORE > 1.62
    assert replace(SCORE) == SCORE != replace(SCORE, warnings=())
    assert SCORE != 1.62


def test_a_dictionary_for_trackers_has_numbers_only():
    assert SCORE.log_dict() == {
        "fid": 1.62,
        "fid/corrected": 1.4,
        "fid/low": 1.28,
        "fid/high": 1.52,
        "fid/n_real": 2000.0,
        "fid/n_fake": 2000.0,
    }
    bare = replace(SCORE, corrected=None, interval=None, n_real=None)
    assert bare.log_dict() == {"fid": 1.62, "fid/n_fake": 2000.0}


def test_a_dictionary_of_all_fields_is_what_json_has():
    strange = replace(SCORE, details={"all": np.arange(3), "none": math.nan, 5: (np.float32(0.5),)})
    for score in (SCORE, strange):
        assert score.to_dict() == json.loads(score.to_json())
    assert strange.to_dict()["details"] == {"all": [0, 1, 2], "none": None, "5": [0.5]}
    assert "estimate" not in SCORE.to_dict()


def test_influences_come_along_by_pickle_but_not_by_json():
    rng = np.random.default_rng(0)
    score = fid(rng.standard_normal((50, 3)), rng.standard_normal((40, 3)) + 1)
    for again in (pickle.loads(pickle.dumps(score)), copy.deepcopy(score)):
        assert again == score
        assert again.estimate.interval(0.95) == score.interval
        for before, now in zip(score.estimate.parts, again.estimate.parts, strict=True):
            np.testing.assert_array_equal(now.influence, before.influence)
    read = Score.from_json(score.to_json())
    assert read == score
    assert read.estimate is None
    assert "influence" not in repr(score) + score.to_json()


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "{}", '{"metric": "fid", "other": 1}'])
def test_other_json_is_not_a_score(text):
    with pytest.raises(InputError, match="not a score"):
        Score.from_json(text)


def test_metrics_are_found_by_name_and_an_unknown_one_lists_them():
    assert [METRICS[name].command for name in ("fid", "kid", "inception_score")] == [
        "fid",
        "kid",
        "is",
    ]
    with pytest.raises(InputError, match="unknown metric 'fidd'; did you mean 'fid'"):
        METRICS["fidd"]


EDITS = [
    ("value", "1.62", "field value: expected float | null, got str"),
    ("value", True, "field value: expected float | null, got bool"),
    ("interval", [1.0], "field interval: expected array of length 2"),
    ("interval", [2.0, 1.0], "field interval: expected [low, high]"),
    ("interval", 3, "field interval: expected array | null, got int"),
    ("level", 1.0, "field level: expected a share between 0 and 1"),
    ("std_error", -1.0, "field std_error: expected 0 or more"),
    ("better", "upwards", "field better"),
    ("n_real", 3.5, "field n_real: expected int | null, got float"),
    ("n_real", 10**30, "a whole number of more than 64 bits"),
    ("metric", "../../x", "field metric: expected a name"),
    ("warnings", "text", "field warnings: expected array, got str"),
    ("details", [1], "field details: expected object, got array"),
    ("details", {"no_interval": 3}, "field details.no_interval"),
    ("details", {"model": {}}, "field details.model: expected str"),
    ("protocol", None, "field protocol: expected object, got null"),
    ("protocol", {"net": "lin41"}, "field protocol.net: expected object | null, got str"),
    ("protocol", {"net": {"name": 3}}, "field protocol.net.name: expected str, got int"),
    ("protocol", {"data": {"real": []}}, "field protocol.data[...]: expected object, got array"),
]


@pytest.mark.parametrize(("field", "value", "problem"), EDITS)
def test_a_field_of_another_type_or_range_is_named_in_one_line(field, value, problem):
    data = json.loads(SCORE.to_json()) | {field: value}
    with pytest.raises(InputError) as error:
        Score.from_json(json.dumps(data))
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("0.057", "NaN", "not strict JSON"),
        ("0.057", "1e999", "not strict JSON: number out of range"),
        ("0.2", "[" * 1000 + "]" * 1000, "nested more than 64 deep"),
        ("0.2", "[" * 10**6, "nested more than 64 deep"),
        ('"odd"', '"\\ud800"', "not strict JSON"),
    ],
)
def test_what_is_no_strict_json_is_refused_in_one_line(old, new, problem):
    text = SCORE.to_json()
    assert old in text
    with pytest.raises(InputError) as error:
        Score.from_json(text.replace(old, new))
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
