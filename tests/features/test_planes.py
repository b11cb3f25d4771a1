import numpy as np
import pytest

import ganeval
from ganeval import InputError, open_images


@pytest.fixture
def volumes(tmp_path, rng):
    """Two volumes of 6 x 8 x 8 voxels, empty at their first two planes."""
    array = rng.integers(1, 256, (2, 6, 8, 8)).astype(np.uint8)
    array[:, :2] = 0
    np.save(tmp_path / "volumes.npy", array)
    return tmp_path / "volumes.npy"


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_empty_planes_count_and_are_counted(volumes):
    features = ganeval.extract(open_images(volumes, axes="NZYX", planes="z"), "pixels")
    assert len(features) == 12
    assert "4 of 12 planes have one value everywhere; they count like others" in features.warnings
    assert features.groups == ("0",) * 6 + ("1",) * 6


def test_planes_of_two_sizes_need_a_net_that_resizes(volumes):
    source = open_images(volumes, axes="NZYX", planes="xz")
    assert any("planes have 2 sizes, 6 x 8 to 8 x 8 pixels" in note for note in source.notes)
    with pytest.raises(InputError, match=r"is 8 x 8 pixels .* and net 'pixels' does not resize"):
        ganeval.extract(source, "pixels")
