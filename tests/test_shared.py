"""Which rows of a share are at some positions among all."""

import numpy as np
import pytest

from ganeval.distributed import Ranks
from ganeval.shared import Share


@pytest.mark.parametrize("n", [3, 5])
def test_rows_are_found_wherever_their_share_has_them(n):
    """Also where one process has all rows, in another order than they have among all."""
    own = np.array([2, 0, 1])
    share = Share(own[:, None] * 10.0, own, n, ranks=Ranks.__new__(Ranks))
    positions = np.array([1, 2])
    places, rows = share.here(positions)
    assert places.tolist() == [0, 1]
    assert share.rows[rows, 0].tolist() == (10 * positions).tolist()
