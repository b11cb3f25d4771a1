"""Features as arrays and tables of other libraries."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
import torch

import ganeval
from ganeval.errors import InputError
from ganeval.features import as_features

ROWS = np.random.default_rng(0).normal(size=(40, 3))
NAMES = ["a", "b", "c"]


class Tensor(torch.Tensor):
    """A subclass, as fastai's and torchvision's are."""


class OfJax:
    """An array that is known by `__array__` alone."""

    def __init__(self, rows):
        self.rows, self.shape, self.dtype = rows, rows.shape, rows.dtype

    def __array__(self, dtype=None, copy=None):
        return self.rows

    def __len__(self):
        return len(self.rows)


class OfCuPy(OfJax):
    """An array whose memory is elsewhere, so that it refuses NumPy and speaks DLPack."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Implicit conversion to a NumPy array is not allowed")

    def __dlpack__(self, **options):
        return self.rows.__dlpack__()

    def __dlpack_device__(self):
        return self.rows.__dlpack_device__()


def mapped(rows, folder):
    found = np.lib.format.open_memmap(folder / "m.npy", "w+", rows.dtype, rows.shape)
    found[:] = rows
    return found


FORMS = {
    "float32": lambda rows, _: rows.astype(np.float32),
    "byte order": lambda rows, _: rows.astype(">f8"),
    "not contiguous": lambda rows, _: np.asfortranarray(rows)[::-1][::-1],
    "memory map": mapped,
    "matrix": lambda rows, _: np.matrix(rows),
    "masked, nothing hidden": lambda rows, _: np.ma.masked_array(rows),
    "tensor": lambda rows, _: torch.from_numpy(rows),
    "gradients": lambda rows, _: torch.from_numpy(rows).requires_grad_() * 1,
    "parameter": lambda rows, _: torch.nn.Parameter(torch.from_numpy(rows)),
    "subclass": lambda rows, _: torch.from_numpy(rows).as_subclass(Tensor),
    "JAX": lambda rows, _: OfJax(rows),
    "CuPy": lambda rows, _: OfCuPy(rows),
    "pandas": lambda rows, _: pd.DataFrame(rows, columns=NAMES),
    "Polars": lambda rows, _: pl.DataFrame(rows, schema=NAMES),
    "Arrow": lambda rows, _: pa.table(dict(zip(NAMES, rows.T, strict=True))),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_rows_score_the_same_in_any_library(form, tmp_path):
    other = np.random.default_rng(1).normal(size=(30, 3))
    right = ganeval.fid(ROWS, other, interval=False).value
    found = ganeval.fid(form(ROWS, tmp_path), other, interval=False)
    assert found.value == pytest.approx(right, rel=1e-5)
    assert (found.n_real, found.n_fake) == (40, 30)


REFUSED = {
    "scipy sparse": (scipy.sparse.csr_matrix(ROWS), r"is sparse \(csr_matrix\); .*x.toarray\(\)"),
    "sparse array": (scipy.sparse.coo_array(ROWS), "is sparse"),
    "torch sparse": (torch.from_numpy(ROWS).to_sparse(), r"is sparse .*x.to_dense\(\)"),
    "masked": (np.ma.masked_array(ROWS, ROWS > 2), r"masked values of 120; fill them"),
    "longdouble": (ROWS.astype(np.longdouble), "type float128|type longdouble"),
    "complex": (ROWS * 1j, "type complex128; give real numbers"),
    "complex tensor": (torch.from_numpy(ROWS) * 1j, "a tensor that is complex"),
    "object": (ROWS.astype(object), "type object; give real numbers"),
    "text": (ROWS.astype(str), "type <U.*; give real numbers"),
    "meta": (torch.empty(40, 3, device="meta"), "without numbers"),
    "text column": (
        pd.DataFrame(ROWS, columns=NAMES).assign(d="x", e="y"),
        r"columns that are not numbers \(d, e\)",
    ),
    "text in Polars": (pl.DataFrame({"a": [1.0], "d": ["x"]}), r"not numbers \(d\)"),
    "text in Arrow": (pa.table({"a": [1.0], "d": ["x"]}), r"not numbers \(d\)"),
    "truth column": (
        pd.DataFrame(ROWS, columns=NAMES).assign(d=True),
        r"columns that are not numbers \(d\)",
    ),
    "label column": (
        pd.DataFrame(ROWS, columns=NAMES).assign(label=1),
        "has columns label, which is no feature",
    ),
    "index column": (
        pd.DataFrame(ROWS, columns=["Unnamed: 0", "Id", "c"]),
        "columns Unnamed: 0, Id, which are none",
    ),
    "missing number": (pd.DataFrame({"a": [1.0, None, 3.0]}), "NaN"),
}


@pytest.mark.parametrize(("rows", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_rows_of_numbers_is_refused_in_a_line(rows, message):
    with pytest.raises(ganeval.InputError, match=message) as caught:
        ganeval.fid(rows, ROWS)
    assert "\n" not in str(caught.value)


def test_images_come_in_arrays_of_any_library_too():
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    expected = ganeval.extract(images, "pixels").features
    for form in (OfJax, OfCuPy, np.ma.masked_array):
        assert np.array_equal(ganeval.extract(form(images), "pixels").features, expected)
    tensor = torch.from_numpy(images).permute(0, 3, 1, 2).as_subclass(Tensor)
    assert np.array_equal(ganeval.extract(tensor, "pixels").features, expected)
    with pytest.raises(ganeval.InputError, match="masked values"):
        ganeval.extract(np.ma.masked_array(images, images > 3), "pixels")
    with pytest.raises(ganeval.InputError, match="type complex128"):
        ganeval.extract(images * 1j, "pixels")


def test_gradients_are_not_kept():
    rows = torch.from_numpy(ROWS).requires_grad_()
    assert not as_features(rows).features.requires_grad


@pytest.mark.parametrize("shape", [(5, 0), (0, 4)])
def test_rows_without_a_row_or_a_column_are_refused(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    for rows in (np.zeros(shape), tmp_path / "a.npy"):
        with pytest.raises(InputError, match="no image or no feature"):
            as_features(rows)


OTHER = np.random.default_rng(1).normal(size=(30, 3)) * [1, 5, 25]
ORDER = [2, 0, 1]


def named(make, rows, names):
    return make(dict(zip(names, rows.T, strict=True)))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_columns_of_two_tables_are_matched_by_name(make, tmp_path):
    first = named(make, ROWS * [1, 5, 25], NAMES)
    second = named(make, OTHER[:, ORDER], [NAMES[i] for i in ORDER])
    right = ganeval.kid(ROWS * [1, 5, 25], OTHER).value
    assert ganeval.kid(first, second).value == pytest.approx(right, rel=1e-12)
    features = as_features(second)
    features.save(tmp_path / "b.npz")
    assert ganeval.kid(first, tmp_path / "b.npz").value == pytest.approx(right, rel=1e-12)
    assert ganeval.kid(first, OTHER).value == pytest.approx(right, rel=1e-12)  # by position
    with pytest.raises(InputError, match="only real has c, only fake has d; give both the same"):
        ganeval.kid(first, named(make, OTHER, ["a", "b", "d"]))


def test_training_images_and_searched_ones_are_matched_by_name_too():
    train = np.random.default_rng(2).normal(size=(50, 3)) * [1, 5, 25]
    real, fake = pd.DataFrame(ROWS, columns=NAMES), pd.DataFrame(OTHER, columns=NAMES)
    trained = pd.DataFrame(train, columns=NAMES)
    right = ganeval.ct(ROWS, OTHER, train=train).value
    assert ganeval.ct(real, fake[["c", "a", "b"]], train=trained[["b", "c", "a"]]).value == right


def test_columns_without_names_are_taken_by_position():
    right = ganeval.kid(ROWS, OTHER).value
    for plain in (pd.DataFrame(ROWS), pl.DataFrame(ROWS)):
        found = ganeval.kid(plain, pd.DataFrame(OTHER, columns=NAMES))
        assert found.value == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize(
    "column", ["ImageNumber", "ObjectNumber", "index", "id", "", "Unnamed: 3", "Metadata_Well"]
)
def test_columns_that_number_or_describe_images_are_no_features(column):
    with pytest.raises(InputError, match="which is no feature; leave out"):
        ganeval.kid(pd.DataFrame(ROWS, columns=["a", "b", column]), ROWS)


def test_a_name_that_two_columns_have_is_refused():
    with pytest.raises(InputError, match="has two columns named a; rename one"):
        ganeval.kid(pd.DataFrame(ROWS, columns=["a", "b", "a"]), ROWS)
