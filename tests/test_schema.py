from typing import Any, TypedDict

import pytest

from ganeval.schema import MAX_DEPTH, check_protocol, decode, read_json


class Form(TypedDict):
    count: int
    share: float
    names: tuple[str, ...]
    more: dict[str, Any] | None


WHOLE = '{"count": 3, "share": 1, "names": ["a"], "more": {"x": [1]}}'


def test_what_fits_is_read_in_the_types_of_the_form():
    found = read_json(WHOLE, Form)
    assert found == {"count": 3, "share": 1.0, "names": ("a",), "more": {"x": [1]}}
    assert isinstance(found["share"], float)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"count": 3, ', "", "object missing required field count"),
        ("3", '"3"', "field count: expected int, got str"),
        ("3", "true", "field count: expected int, got bool"),
        ("3", "3.0", "field count: expected int, got float"),
        ('["a"]', '["a", 2]', r"field names\[1\]: expected str, got int"),
        ('{"x": [1]}', "[1]", "field more: expected object | null, got array"),
    ],
)
def test_what_does_not_fit_is_named(old, new, problem):
    assert old in WHOLE
    with pytest.raises(ValueError, match=problem):
        read_json(WHOLE.replace(old, new, 1), Form)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not strict JSON"),
        (b"\xff", "not strict JSON"),
        ("[NaN]", "not strict JSON"),
        ("[1e999]", "number out of range"),
        ("[Infinity]", "not strict JSON"),
        ("[" + "9" * 30 + "]", "more than 64 bits"),
        ("[" + "9" * 9999 + "]", "out of range"),
        ('["\\ud800"]', "not strict JSON"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested more than 64 deep"),
        ("[" * 10**6, "nested more than 64 deep"),
        ('{"a":' * 10**5, "nested more than 64 deep"),
    ],
)
def test_only_strict_json_of_bounded_depth_and_size_is_decoded(text, problem):
    with pytest.raises(ValueError, match=problem):
        decode(text)


def test_depth_within_the_bound_is_decoded():
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert decode(text)


def test_a_protocol_may_hold_more_than_we_read_but_no_other_types():
    check_protocol({"net": {"name": "x", "more": 1}, "images": None, "whatever": [1]})
    with pytest.raises(ValueError, match="field protocol.net.name: expected str, got int"):
        check_protocol({"net": {"name": 1}})


SEEN = {"range": [[0.0, 1.0]] * 3, "values": 12, "outside": 1, "below": 0}


@pytest.mark.parametrize(
    ("observed", "declared", "problem"),
    [
        ({"range": []}, None, "observed.range"),
        ({"range": [[1.0, 0.0]]}, None, "observed.range"),
        ({"values": 0}, None, "counts from 0"),
        ({"outside": -1}, None, "counts from 0"),
        ({"below": 13}, None, "counts from 0"),
        ({}, [], "pairs that rise"),
        ({}, [[1.0, 1.0]], "pairs that rise"),
        ({}, [[0.0, 1.0]] * 2, "expected 1 or 3 pairs, got 2"),
    ],
)
def test_ranges_and_counts_that_no_images_have_are_refused(observed, declared, problem):
    whole = {"images": {"value_range": [[0.0, 1.0]]}, "observed": SEEN}
    check_protocol({**whole, "data": {"real": whole}})
    wrong = {
        "images": {"value_range": declared or ([[0.0, 1.0]] if declared is None else [])},
        "observed": {**SEEN, **observed},
    }
    for protocol in (wrong, {"data": {"real": wrong}}):
        with pytest.raises(ValueError, match=problem):
            check_protocol(protocol)
