import json

import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.moments import Moments, Origin, is_statistics_file


def rows(n, d, *, offset=0.0, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) @ np.diag(np.arange(1, d + 1)) + (
        offset
    )


def exact(x):
    """Mean and covariance in extended precision."""
    x = x.astype(np.longdouble)
    centred = x - x.mean(0)
    return x.mean(0).astype(float), (centred.T @ centred / (len(x) - 1)).astype(float)


@pytest.mark.parametrize("offset", [0, 10, 1000])
def test_an_offset_costs_no_digits(offset):
    x = rows(500, 6, offset=offset)
    moments = Moments(4)
    for part in np.array_split(x, 13):
        moments.update(part, np.arange(len(part)) % 4)
    mean, cov = exact(x)
    np.testing.assert_allclose(moments.mean, mean, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(moments.cov, cov, rtol=0, atol=1e-12 * np.abs(cov).max())


def test_an_array_may_be_filled_anew():
    x, buffer, moments = rows(60, 3), np.empty((20, 3)), Moments(2)
    blocks = np.empty(20, np.int64)
    for i in range(3):
        buffer[:], blocks[:] = x[20 * i : 20 * i + 20], i % 2
        moments.update(buffer, blocks)
    np.testing.assert_allclose(moments.cov, exact(x)[1], rtol=1e-12, atol=1e-12)
    assert moments.block_sizes.tolist() == [40, 20]
    middle = x[20:40] - exact(x)[0]
    np.testing.assert_allclose(outers(moments)[1], middle.T @ middle, rtol=1e-12, atol=1e-12)
    mean = np.zeros(3)
    given = Moments.given(mean, np.eye(3))
    mean[:] = 1
    assert given.mean.tolist() == [0, 0, 0]


def test_large_batches_are_worked_in_like_small_ones():
    x = rows(5000, 3)
    one, many = Moments(), Moments()
    one.update(x)
    for part in np.array_split(x, 100):
        many.update(part)
    assert one.n == many.n == 5000
    np.testing.assert_allclose(one.cov, many.cov, rtol=1e-12, atol=1e-12)


def test_sums_of_a_block_are_around_the_mean_of_all():
    x, blocks = rows(90, 4, offset=5), np.arange(90) % 3
    gaps = x - exact(x)[0]
    for block, (size, total, outer) in enumerate(Moments.of(x, blocks).around_mean()):
        own = gaps[blocks == block]
        assert size == 30
        np.testing.assert_allclose(total, own.sum(0), rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(outer, own.T @ own, rtol=1e-11, atol=1e-11)


def outers(moments):
    """Of every block, around the mean of all."""
    return np.stack([outer for _, _, outer in moments.around_mean()])


def test_merging_is_exact_around_different_centres():
    x, y = rows(70, 4, offset=1000), rows(50, 4, offset=-3, seed=1)
    a, b = Moments.of(x, np.arange(70) % 5), Moments.of(y, np.arange(50) % 3)
    mean, cov = exact(np.concatenate([x, y]))
    for merged in (a.merge(b), b.merge(a)):
        assert merged.n == 120
        assert merged.block_sizes.tolist() == [31, 31, 30, 14, 14]
        np.testing.assert_allclose(merged.mean, mean, rtol=1e-13)
        np.testing.assert_allclose(merged.cov, cov, rtol=1e-12)
    second = np.concatenate([x[np.arange(70) % 5 == 1], y[np.arange(50) % 3 == 1]]) - mean
    np.testing.assert_allclose(outers(a.merge(b))[1], second.T @ second, rtol=1e-11)


def test_tensors_and_single_precision_are_taken():
    x = rows(40, 3).astype(np.float32)
    np.testing.assert_array_equal(Moments.of(torch.from_numpy(x)).cov, Moments.of(x).cov)
    assert Moments.of(x).cov.dtype == torch.float64


def test_what_was_saved_comes_back(tmp_path):
    origin = Origin("cells", ("abc",), {"p1": 0, "p2": 1}, {"net": {"name": "lin41"}}, ("odd",))
    moments = Moments.of(rows(40, 5), np.arange(40) % 2, origin=origin)
    path = tmp_path / "cells.npz"
    moments.save(path)
    assert is_statistics_file(path)
    assert [p.name for p in tmp_path.iterdir()] == ["cells.npz"]
    again = Moments.load(path)
    assert (again.n, again.d, again.n_blocks) == (40, 5, 2)
    assert again.origin.groups == origin.groups
    assert again.origin.protocol == origin.protocol
    assert again.origin.fingerprint == "abc"
    assert again.origin.warnings == ("odd",)
    np.testing.assert_allclose(again.cov, moments.cov, rtol=1e-14)
    np.testing.assert_allclose(outers(again), outers(moments), rtol=1e-13)


def test_pytorch_fid_reads_our_files_and_we_read_its(tmp_path):
    x = rows(40, 5)
    Moments.of(x).save(tmp_path / "ours.npz")
    with np.load(tmp_path / "ours.npz") as file:  # as pytorch-fid does
        mu, sigma = file["mu"][:], file["sigma"][:]
    np.testing.assert_allclose(sigma, np.cov(x, rowvar=False), rtol=1e-12)
    np.savez_compressed(tmp_path / "theirs.npz", mu=mu, sigma=sigma)
    theirs = Moments.load(tmp_path / "theirs.npz")
    assert theirs.n is None
    assert theirs.n_blocks == 0
    np.testing.assert_array_equal(theirs.mean, mu)
    theirs.save(tmp_path / "again.npz")
    again = Moments.load(tmp_path / "again.npz")
    assert again.n is None
    assert again.origin.fingerprint == theirs.origin.fingerprint != ""


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"features": np.eye(2)}, "holds no statistics"),
        ({"mu": np.array([{}], dtype=object), "sigma": np.eye(1)}, "holds no statistics"),
        ({"mu": np.zeros(3), "sigma": np.eye(2)}, r"mu \(3,\) and sigma \(2, 2\)"),
        ({"mu": np.zeros(2), "sigma": np.array([[1, np.nan], [0, 1]])}, "NaN or Inf"),
        ({"mu": np.zeros(2), "sigma": np.array([[1.0, 2.0], [0.0, 1.0]])}, "not symmetric"),
        ({"mu": np.zeros(2), "sigma": -np.eye(2)}, "negative variances"),
        ({"mu": np.zeros(2), "sigma": np.array([[1.0, 5.0], [5.0, 1.0]])}, "negative variances"),
        ({"mu": np.zeros((1, 2)), "sigma": np.eye(2)}, r"wanted \[d\] and \[d, d\]"),
        ({"mu": np.zeros(2), "sigma": np.eye(2) * 1e300}, "beyond 1e\\+15"),
        ({"mu": np.array(["a", "b"]), "sigma": np.eye(2)}, "array mu is <U1"),
        ({"mu": np.zeros(2, complex), "sigma": np.eye(2)}, "array mu is complex128"),
    ],
)
def test_a_file_that_cannot_be_statistics_is_refused(tmp_path, arrays, problem):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(InputError, match=problem):
        Moments.load(tmp_path / "x.npz")


