import inspect

import pytest

import ganeval


def test_every_public_name_is_in_all():
    names = {
        n for n, v in vars(ganeval).items() if not n.startswith("_") and not inspect.ismodule(v)
    }
    assert names == set(ganeval.__all__) - {"__version__"}


@pytest.mark.parametrize("name", ganeval.__all__)
def test_every_public_name_is_documented(name):
    assert inspect.getdoc(getattr(ganeval, name))
