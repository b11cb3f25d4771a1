import numpy as np
import pytest
import torch

from ganeval.metrics.pairs import Balls, count_within, distances, nearest, neighbours, tiles_within


def rows(n, d=6, *, seed=0, offset=0.0):
    return np.random.default_rng(seed).standard_normal((n, d)) + offset


def clusters(n, d=6, *, seed=0):
    """Tight clusters far from each other: float32 products see nothing within one."""
    centers = 1e4 * np.random.default_rng(7).standard_normal((3, d))
    return rows(n, d, seed=seed) + centers[np.arange(n) % 3]


def integers(n, d=6, *, seed=0):
    """Copies and ties everywhere."""
    return np.random.default_rng(seed).integers(0, 3, (n, d)).astype(np.float64)


def brute_force(x, y):
    """[n, m] squared distances in extended precision, from differences."""
    return ((x[:, None].astype(np.longdouble) - y[None].astype(np.longdouble)) ** 2).sum(-1)


MAKERS = pytest.mark.parametrize("make", [rows, clusters, integers])
TILES = pytest.mark.parametrize("tile", [7, 1024])


@MAKERS
@TILES
def test_neighbours_are_those_of_all_pairs(make, tile, monkeypatch):
    monkeypatch.setattr(distances, "TILE", tile)
    x, y = make(60), make(47, seed=1)
    for k in (1, 4, 47):
        found = nearest(x, y, k)
        table = brute_force(x, y)
        order = np.argsort(table, axis=1, kind="stable")[:, :k]
        np.testing.assert_array_equal(found.rows, order)
        np.testing.assert_allclose(
            found.squared, np.take_along_axis(table, order, 1).astype(float), rtol=1e-14
        )


@MAKERS
@TILES
def test_an_image_is_not_its_own_neighbour_but_its_copy_is(make, tile, monkeypatch):
    monkeypatch.setattr(distances, "TILE", tile)
    x = make(60)
    x[31] = x[5]
    table = brute_force(x, x)
    np.fill_diagonal(table, np.inf)
    found = nearest(x, None, 3)
    np.testing.assert_array_equal(found.rows, np.argsort(table, axis=1, kind="stable")[:, :3])
    assert found.squared[31, 0] == found.squared[5, 0] == 0


@pytest.mark.parametrize("offset", [0.0, 30.0, 1e6])
def test_an_offset_costs_no_digits(offset):
    x, y = rows(200, offset=offset), rows(150, seed=1, offset=offset)
    table = brute_force(x, y).min(1).astype(float)
    np.testing.assert_allclose(nearest(x, y, 1).squared[:, 0], table, rtol=1e-14)


@MAKERS
@pytest.mark.parametrize("d", [1, 6, 37])
def test_order_tiles_and_precision_of_products_move_no_bit(make, d, monkeypatch):
    x, y = make(70, d), make(50, d, seed=1)
    expected = nearest(x, y, 5).squared
    order = np.random.default_rng(3).permutation(50)
    assert torch.equal(nearest(x, y[order], 5).squared, expected)
    assert torch.equal(nearest(x[::-1], y, 5).squared.flip(0), expected)
    assert torch.equal(nearest(torch.from_numpy(x), torch.from_numpy(y), 5).squared, expected)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(nearest(x, y, 5).squared, expected)
    monkeypatch.setattr(distances, "TILE", 7)
    monkeypatch.setattr(distances, "_CHUNK", 40)
    assert torch.equal(nearest(x, y, 5).squared, expected)


def test_products_of_less_than_single_precision_are_not_trusted():
    x = rows(50)
    before = torch.get_float32_matmul_precision()
    try:
        assert distances.pair(x, x)[0].coarse == torch.float32
        torch.set_float32_matmul_precision("medium")
        assert distances.pair(x, x)[0].coarse == torch.float64
    finally:
        torch.set_float32_matmul_precision(before)


def test_the_bounds_hold_and_are_tight():
    """In float32 and float64, at norms of very different size."""
    x = rows(80, 300) * np.logspace(-6, 3, 80)[:, None]
    y = rows(70, 300, seed=1, offset=2.0)
    a, b = distances.pair(x, y)
    table = brute_force(x, y) * a.scale**2
    for dtype, width in ((torch.float32, 1e-3), (torch.float64, 1e-12)):
        product = a.product(slice(0, 80), b, slice(0, 70), dtype).double()
        low = (product + a.low(dtype)[:, None] + b.low(dtype)).numpy()
        high = (product + a.high(dtype)[:, None] + b.high(dtype)).numpy()
        assert (low <= table).all()
        assert (table <= high).all()
        assert (high - low < width * (a.norms[:, None] + b.norms).numpy() + 1e-29).all()


