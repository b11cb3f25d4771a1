import numpy as np
import pytest
import torch

from ganeval.arrays import less, smallest

DTYPES = ["bool", "uint8", "int16", "uint16", "float16", "float32", ">f4", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 7, 600])
def test_rows_less_a_centre_are_those_of_float64_whatever_their_type(n, dtype):
    rows = np.random.default_rng(0).integers(0, 2, (n, 400)).astype(dtype)
    centre = torch.linspace(-1, 1, 400, dtype=torch.float64)
    parts = [(part, x.numpy().copy()) for part, x in less(rows, centre)]
    assert np.concatenate([np.arange(n)[part] for part, _ in parts]).tolist() == list(range(n))
    expected = rows.astype(np.float64) - centre.numpy()
    np.testing.assert_array_equal(np.concatenate([x for _, x in parts]), expected)


def test_rows_less_a_centre_stay_as_they_are():
    rows = torch.ones(3, 2, dtype=torch.float64)
    for _, x in less(rows, torch.ones(2, dtype=torch.float64)):
        x += 5
    assert (rows == 1).all()


@pytest.mark.parametrize("count", [1, 3, 5, 9])
def test_the_smallest_of_each_row_are_those_that_sorting_puts_first(count):
    x = np.random.default_rng(0).integers(0, 4, (6, 5)).astype(float)
    np.testing.assert_array_equal(np.sort(smallest(x, count)), np.sort(x)[:, :count])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("where", ["rows", "centre"])
def test_rows_and_their_centre_may_lie_on_different_devices(where):
    rows, centre = torch.randn(700, 3), torch.randn(3, dtype=torch.float64)
    expected = rows.double() - centre
    given = (rows.cuda(), centre) if where == "rows" else (rows.numpy(), centre.cuda())
    found = [x.cpu().clone() for _, x in less(*given)]
    assert torch.cat(found) == pytest.approx(expected, rel=1e-15)
