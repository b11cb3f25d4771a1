from dataclasses import replace

import numpy as np
import pytest

import ganeval
from ganeval.errors import InputError
from ganeval.features import extract_by_all
from ganeval.images import open_images
from ganeval.nets import load_card

NETS = ("pixels", "pixels:32", "mnist")


class Counting:
    """A reader that counts what it is asked to decode."""

    def __init__(self, reader):
        self._reader, self.reads = reader, []

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read(self, index):
        self.reads.append(index)
        return self._reader.read(index)


@pytest.fixture
def source():
    images = np.random.default_rng(0).integers(0, 256, (7, 28, 28), np.uint8)
    found = open_images(images, layout="NHW")
    return replace(found, reader=Counting(found.reader))


def test_each_image_is_decoded_once_for_all_nets(source):
    cards = {name: load_card(name) for name in NETS}
    found = extract_by_all(source, cards, cache=False, batch_size=3, device="cpu")
    assert source.reader.reads == list(range(7))
    for name, features in found.items():
        alone = ganeval.extract(source, name, cache=False, batch_size=3, device="cpu")
        np.testing.assert_array_equal(features.features, alone.features)
        assert features.digest() == alone.digest()


def test_what_the_cache_has_of_a_net_is_not_computed_again(tmp_path):
    path = tmp_path / "images.npy"
    np.save(path, np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8))
    alone = ganeval.extract(open_images(path, layout="NHW"), "mnist", device="cpu")
    opened = open_images(path, layout="NHW")
    source = replace(opened, reader=Counting(opened.reader))
    found = extract_by_all(source, {"mnist": load_card("mnist")}, device="cpu")
    assert source.reader.reads == [] and found["mnist"].digest() == alone.digest()
    cards = {name: load_card(name) for name in NETS}
    extract_by_all(source, cards, device="cpu")
    before = len(source.reader.reads)
    extract_by_all(source, cards, device="cpu")
    assert len(source.reader.reads) == before


def test_no_images_are_an_error(source):
    with pytest.raises(InputError, match="found no images in"):
        extract_by_all(source.select(range(0)), {"pixels": load_card("pixels")})
