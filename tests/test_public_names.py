import importlib
import inspect

import pytest

import ganeval
from ganeval import _public


def test_every_public_name_is_in_all():
    names = {
        n for n, v in vars(_public).items() if not n.startswith("_") and not inspect.ismodule(v)
    }
    assert {*names, "__version__"} == set(ganeval.__all__) == set(dir(ganeval))


def test_a_name_that_there_is_none_of_is_told_as_usual():
    with pytest.raises(AttributeError, match="module 'ganeval' has no attribute 'fidd'"):
        ganeval.fidd  # noqa: B018
    assert ganeval.metrics is importlib.import_module("ganeval.metrics")


@pytest.mark.parametrize("name", ganeval.__all__)
def test_every_public_name_is_documented(name):
    assert inspect.getdoc(getattr(ganeval, name))