def test_broken_and_missing_files_are_refused(tmp_path):
    path = tmp_path / "x.npz"
    with pytest.raises(InputError, match="does not exist"):
        Moments.load(path)
    assert not is_statistics_file(path)
    path.touch()
    with pytest.raises(InputError, match="holds no statistics"):
        Moments.load(path)
    Moments.of(rows(40, 5), np.arange(40) % 2).save(path)
    path.write_bytes(path.read_bytes()[:500])
    assert not is_statistics_file(path)
    with pytest.raises(InputError, match="holds no statistics"):
        Moments.load(path)


EDITS = {
    "block_outers of another d": lambda a: {"block_outers": a["block_outers"][:, 1:]},
    "one axis less": lambda a: {"block_sums": a["block_sums"].ravel()},
    "a sum that is NaN": lambda a: {"block_sums": a["block_sums"] * np.nan},
    "another mean": lambda a: {"mu": a["mu"] + 1},
    "another covariance": lambda a: {"sigma": 2 * a["sigma"]},
    "other sums": lambda a: {"block_sums": a["block_sums"] + 3},
    "another number": lambda a: {"n": a["n"] + 1},
    "a number that is text": lambda a: {"n": np.array("40")},
    "negative sizes": lambda a: {"block_sizes": a["block_sizes"] * -1},
    "sizes that are no whole numbers": lambda a: {"block_sizes": a["block_sizes"] + 0.5},
    "no JSON": lambda a: {"ganeval": a["ganeval"][:-1]},
    "a field less": lambda a: {"ganeval": _edited(a, "parts", None)},
    "a name that is a number": lambda a: {"ganeval": _edited(a, "name", 3)},
    "a protocol that is a list": lambda a: {"ganeval": _edited(a, "protocol", [1])},
    "a net that is text": lambda a: {"ganeval": _edited(a, "protocol", {"net": "inception"})},
    "a block that is not there": lambda a: {"ganeval": _edited(a, "groups", {"plate": 9})},
    "a bomb": lambda a: {"ganeval": np.frombuffer(b"[" * 10**5, np.uint8)},
}


