import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import ImageError, InputError, NetError
from ganeval.nets import Card, prepare, resolve_range


def card(**changes):
    return Card(**{"name": "net", "architecture": "pixels", "channels": None, **changes})


def image(shape=(2, 9, 8), dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    if np.issubdtype(dtype, np.floating):
        return rng.uniform(-1, 1, shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def test_channels_that_are_empty_in_the_domains_files_are_dropped():
    wide = card(channels=2, empty_channels=(1,))
    x = image((3, 9, 8))
    x[1] = 0
    np.testing.assert_array_equal(prepare([x], card=wide), prepare([x[[0, 2]]], card=wide))
    np.testing.assert_array_equal(
        prepare([x], card=wide, value_range=((0.0, 255.0), (0.0, 100.0)))[0, 1],
        x[2] / np.float32(100),
    )


def test_a_channel_that_should_be_empty_and_is_not_is_an_error():
    wide = card(channels=2, empty_channels=(1,))
    x = image((3, 9, 8))
    x[1], x[1, 0, 0] = 0, 7
    with pytest.raises(ImageError, match=r"up to 7 in channel 1.*empty.*--channels 0,1"):
        prepare([x], card=wide)
    with pytest.raises(ImageError, match="has 4 channels but net 'net' takes 2"):
        prepare([image((4, 9, 8))], card=wide)


@pytest.mark.parametrize(("dtype", "high"), [(np.uint8, 255), (np.uint16, 65535)])
def test_integers_map_from_their_dtypes_range(dtype, high):
    x = image(dtype=dtype)
    np.testing.assert_allclose(prepare([x], card=card()), x[None] / high, rtol=1e-6)


def test_a_declared_range_comes_before_the_cards_and_that_before_the_dtypes():
    own = card(dtype="uint16", value_range=((0.0, 4095.0),))
    assert resolve_range("uint16", card=own, value_range=((0.0, 9.0),)) == ((0.0, 9.0),)
    assert resolve_range("uint16", card=own) == ((0.0, 4095.0),)
    assert resolve_range("uint8", card=own) == ((0.0, 255.0),)
    assert resolve_range("uint16", card=card()) == ((0.0, 65535.0),)


def test_a_range_per_channel():
    x = image(dtype=np.float32)
    out = prepare([x], card=card(), value_range=((-1.0, 1.0), (0.0, 2.0)))
    expected = (x - np.array([-1, 0]).reshape(2, 1, 1)) / 2
    np.testing.assert_allclose(out[0], expected, atol=1e-6)


def test_a_range_of_other_channels_is_refused():
    with pytest.raises(InputError, match="3 LOW:HIGH pairs but images have 2 channels"):
        prepare([image()], card=card(), value_range=((0.0, 1.0),) * 3)


def test_nothing_is_clipped():
    x = np.array([[[-1.0, 2.0]]], np.float32)
    assert prepare([x], card=card(), value_range=((0.0, 1.0),)).flatten().tolist() == [-1, 2]


def test_float_without_a_range_shows_what_was_seen():
    x = np.array([[[-0.25, 3.5]]], np.float32)
    with pytest.raises(InputError, match=r"observed -0.25 to 3.5.*--value-range LOW:HIGH"):
        prepare([x], card=card())


def test_float_of_a_net_for_other_dtypes_needs_a_range_too():
    with pytest.raises(InputError, match="observed"):
        prepare([image(dtype=np.float32)], card=card(dtype="uint8", value_range=((0.0, 255.0),)))


def test_wrong_channels_name_both_numbers_and_the_ways_out():
    with pytest.raises(ImageError) as raised:
        prepare([image((5, 9, 8))], card=card(channels=3), ids=["cells/7.tif"])
    for part in (
        "cells/7.tif has 5 channels but net 'net' takes 3",
        "--channels 0,1,2",
        "--each-channel",
        "ganeval nets train DATA --name NAME",
    ):
        assert part in str(raised.value)
    assert str(raised.value).index("--axes") < str(raised.value).index("--channels")
    with pytest.raises(ImageError) as raised:
        prepare([image((5, 9, 8))], card=card(channels=3), ids=["cells/7.png"])
    assert "--axes" not in str(raised.value)
    with pytest.raises(ImageError) as raised:
        prepare([image((1, 9, 8))], card=card(channels=2))
    assert "--channels" not in str(raised.value)  # there is nothing to choose from


@pytest.mark.parametrize("changes", [{}, {"input_size": (9, 8)}])
def test_mixed_sizes_are_an_error_unless_the_net_resizes(changes):
    images, ids = [image(), image((2, 12, 8))], ["a", "b"]
    with pytest.raises(ImageError, match=r"b is 12 x 8 pixels .* 9 x 8"):
        prepare(images, card=card(**changes), ids=ids)
    resizing = card(input_size=(9, 8), resize="bilinear-antialias")
    assert prepare(images, card=resizing, ids=ids).shape == (2, 2, 9, 8)


def test_sizes_and_dtypes_hold_across_batches():
    with pytest.raises(ImageError, match="12 x 8"):
        prepare([image((2, 12, 8))], card=card(), size=(9, 8))
    with pytest.raises(ImageError, match="is uint16 but the images before it are uint8"):
        prepare([image(dtype=np.uint16)], card=card(), dtype="uint8")
    with pytest.raises(ImageError, match="b is uint16"):
        prepare([image(), image(dtype=np.uint16)], card=card(), ids=["a", "b"])


def test_no_images_and_unknown_rules_are_named():
    with pytest.raises(InputError, match="no images"):
        prepare([], card=card())
    with pytest.raises(NetError, match=r"resize rule 'magic', known: none, .*bilinear-antialias"):
        prepare([image()], card=card(input_size=(4, 4), resize="magic"))


@pytest.mark.parametrize("rule", ["bilinear-antialias", "inception", "clean", "tensorflow1"])
@settings(max_examples=50, deadline=None)
@given(sizes=st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), min_size=1, max_size=4))
def test_every_image_is_resized_by_itself(rule, sizes):
    resizing = card(input_size=(11, 13), resize=rule)
    images = [image((1, *size), seed=i) for i, size in enumerate(sizes)]
    single = [prepare([x], card=resizing) for x in images]
    torch.testing.assert_close(prepare(images, card=resizing), torch.cat(single))
