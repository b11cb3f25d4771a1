import os
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganeval.errors import InputError
from ganeval.images import open_images, patterns
from ganeval.images.patterns import Pattern

PATTERNS = [r"_(c\d)", r"(?P<label>[a-z]+)_(\d+)", r"^(.*?)/", r"(?i)(CH\d)", r"(a|b)*(c)?",
            r"(\w+)\.", r"(é+)", r"(?<=_)(\d{2,})", r"(x)|(y)"]  # fmt: skip


@given(text=st.sampled_from(PATTERNS), path=st.text("abcxyCH_01/.é", max_size=20))
def test_patterns_find_what_python_finds(text, path):
    expected = re.search(text, path)
    group = "label" if "label" in re.compile(text).groupindex else 1
    span = expected.span(group) if expected and expected[group] is not None else None
    assert Pattern(text, option="label_by", name="label").find(path) == span


@pytest.mark.parametrize(
    ("option", "value"),
    [("label_by", "regex:(a|aa)+$"), ("group_by", "regex:((a|aa)+)+$"), ("stack_by", "(a|aa)+$")],
)
def test_a_pattern_that_would_run_for_ever_ends_in_one_line(
    tmp_path, save, monkeypatch, option, value
):
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    save(tmp_path / f"x/{'a' * 60}.png", np.zeros((2, 2)))
    with pytest.raises(InputError, match=rf"^{option} .* takes more than 0\.2 s on the paths"):
        open_images(tmp_path / "x", **{option: value})


def test_the_time_is_for_all_paths_together(monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.3)
    pattern = Pattern("(a|aa)+$", option="label_by", name="label")
    with pytest.raises(InputError, match="takes more than"):
        for _ in range(2000):
            pattern.find("a" * 24 + "!")


@pytest.mark.parametrize("text", ["(", "a{2,1}()", "(?P<1>a)", "(?<=a+)(b)", "[a-]]("])
def test_what_python_refuses_is_refused(text):
    with pytest.raises(re.error):
        re.compile(text)
    with pytest.raises(InputError, match="is not a regular expression"):
        Pattern(text, option="label_by", name="label")


@pytest.mark.parametrize("kind", ["png", "tif", "zip", "npy", "npz", "jp2"])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(tmp_path, kind):
    os.mkfifo(tmp_path / f"a.{kind}")
    with pytest.raises(InputError, match=rf"a\.{kind} is a named pipe, and a file is wanted"):
        open_images(tmp_path / f"a.{kind}")


def test_a_device_in_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "a.png").symlink_to(os.devnull)
    with pytest.raises(InputError, match="is a device, and a file is wanted"):
        open_images(tmp_path / "a.png")


def test_odd_patterns_bring_no_warning_of_pythons():
    assert Pattern("([[a]&&b])", option="label_by", name="label").find("a&&b]") is not None


def test_repeats_of_repeats_beyond_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(patterns, "MOST_COPIES", 100)
    for text in ("(a{11}){10}", "(a{0,11}){10,}", "(a{11,}b{10})"):
        with pytest.raises(InputError, match="whose product is at most 100"):
            Pattern(text, option="label_by", name="label")
    assert Pattern(r"(\d{4}-\d{2})", option="label_by", name="label").find("a2024-05") == (1, 8)


def test_an_expression_of_more_letters_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(patterns, "MOST_LETTERS", 9)
    with pytest.raises(InputError, match="wanted at most 9 letters"):
        Pattern("(" + "a" * 9 + ")", option="label_by", name="label")