def _edited(arrays, name, value):
    meta = json.loads(arrays["ganeval"].tobytes()) | {name: value}
    if value is None:
        del meta[name]
    return np.frombuffer(json.dumps(meta).encode(), np.uint8)


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_whose_parts_do_not_fit_together_is_refused_in_one_line(tmp_path, edit):
    path = tmp_path / "x.npz"
    Moments.of(rows(40, 5), np.arange(40) % 2).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    Moments.load(path)
    np.savez(path, **(arrays | EDITS[edit](arrays)))
    with pytest.raises(InputError, match=r"x\.npz holds no statistics .*; make it with") as error:
        Moments.load(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        (Origin("a", protocol={"net": 1}), Origin("b", protocol={"net": 2}), "differ in net"),
        (
            Origin("a", protocol={"images": {"value_range": [0, 1]}}),
            Origin("b", protocol={"images": {"value_range": [0, 255]}}),
            "differ in images",
        ),
        (Origin("a", groups={"p": 0}), Origin("b"), "only one of a and b has groups"),
        (Origin("a", ("f",)), Origin("b", ("f",)), "share data"),
        (Origin("a", groups={"p": 0}), Origin("b", groups={"p": 1}), "group 'p' is in block 0 of"),
    ],
)
def test_data_that_do_not_belong_together_are_not_merged(first, second, problem):
    with pytest.raises(InputError, match=problem):
        Moments.of(rows(9, 2), origin=first).merge(Moments.of(rows(9, 2), origin=second))


def test_merging_keeps_what_is_known():
    a = Origin("a", ("1",), {"p": 0}, {"net": {"name": "x"}}, ("w",))
    b = Origin("b", ("2",), {"q": 0, "p": 0}, {"net": {"name": "x"}}, ("w", "v"))
    x = rows(9, 2)
    one = Moments.of(x, origin=a).merge(Moments.of(x, origin=b)).origin
    other = Moments.of(x, origin=b).merge(Moments.of(x, origin=a)).origin
    assert one.groups == {"p": 0, "q": 0}
    assert one.warnings == ("w", "v")
    assert one.fingerprint == other.fingerprint
    assert json.dumps(dict(one.protocol)) == '{"net": {"name": "x"}}'


def test_plain_statistics_cannot_be_merged():
    plain = Moments.given(np.zeros(2), np.eye(2), name="theirs.npz")
    with pytest.raises(InputError, match=r"theirs.npz has only mu and sigma"):
        Moments.of(rows(9, 2)).merge(plain)


def test_rows_that_do_not_fit_are_refused():
    moments = Moments(2)
    with pytest.raises(InputError, match="no rows yet"):
        _ = moments.cov
    moments.update(rows(5, 3))
    with pytest.raises(InputError, match="rows have 4 features but the ones before had 3"):
        moments.update(rows(5, 4))
    with pytest.raises(InputError, match="1 of 2 rows of statistics have NaN"):
        moments.update(np.array([[1.0, 2, 3], [np.nan, 0, 0]]))
    with pytest.raises(InputError, match="from 0 to 1"):
        moments.update(rows(2, 3), np.array([0, 2]))
    with pytest.raises(InputError, match="at least 2 rows"):
        _ = Moments.of(rows(1, 3)).cov
