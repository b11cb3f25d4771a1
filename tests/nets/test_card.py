import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import NetError
from ganeval.nets import Card, fingerprint

PATH = Path("somewhere/card.json")
texts = st.text(max_size=8)
sides = st.integers(1, 10_000)
json_objects = st.dictionaries(
    texts,
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts | st.lists(texts),
    max_size=3,
)
fields = st.fixed_dictionaries(
    {
        "name": st.text(min_size=1, max_size=199).filter(str.isprintable),
        "architecture": texts,
        "channels": st.none() | sides,
        "input_size": st.none() | st.tuples(sides, sides),
        "resize": texts,
        "dtype": st.sampled_from([None, "uint8", "uint16", "float32"]),
        "value_range": st.none()
        | st.lists(st.just((0.0, 0.1)) | st.just((-1.0, 4095.0)), min_size=1).map(tuple),
        "dim": st.none() | sides,
        "classes": st.none() | st.lists(texts, min_size=2, max_size=4).map(tuple),
        "options": json_objects,
        "training": json_objects,
        "validation": json_objects,
        "licence": texts,
        "source": texts,
        "weights": st.sampled_from([None, "w.safetensors"]),
        "sha256": st.sampled_from([None, "0" * 64]),
    }
)


@settings(max_examples=50, deadline=None)
@given(fields)
def test_a_card_survives_its_file(fields):
    card = Card(**fields)
    read = Card.from_json(card.to_json(), path=PATH)
    assert read == card
    assert read.folder == PATH.parent


def card_text(**changes):
    return json.dumps({"name": "n", "architecture": "pixels", "channels": 1, **changes})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not strict JSON"),
        ("{", "not strict JSON"),
        ("[" * 100_000, "nested more than 64 deep"),
        ('{"name": NaN}', "not strict JSON"),
        ("[1]", "expected an object"),
        ("{}", "architecture, channels, name missing"),
        (card_text(colour=1), "unknown fields colour"),
        (card_text(channels=0), "channels 0, wanted a number"),
        (card_text(channels=True), "channels true"),
        (card_text(channels="3"), 'channels "3"'),
        (card_text(name=""), "name"),
        (card_text(name="two\nlines"), "name"),
        (card_text(name=["n"]), "name"),
        (card_text(input_size=[32]), "input_size"),
        (card_text(input_size=[32, 0]), "input_size"),
        (card_text(dtype="int64"), "wanted one of uint8, uint16, float32"),
        (card_text(value_range=[[1, 1]]), "low < high"),
        (card_text(value_range=[0, 1]), "value_range"),
        (card_text(value_range=[]), "value_range"),
        (card_text(dim=1.5), "dim 1.5"),
        (card_text(classes=["one"]), "two or more"),
        (card_text(classes="ab"), "classes"),
        (card_text(options=[]), "options"),
        (card_text(weights="../../secret"), "without folders"),
        (card_text(weights="/etc/passwd"), "without folders"),
        (card_text(weights="c:\\w"), "without folders"),
        (card_text(weights=".."), "without folders"),
        (card_text(sha256="abc"), "64 hexadecimal digits"),
    ],
)
def test_a_broken_card_is_one_line_with_its_path(text, problem):
    with pytest.raises(NetError) as raised:
        Card.from_json(text, path=PATH)
    message = str(raised.value)
    assert str(PATH) in message
    assert problem in message
    assert "\n" not in message
    assert len(message) < 300


def test_what_cannot_be_strict_json_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        Card(name="n", architecture="a", channels=1, validation={"ece": math.nan}).to_json()


def test_fingerprint_follows_what_moves_features_and_nothing_else():
    base = {"name": "a", "architecture": "trunk", "channels": 1, "sha256": "0" * 64}
    expected = fingerprint(Card(**base))
    same = [{"name": "b"}, {"licence": "MIT"}, {"validation": {"accuracy": 1}}, {"dim": 3}]
    other = [
        {"sha256": "1" * 64},
        {"options": {"mean": [0.5]}},
        {"resize": "clean"},
        {"input_size": (8, 8)},
        {"value_range": ((0.0, 4095.0),)},
        {"dtype": "uint16"},
        {"channels": 2},
        {"architecture": "pixels"},
    ]
    assert all(fingerprint(Card(**{**base, **change})) == expected for change in same)
    assert all(fingerprint(Card(**{**base, **change})) != expected for change in other)
