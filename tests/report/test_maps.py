import numpy as np
import pytest

from ganeval.errors import InputError, MissingExtraError
from ganeval.features import Features
from ganeval.report.page.maps import MAPS, MOST_IMAGES, map_of


def sets(n=60):
    """Reals of two kinds far apart, and fakes of one of them alone."""
    rng = np.random.default_rng(0)
    kinds = np.repeat([0.0, 30.0], n // 2)[:, None]
    return [
        ("real", as_features(rng.normal(size=(n, 5)) + kinds)),
        ("fake", as_features(rng.normal(size=(n, 5)))),
    ]


def as_features(rows):
    return Features(rows, tuple(map(str, range(len(rows)))), name="rows", fingerprint="x")


def apart(found):
    """Distance of the fakes from each kind of reals, over the spread of the fakes."""
    (_, real), (_, fake) = found.points
    spread = np.linalg.norm(fake - np.median(fake, 0), axis=1).mean()
    kinds = np.array_split(real, 2)
    return [np.linalg.norm(np.median(kind, 0) - np.median(fake, 0)) / spread for kind in kinds]


def test_principal_map_has_the_reals_own_axes():
    given = sets()
    found = map_of(given, "pca")
    real = given[0][1].features
    covariance = np.cov(real.T)
    values, vectors = np.linalg.eigh(covariance)
    first = np.abs((real - real.mean(0)) @ vectors[:, -1])
    assert np.abs(found.points[0][1][:, 0]) == pytest.approx(first)
    assert found.points[0][1].var(0, ddof=1) == pytest.approx(values[::-1][:2])


def test_large_sets_are_thinned():
    assert [len(at) for _, at in map_of(sets(900), "pca").points] == [MOST_IMAGES] * 2


def test_a_map_that_there_is_not_is_refused():
    with pytest.raises(InputError, match="no map 'tsne'; wanted pca or umap"):
        map_of(sets(), "tsne")


def test_umap_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda package: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[umap\]'"):
        map_of(sets(), "umap")


@pytest.mark.peers
def test_umap_keeps_like_images_together_and_is_the_same_each_time():
    given = sets()
    found, again = map_of(given, "umap"), map_of(given, "umap")
    like, other = apart(found)
    assert like < 1 < 3 < other
    for (_, one), (_, two) in zip(found.points, again.points, strict=True):
        assert one.shape == (60, 2)
        assert (one == two).all()


@pytest.mark.peers
def test_umap_leaves_the_global_generator_as_it_was():
    np.random.seed(5)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    map_of(sets(), "umap")
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


@pytest.mark.peers
@pytest.mark.parametrize("n", [2, 4, 8])
def test_umap_of_few_images(n):
    assert [at.shape for _, at in map_of(sets(n), "umap").points] == [(n, 2)] * 2


@pytest.mark.peers
def test_umap_of_too_few_images_is_refused():
    with pytest.raises(InputError, match="needs 4 images; there are 2"):
        map_of([("real", as_features(np.ones((2, 3))))], "umap")


def test_every_map_has_a_test():
    assert list(MAPS) == ["pca", "umap"]