@MAKERS
def test_what_float32_cannot_tell_gets_a_second_look(make, monkeypatch):
    looked = []
    second_look = neighbours._second_look

    def spy(x, y, rows, *more):
        looked.append(len(rows))
        return second_look(x, y, rows, *more)

    monkeypatch.setattr(neighbours, "_second_look", spy)
    nearest(make(90), make(300, seed=1), 2)
    assert (sum(looked) > 0) == (make is not rows)


def expected_counts(x, y, radii, around_x, closed):
    table = brute_force(x, y)
    limit = radii[:, None] if around_x else radii[None]
    inside = table <= limit if closed else table < limit
    return inside.sum(1), inside.sum(0)


@MAKERS
@TILES
@pytest.mark.parametrize("closed", [True, False])
def test_balls_hold_what_all_pairs_say(make, tile, closed, monkeypatch):
    """The radii are themselves distances between rows, so that integers lie on the edge."""
    monkeypatch.setattr(distances, "TILE", tile)
    x, y = make(60), make(47, seed=1)
    of_x = nearest(x, y, 3).squared[:, 2]  # an edge: the third y itself
    of_y = nearest(y, x, 2).squared[:, 1]
    if make is not integers:  # an edge in extended precision is not one in float64
        of_x, of_y = of_x * (1 + 1e-13), of_y * (1 + 1e-13)
    found = count_within(x, y, [Balls(of_x, True, closed), Balls(of_y, False, closed)])
    for counts, radii, around_x in zip(found, (of_x, of_y), (True, False), strict=True):
        expected = expected_counts(x, y, radii.numpy(), around_x, closed)
        np.testing.assert_array_equal(counts.of_x, expected[0])
        np.testing.assert_array_equal(counts.of_y, expected[1])


@MAKERS
def test_tiles_hold_every_pair_once_and_columns_stay_together(make, monkeypatch):
    monkeypatch.setattr(distances, "TILE", 7)
    x, y = make(60), make(47, seed=1)
    radii = nearest(x, None, 3).squared[:, 2] * (1 + 1e-13)
    table, order = np.full((60, 47), -1), []
    for i, j, (inside,) in tiles_within(x, y, [Balls(radii, True, True)]):
        assert (table[i, j] == -1).all()
        table[i, j] = inside
        order.append((j.start, i.start))
    np.testing.assert_array_equal(table, brute_force(x, y) <= radii.numpy()[:, None])
    assert order == sorted(order)


@MAKERS
def test_the_edge_of_a_ball_belongs_to_it_only_where_it_is_closed(make):
    """The k-th nearest is inside a closed ball of its own distance, and outside an open one."""
    x, y = make(60, 37), make(47, 37, seed=1)
    radii = nearest(x, y, 4).squared[:, 3]
    closed, opened = count_within(x, y, [Balls(radii, True, True), Balls(radii, True, False)])
    assert (closed.of_x >= 4).all()
    assert (opened.of_x <= 3).all()
    if make is not integers:
        assert (closed.of_x == 4).all()
        assert (opened.of_x == 3).all()


def test_copies_everywhere_and_one_far_away():
    x = np.ones((40, 3))
    x[7] = 1e30
    found = nearest(x, None, 2)
    others = np.arange(40) != 7
    assert (found.squared[others] == 0).all()
    np.testing.assert_allclose(found.squared[7], 3e60)
    np.testing.assert_array_equal(found.rows[7], [0, 1])
    zero = torch.zeros(40, dtype=torch.float64)
    closed, opened = count_within(x, x, [Balls(zero, True, True), Balls(zero, True, False)])
    np.testing.assert_array_equal(closed.of_x, np.where(others, 39, 1))
    assert not opened.of_x.any()


def test_half_precision_and_integers_are_rows_too():
    x = torch.from_numpy(integers(30))
    expected = nearest(x, None, 2)
    for dtype in (torch.float16, torch.bfloat16, torch.uint8, torch.float32):
        assert torch.equal(nearest(x.to(dtype), None, 2).squared, expected.squared)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@MAKERS
def test_a_gpu_gives_the_same_bits(make):
    x, y = (torch.from_numpy(make(900, 200, seed=seed)) for seed in range(2))
    here, there = nearest(x, y, 5), nearest(x.cuda(), y.cuda(), 5)
    assert torch.equal(there.squared.cpu(), here.squared)
    assert torch.equal(there.rows.cpu(), here.rows)
    radii = here.squared[:, 4]
    (counts,) = count_within(x, y, [Balls(radii, True, False)])
    (on_gpu,) = count_within(x.cuda(), y.cuda(), [Balls(radii.cuda(), True, False)])
    assert torch.equal(on_gpu.of_x.cpu(), counts.of_x)
    assert torch.equal(on_gpu.of_y.cpu(), counts.of_y)
