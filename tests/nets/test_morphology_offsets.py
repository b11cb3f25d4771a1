import numpy as np
import pytest
import torch

from ganeval.nets import feature_names, feature_words, load_card, load_net, with_settings

NET = load_net("morphology:offsets")


def cell(*centres, size=48, inside=None):
    """An image [c, h, w] with a soft disc in each channel; None is a dark channel."""
    y, x = np.mgrid[:size, :size]
    channels = []
    for centre in centres:
        if centre is None:
            channels.append(np.zeros((size, size)))
            continue
        distance = np.hypot(y - centre[0], x - centre[1])
        channels.append(0.6 / (1 + np.exp(2 * (distance - 9))))
    image = np.stack(channels)
    if inside is not None:
        image[0, inside[0] : inside[0] + 2, inside[1] : inside[1] + 2] = 1.0
    return image


def offsets(image, card=NET.card):
    images = torch.from_numpy(np.asarray(image, np.float32)[None])
    rows = load_net(card)(images).features.numpy()[0]
    names = feature_names(card, len(image))
    assert len(rows) == len(names)
    return {n: np.expm1(x) for n, x in zip(names, rows, strict=True) if n.endswith("offset")}


@pytest.mark.parametrize("move", [(0, 0), (0, 2), (3, 4), (-1.5, 0)])
def test_a_channel_out_of_register_is_as_far_away_as_it_was_moved(move):
    found = offsets(cell((24, 24), (24 + move[0], 24 + move[1])))
    assert found["ch0_ch1.log_offset"] == pytest.approx(np.hypot(*move), abs=0.15)


def test_bright_spots_inside_do_not_matter():
    found = offsets(cell((24, 24), (24, 24), inside=(24, 30)))
    assert found["ch0_ch1.log_offset"] < 0.3


def test_every_two_channels_have_one_and_a_dark_channel_has_none():
    found = offsets(cell((24, 24), (24, 27), None))
    assert list(found) == ["ch0_ch1.log_offset", "ch0_ch2.log_offset", "ch1_ch2.log_offset"]
    assert found["ch0_ch1.log_offset"] == pytest.approx(3, abs=0.15)
    assert found["ch0_ch2.log_offset"] == found["ch1_ch2.log_offset"] == 0


def test_it_is_in_micrometres_with_a_pixel_size():
    card = with_settings(NET.card, pixel_size=0.1)
    found = offsets(cell((24, 24), (24, 28)), card)
    assert found["ch0_ch1.log_offset"] == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("name", ["morphology", "morphology:offsets"])
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_every_column_has_words_about_its_channels(name, channels):
    names, words = (of(load_card(name), channels) for of in (feature_names, feature_words))
    assert len(names) == len(words)
    for column, word in zip(names, words, strict=True):
        where = [part for part in column.partition(".")[0].split("_") if part.startswith("ch")]
        expected = {int(part[2:]) for part in where} if "." in column else set()
        assert set(word.channels) == expected, column


def test_all_other_columns_are_those_of_morphology():
    image = torch.from_numpy(cell((24, 24), (24, 27)).astype(np.float32)[None])
    plain = load_net("morphology")(image).features
    assert torch.equal(NET(image).features[:, : plain.shape[1]], plain)
