"""Damaged and forged input is used or refused in one line; more: benchmarks.faults.fuzz."""

import re
import runpy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import GanevalError

_of_this_folder = Path(__file__).with_name("targets.py")
TARGETS = runpy.run_path(str(_of_this_folder))["TARGETS"]

NO_NUMBER = re.compile(r"(?i)(?<![\w/.-])-?(nan|inf)(?![\w/.-])")


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25, derandomize=True, database=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_input_is_used_or_refused_in_one_line(name, seed):
    try:
        said = TARGETS[name].run(seed)
    except GanevalError as error:
        assert "\n" not in str(error)
        return
    assert not NO_NUMBER.search(said)


@pytest.mark.parametrize("name", TARGETS)
def test_every_example_is_valid_before_it_is_damaged(name, tmp_path):
    for file, content in TARGETS[name].examples().items():
        path = tmp_path / file.replace(".", "_") / file
        path.parent.mkdir()
        path.write_bytes(content)
        if file.endswith(".pth"):  # an Inception of two classes: the file is read, and then refused
            continue
        assert TARGETS[name].use(path)
