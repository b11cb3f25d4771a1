import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.suites.models import check_names

ROWS = np.zeros((60, 4))


@pytest.mark.parametrize("models", [[ROWS, ROWS], ROWS, None, "folder"])
def test_models_without_names_are_refused_in_words(models):
    with pytest.raises(InputError, match="without names; wanted a dict from names to images"):
        check_names(models)


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_none(name):
    with pytest.raises(InputError, match="a model has an empty name"):
        check_names({"a": 1, name: 2})
